"""Users as a newsroom has them, for ``locust -f benchmarks/locustfile.py --host http://127.0.0.1:3000``.

A desk reads its growing blog every few seconds, an alert bot labels single paragraphs, an archive sends many at once.
Run it in the checkout; locust needs an environment of its own.
"""

from itertools import count

from locust import HttpUser, between, constant, task

from benchmarks.speed import paragraphs

_CORPUS = paragraphs(1000)
_fresh = count()


def _paragraph() -> str:
    number = next(_fresh)
    return f"{number}. {_CORPUS[number % len(_CORPUS)]}"


class Desk(HttpUser):
    """Its blog grows by an update each time, up to sixty; then a new one begins."""

    weight = 5
    wait_time = between(2, 8)

    def on_start(self):
        self.lines = ["A long day in the harbour: live"]

    @task
    def read(self):
        self.lines += ["", f"{len(self.lines) % 24:02}:00", "", _paragraph()]
        if len(self.lines) > 240:
            self.on_start()
        self.client.post("/v1/read", json={"document": "\n".join(self.lines) + "\n\n" + _paragraph()})


class AlertBot(HttpUser):
    """One paragraph at a time."""

    weight = 10
    wait_time = between(0.2, 2)

    @task
    def label(self):
        body = {"paragraphs": [{"text": _paragraph()}]}
        self.client.post("/v1/label", json=body, name="/v1/label, one")


class Archive(HttpUser):
    """Two hundred at once, and again as soon as they are done."""

    weight = 1
    wait_time = constant(0.5)

    @task
    def label(self):
        body = {"paragraphs": [{"text": _paragraph()} for _ in range(200)]}
        self.client.post("/v1/label", json=body, name="/v1/label, 200")
