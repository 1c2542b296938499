"""What the service counts, for Prometheus: right with several workers, through BentoML's own multi-process folder.

Nothing that was sent becomes a label: routes, outcomes and topics are closed sets.
"""

import functools
from collections.abc import Iterable, Mapping

from standfirst.cache import Cache

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
_TOKENS = (16, 32, 64, 128, 256, 512, 768, 1024, 2048, 4096, 8192)


class Metrics:
    """The service's own metrics; BentoML shows them on ``/metrics`` beside its own."""

    def __init__(self) -> None:
        # Imported late: the library looks for its folder when it is imported, and BentoML names it before.
        from prometheus_client import Counter, Histogram

        def name(rest: str) -> str:
            return f"standfirst_{rest}"

        self._requests = Counter(name("requests"), "Requests by route and outcome", ("route", "outcome"))
        self._paragraphs = Counter(name("paragraphs"), "Paragraphs by route and outcome", ("route", "outcome"))
        self._seconds = Histogram(
            name("request_seconds"), "From the first byte to the last", ("route",), buckets=_SECONDS
        )
        self._queue = Histogram(name("queue_seconds"), "A request's wait for the model", buckets=_SECONDS)
        self._encoder = Histogram(name("encoder_seconds"), "One call of the model", buckets=_SECONDS)
        self._tokens = Histogram(name("batch_tokens"), "Word pieces in one call, with padding", buckets=_TOKENS)
        self._hits = Counter(name("cache_hits"), "Paragraphs whose topics were known")
        self._misses = Counter(name("cache_misses"), "Paragraphs whose topics were not")
        self._labels = Counter(name("labels"), "Labels given; their shares show drift", ("label",))
        self._swaps = Counter(name("model_swaps"), "New models met, by outcome", ("outcome",))

    def queued(self, seconds: float) -> None:
        """A request's first row has waited so long."""
        self._queue.observe(seconds)

    def called(self, seconds: float, n_tokens: int) -> None:
        """A call of the model took so long for so many word pieces."""
        self._encoder.observe(seconds)
        self._tokens.observe(n_tokens)

    def answered(self, route: str, outcome: str, seconds: float, n_paragraphs: int, n_errors: int) -> None:
        """A request has ended: ``ok``, or the code of its error."""
        self._requests.labels(route, outcome).inc()
        self._seconds.labels(route).observe(seconds)
        if n_paragraphs > n_errors:
            self._paragraphs.labels(route, "ok").inc(n_paragraphs - n_errors)
        if n_errors:
            self._paragraphs.labels(route, "error").inc(n_errors)

    def labelled(self, labels: Mapping[str, int]) -> None:
        """So many paragraphs were given each label."""
        for label, count in labels.items():
            self._labels.labels(label).inc(count)

    def cached(self, cache: Cache) -> None:
        """Add what a cache counted since the last call."""
        hits, misses = cache.counted()
        self._hits.inc(hits)
        self._misses.inc(misses)

    def swapped(self, outcome: str) -> None:
        """A new model folder was met: ``done`` or ``refused``."""
        self._swaps.labels(outcome).inc()

    def expect(self, routes: Iterable[str], labels: Iterable[str]) -> None:
        """Show a zero for what has not happened yet, so that a rate can be taken of the first time it does."""
        for route in routes:
            self._requests.labels(route, "ok")
        for label in labels:
            self._labels.labels(label)


@functools.cache
def metrics() -> Metrics:
    """The metrics of this process; made once, since the library refuses a second set of the same names."""
    return Metrics()
