import hashlib
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bentoml
import pytest
from starlette.testclient import TestClient

from serving import wire
from serving.batcher import Batcher
from serving.demo import SAMPLE
from serving.service import Standfirst
from standfirst import cli
from standfirst.encoder import Encoder, scheduled
from standfirst.pieces import Pieces
from standfirst.reader import MODELS
from standfirst.summarize.compress import joined

BLOG = SAMPLE.read_text(encoding="utf-8")


def error_of(response: Any) -> tuple[int, str, str]:
    """Status, code and place of an error, whose form is checked."""
    wire.ErrorAnswer.model_validate(response.json())
    error = response.json()["error"]
    return response.status_code, error["code"], error["where"]


def test_label_gives_each_paragraph_its_topics(client: TestClient) -> None:
    paragraphs = [
        {"id": "a", "text": "drones hit the port"},
        {"id": 7, "text": "the news", "context": "envoys met"},
        {"text": ""},
    ]
    response = client.post("/v1/label", json={"paragraphs": paragraphs})
    answer = wire.LabelAnswer.model_validate(response.json())
    assert response.status_code == 200
    assert [p.id for p in answer.paragraphs] == ["a", 7, None]
    assert [[t.label for t in p.labels] for p in answer.paragraphs] == [["strikes"], ["diplomacy"], []]
    assert all(len(p.scores) == 4 for p in answer.paragraphs)
    assert answer.models.topics.startswith("topics-")


def test_a_wrong_paragraph_spoils_no_other(client: TestClient) -> None:
    rows = [
        {"id": "a", "text": "drones hit the port"},
        {"id": "b", "txt": "x"},
        {"text": "c" * 100_001},
        {"text": "flour"},
    ]
    response = client.post("/v1/label", json={"paragraphs": rows})
    answer = wire.LabelAnswer.model_validate(response.json())
    assert response.status_code == 200
    assert [isinstance(p, wire.WrongParagraph) for p in answer.paragraphs] == [False, True, True, False]
    assert [p.id for p in answer.paragraphs] == ["a", "b", None, None]
    wrong = [p.error for p in answer.paragraphs if isinstance(p, wire.WrongParagraph)]
    assert [(e.code, e.where) for e in wrong] == [
        ("invalid_input", "paragraphs[1].txt"),
        ("too_large", "paragraphs[2].text"),
    ]
    all_wrong = client.post("/v1/label", json={"paragraphs": rows[1:3]})
    assert error_of(all_wrong) == (422, "invalid_input", "paragraphs[0].txt")


def test_a_bug_in_one_paragraph_spoils_no_other(client: TestClient) -> None:
    service: Any = bentoml.get_current_service()
    reader = service.engine.reader
    whole = reader.label

    def label(texts: list[str], *rest: Any, **options: Any) -> Any:
        if "poison" in texts:
            raise ZeroDivisionError
        return whole(texts, *rest, **options)

    reader.label = label
    answer = client.post("/v1/label", json={"paragraphs": [{"text": "flour"}, {"text": "poison"}]}).json()
    first, second = answer["paragraphs"]
    assert first["labels"][0]["label"] == "aid"
    assert second["error"]["code"] == "internal"


def test_what_is_long_is_read_in_windows_and_says_so(client: TestClient) -> None:
    text = "the news of the port " * 40 + "drones hit " * 10
    long, short = client.post("/v1/label", json={"paragraphs": [{"text": text}, {"text": "news"}]}).json()["paragraphs"]
    assert long["windows"] > 1
    assert [topic["label"] for topic in long["labels"]] == ["strikes"]
    assert "windows" not in short


def test_info_tells_what_answers(client: TestClient, model_folders: dict[str, Path]) -> None:
    answer = wire.InfoAnswer.model_validate(client.get("/v1/info").json())
    assert set(answer.models) == {"topics", "summary"}
    graph = (model_folders["topics"] / "model.onnx").read_bytes()
    assert answer.models["topics"].files["model.onnx"] == hashlib.sha256(graph).hexdigest()
    assert (answer.limits.json_depth, answer.refused, answer.tokens) == (200, None, False)
    assert answer.versions.bentoml.startswith("1.4")


def test_no_web_page_may_call_unless_its_origin_is_named(environment: pytest.MonkeyPatch) -> None:
    ask = {"Origin": "https://cms.example.org", "Access-Control-Request-Method": "POST"}
    closed = TestClient(Standfirst.to_asgi()).options("/v1/label", headers=ask)
    assert not [name for name in closed.headers if name.startswith("access-control")]
    environment.setenv("STANDFIRST_CORS_ORIGINS", "https://cms.example.org")
    client = TestClient(Standfirst.to_asgi())
    answer = client.options("/v1/label", headers=ask)
    assert answer.headers["access-control-allow-origin"] == "https://cms.example.org"
    assert client.options("/v1/label", headers={**ask, "Origin": "https://other.example"}).status_code == 400


@pytest.mark.slow
def test_answers_are_the_same_bits_online_and_alone() -> None:
    """The shipped model: rows in one queue with others, in any order and budget, against the library alone."""
    texts = [p for p in BLOG.splitlines() if p.strip()][:24]
    encoder = Encoder(MODELS / "topics" / "model.onnx", threads=1)
    pieces = Pieces(MODELS / "topics" / "tokenizer.json", 256, 64)
    rows = pieces.windows(texts, [texts[0] if i % 2 else None for i in range(len(texts))])
    alone = [encoder.run([row])[0] for row in rows]
    batcher = Batcher(512)
    with scheduled(batcher.run):
        queued = Encoder(MODELS / "topics" / "model.onnx", threads=2)
    with ThreadPoolExecutor(4) as pool:
        orders = [random.Random(seed).sample(range(len(rows)), len(rows)) for seed in range(4)]
        found = list(pool.map(lambda order: queued.run([rows[i] for i in order]), orders))
    batcher.close()
    for order, outputs in zip(orders, found, strict=True):
        for i, output in zip(order, outputs, strict=True):
            assert output.tobytes() == alone[i].tobytes()


def test_label_takes_a_threshold_and_no_paragraphs(client: TestClient) -> None:
    body = {"paragraphs": [{"text": "drones hit"}], "threshold": 0}
    assert len(client.post("/v1/label", json=body).json()["paragraphs"][0]["labels"]) == 4
    assert client.post("/v1/label", json={"paragraphs": []}).json()["paragraphs"] == []


def test_summarize_points_back_into_a_text(client: TestClient) -> None:
    text = "  The port was hit.\n\n The minister resigned on the news. The envoys met.\n"
    response = client.post("/v1/summarize", json={"text": text, "max_words": 7})
    answer = wire.SummarizeAnswer.model_validate(response.json())
    assert answer.summary
    assert answer.words <= 7
    assert answer.summary == joined([p.text for p in answer.pieces])
    for piece in answer.pieces:
        assert piece.paragraph is None
        assert text[piece.start : piece.end] == piece.text


def test_summarize_points_back_into_paragraphs(client: TestClient) -> None:
    paragraphs = ["Drones struck.", {"id": "x", "text": " Flour was pledged."}]
    answer = client.post("/v1/summarize", json={"paragraphs": paragraphs}).json()
    texts = {0: "Drones struck.", "x": " Flour was pledged."}
    assert {p["paragraph"] for p in answer["pieces"]} == {0, "x"}
    for piece in answer["pieces"]:
        assert texts[piece["paragraph"]][piece["start"] : piece["end"]] == piece["text"]


@pytest.mark.parametrize(
    "paragraphs",
    [
        ["Drones struck.", {"id": 0, "text": "Flour was pledged."}],
        [{"id": 1, "text": "Drones struck."}, "Flour was pledged."],
        [{"id": "a", "text": "Drones struck."}, {"id": "a", "text": "Flour was pledged."}],
    ],
)
def test_summarize_refuses_paragraphs_that_cannot_be_told_apart(client: TestClient, paragraphs: list[Any]) -> None:
    answer = client.post("/v1/summarize", json={"paragraphs": paragraphs})
    assert error_of(answer) == (422, "invalid_input", "paragraphs[1].id")
    apart = [{"id": "0", "text": "Drones struck."}, {"id": 0, "text": "Flour was pledged."}]
    assert client.post("/v1/summarize", json={"paragraphs": apart}).status_code == 200


@pytest.mark.parametrize("body", [{"text": " \n"}, {"paragraphs": []}])
def test_summarize_of_nothing_is_null(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/v1/summarize", json=body).json()
    assert (answer["summary"], answer["words"], answer["pieces"]) == (None, 0, [])


def test_read_answers_as_the_command_line(
    client: TestClient, model_folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"document": BLOG, "max_words": 60, "topics": ["aid", "strikes"], "per_topic": 2, "lines": "generated"}
    response = client.post("/v1/read", json=asked)
    wire.ReadAnswer.model_validate(response.json())
    options = ["--max-words", "60", "--topic", "aid", "--topic", "strikes", "--per-topic", "2", "--lines", "generated"]
    folders = ["--topics", str(model_folders["topics"]), "--summary", str(model_folders["summary"])]
    assert cli.main(["read", str(SAMPLE), "--output", "json", *options, *folders]) == 0
    assert response.json() == json.loads(capsys.readouterr().out)
    assert len(response.json()["updates"]) == 10


@pytest.mark.parametrize("output", wire.READ_OUTPUTS)
def test_read_answers_in_every_form_as_the_command_line(
    client: TestClient, model_folders: dict[str, Path], capsys: pytest.CaptureFixture[str], output: str
) -> None:
    response = client.post("/v1/read", json={"document": BLOG, "output": output})
    folders = ["--topics", str(model_folders["topics"]), "--summary", str(model_folders["summary"])]
    assert cli.main(["read", str(SAMPLE), "--output", output, *folders]) == 0
    printed = capsys.readouterr().out
    if output == "markdown":
        assert response.headers["content-type"] == "text/markdown; charset=utf-8"
        assert response.text == printed
    else:
        assert response.headers["content-type"] == "application/json"
        assert response.json() == json.loads(printed)


def test_no_text_ends_the_script_that_an_answer_stands_in(client: TestClient) -> None:
    headline = "Ferries <!--<script> live</script><script>rain()"
    update = {"@type": "BlogPosting", "articleBody": "The port was hit."}
    posting = {"@type": "LiveBlogPosting", "headline": headline, "liveBlogUpdate": [update]}
    response = client.post("/v1/read", json={"document": posting, "output": "jsonld"})
    assert response.json()["headline"] == headline
    assert "<" not in response.text


def test_labels_tells_what_the_labels_mean(client: TestClient) -> None:
    answer = wire.LabelsAnswer.model_validate(client.get("/v1/labels").json())
    assert [label.name for label in answer.labels] == ["diplomacy", "strikes", "aid", "personnel"]
    first = answer.labels[0]
    assert (first.definition, first.threshold) == ("about diplomacy", 0.5)
    assert first.media_topic is not None
    assert first.media_topic.uri == "http://cv.iptc.org/newscodes/mediatopic/20000000"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/lable", 404, "not_found"),
        ("POST", "/", 405, "method_not_allowed"),
        ("GET", "/v1/label", 405, "method_not_allowed"),
        ("POST", "/v1/labels", 405, "method_not_allowed"),
        ("DELETE", "/livez", 405, "method_not_allowed"),
    ],
)
def test_what_bentoml_refuses_has_our_form(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    response = client.request(method, path)
    assert error_of(response)[:2] == (status, code)
    assert ("allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(
    ("body", "status", "code", "where"),
    [
        ({"document": ""}, 422, "empty_document", "document"),
        ({"document": " \n\t"}, 422, "empty_document", "document"),
        ({"document": "..."}, 422, "not_a_live_blog", "document"),
        ({"document": {"@type": "Recipe"}}, 422, "not_a_live_blog", "document"),
        ({"document": "word " * 30_000}, 413, "too_large", "document"),
        ({"document": "Harbour live\n\n" + "The port is shut.\n\n" * 11_000}, 413, "too_large", "document"),
        ({"document": BLOG, "format": "pdf"}, 422, "invalid_input", "format"),
        ({"document": BLOG, "output": "text"}, 422, "invalid_input", "output"),
        ({"document": BLOG, "topics": ["weather"]}, 422, "invalid_input", "topics"),
        ({"document": BLOG, "topics": []}, 422, "invalid_input", "topics"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(
    client: TestClient, body: dict[str, Any], status: int, code: str, where: str
) -> None:
    assert error_of(client.post("/v1/read", json=body)) == (status, code, where)


def test_a_refusal_of_the_gate_reaches_the_caller(client: TestClient) -> None:
    response = client.post("/v1/label", content=b"{}", headers={"content-type": "text/plain"})
    assert error_of(response) == (415, "unsupported_media_type", "Content-Type")


def test_a_bug_tells_nothing_of_the_input(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    def fail(texts: list[str], *args: object, **options: object) -> None:
        raise ValueError(f"cannot read {texts}")

    caplog.set_level("DEBUG")
    service: Any = bentoml.get_current_service()
    service.engine.reader.label = fail
    response = client.post("/v1/label", json={"paragraphs": [{"text": "CANARY"}]})
    assert error_of(response) == (500, "internal", "")
    (bug,) = [r for r in caplog.records if r.getMessage() == "a bug"]
    assert bug.fields["error"] == "ValueError"  # type: ignore[attr-defined]
    assert "CANARY" not in caplog.text + response.text + str(vars(bug))


def test_livez_answers_while_a_blog_is_read(client: TestClient) -> None:
    gate = threading.Event()
    service: Any = bentoml.get_current_service()
    service.engine.reader.label = lambda *args, **options: gate.wait(10) and []
    answers: list[int] = []

    def post() -> None:
        answers.append(client.post("/v1/label", json={"paragraphs": []}).status_code)

    caller = threading.Thread(target=post)
    caller.start()
    assert client.get("/livez").status_code == 200
    assert answers == []
    gate.set()
    caller.join(10)
    assert answers == [200]


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/").text
    assert "http" not in page
    for line in page.split('"'):
        if line.startswith("./"):
            assert client.get(line[1:]).status_code == 200, line


def test_a_wrong_setting_stops_the_start(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STANDFIRST_JOBS", "none")
    with pytest.raises(bentoml.exceptions.BentoMLConfigException, match="STANDFIRST_JOBS: expected a whole"):
        Standfirst.inner.check()


def test_a_damaged_model_stops_the_start(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("STANDFIRST_TOPICS", str(tmp_path))
    with pytest.raises(bentoml.exceptions.BentoMLConfigException, match=r"no manifest\.json"):
        Standfirst.inner.check()


@pytest.mark.slow
def test_an_archive_job_says_what_label_says_bit_for_bit(environment, app: Any, tmp_path: Path) -> None:
    """The shipped model, through the service's batches and through the processes of ``standfirst score``."""
    import pyarrow.parquet as pq

    texts = [line for line in BLOG.splitlines() if line.strip()][:30]
    rows = [{"text": text, "context": texts[0]} if n % 3 else {"text": text} for n, text in enumerate(texts)]
    rows += [{"text": " ".join(texts)}, {"text": ""}, {"text": "Два дрони влучили в порт 🚢"}]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    environment.setenv("STANDFIRST_TOPICS", str(MODELS / "topics"))
    with TestClient(app) as client:
        answer = client.post("/v1/label", json={"paragraphs": rows}).json()
    assert cli.main(["score", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out"), "--processes", "2"]) == 0
    scored = pq.read_table(tmp_path / "out" / "parts").to_pylist()
    assert len(scored) == len(answer["paragraphs"]) == len(rows) > 20
    for row, said in zip(scored, answer["paragraphs"], strict=True):
        assert row["labels"] == [label["label"] for label in said["labels"]]
        assert {name: row[f"score_{name}"] for name in said["scores"]} == said["scores"]
        assert row["windows"] == said.get("windows", 1)
        assert row["topics_model"] == answer["models"]["topics"]
    assert max(row["windows"] for row in scored) > 1
