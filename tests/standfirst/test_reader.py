import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import standfirst
from standfirst.errors import InputError, ModelNotFound
from standfirst.reader import Reader
from standfirst.schema import LiveBlog, Report, Topics
from standfirst.summarize.compress import joined

TEXTS = ["the drone hit the port", "aid for the city", "the minister resigned"]


@pytest.fixture
def rows_run(fresh_reader: Reader, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many rows each encoder has run since."""
    counts = {"topics": 0, "summary": 0}
    for name in counts:
        encoder = getattr(fresh_reader, name)._encoder

        def run(rows, name=name, run=encoder.run):
            counts[name] += len(rows)
            return run(rows)

        monkeypatch.setattr(encoder, "run", run)
    return counts


@pytest.fixture
def seen(fresh_reader: Reader, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Each text that the topic model is shown, with its context."""
    shown = {}
    classify = fresh_reader.topics.classify

    def spy(texts, contexts, *, threshold=None) -> list[Topics]:
        shown.update(zip(texts, contexts, strict=True))
        return classify(texts, contexts, threshold=threshold)

    monkeypatch.setattr(fresh_reader.topics, "classify", spy)
    return shown


def test_what_was_labelled_before_costs_nothing(fresh_reader: Reader, rows_run: dict[str, int]) -> None:
    first = fresh_reader.label(TEXTS)
    assert rows_run["topics"] == 3
    again = fresh_reader.label(TEXTS[::-1])
    assert rows_run["topics"] == 3
    assert all(a is b for a, b in zip(first, again[::-1], strict=True))


def test_equal_rows_are_read_once(fresh_reader: Reader, rows_run: dict[str, int]) -> None:
    found = fresh_reader.label([TEXTS[0]] * 5, ["talks", "talks", None, None, "  "])
    assert rows_run["topics"] == 2
    assert found[0] is found[1]
    assert found[2] is found[3] is found[4]
    assert found[0].scores != found[2].scores


def test_the_threshold_is_part_of_what_is_remembered(fresh_reader: Reader) -> None:
    all_names = fresh_reader.labels.names
    fresh_reader.label(TEXTS)
    assert [set(t.names) for t in fresh_reader.label(TEXTS, threshold=0.0)] == [set(all_names)] * 3
    assert [t.names for t in fresh_reader.label(TEXTS, threshold=1.0)] == [()] * 3
    own = fresh_reader.label(TEXTS)
    assert own == fresh_reader.label(TEXTS, threshold=0.5)  # the tiny model's own


def test_one_context_stands_over_all(fresh_reader: Reader) -> None:
    assert fresh_reader.label(TEXTS, "talks") == fresh_reader.label(TEXTS, ["talks"] * 3)
    assert fresh_reader.label(TEXTS, None) == fresh_reader.label(TEXTS, [None, "", " "]) == fresh_reader.label(TEXTS)
    assert fresh_reader.label([]) == fresh_reader.label([], "talks") == []


@pytest.mark.parametrize(
    ("texts", "options", "where", "words"),
    [
        ("one string", {}, "texts", "expected a list"),
        (["a", 3], {}, "texts[1]", "expected a string, got int"),
        ([None], {}, "texts[0]", "expected a string, got NoneType"),
        ([b"a"], {}, "texts[0]", "got bytes"),
        (["a", "b"], {"context": ["x"]}, "context", "1 contexts came for 2 texts"),
        ([], {"context": ["x"]}, "context", "1 contexts came for 0 texts"),
        (["a", "b"], {"context": [None, 7]}, "context[1]", "expected a string, got int"),
        (["a"], {"context": 7}, "context", "got int"),
        (["a"], {"threshold": 1.5}, "threshold", "expected 0 to 1"),
        (["a"], {"threshold": float("nan")}, "threshold", "expected 0 to 1"),
    ],
)
def test_wrong_arguments_are_refused(tiny_reader: Reader, texts, options: dict, where: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        tiny_reader.label(texts, **options)
    assert caught.value.where == where
    assert words in caught.value.message


def test_wrong_ways_to_a_line_are_refused(tiny_reader: Reader, blog: LiveBlog) -> None:
    with pytest.raises(InputError, match="one string came"):
        tiny_reader.summarize("one string")
    with pytest.raises(InputError, match="lines = 'foo'; expected one of headline, generated"):
        tiny_reader.read(blog, lines="foo")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="max_words = 0"):
        tiny_reader.summary.standfirst(blog.updates[0], max_words=0)


def test_lines_may_be_the_models_where_there_is_a_headline(tiny_reader: Reader, blog: LiveBlog) -> None:
    written, own = (tiny_reader.read(blog, lines=lines).updates[0].standfirst for lines in ("headline", "generated"))
    assert written is not None
    assert own is not None
    assert (written.origin, own.origin) == ("headline", "extracted")
    assert own.text in " ".join(p.text for p in blog.updates[0].paragraphs)


def test_odd_texts_are_no_trouble(tiny_reader: Reader) -> None:
    empty, half, long = tiny_reader.label(["", "port \ud800", "the port " * 2000])
    assert empty.names == ()
    assert half.n_windows == 1
    assert long.n_windows > 10


def test_the_context_is_the_headline_and_never_the_title(fresh_reader: Reader, blog: LiveBlog, seen: dict) -> None:
    fresh_reader.read(blog)
    first, second, third, _ = blog.updates
    expected = {p.text: None for p in blog.opening} | {p.text: None for p in second}
    for update in (first, third):
        expected |= {update.headline.text: None}
        expected |= {p.text: update.headline.text for p in update.paragraphs if p.kind == "text"}
    assert seen == expected
    assert blog.title not in seen.values()


def test_bylines_and_pointers_are_not_read_and_have_no_topics(fresh_reader: Reader, blog: LiveBlog, seen: dict) -> None:
    report = fresh_reader.read(blog)
    silent = [p for u in report.updates for p in u.paragraphs if p.paragraph.kind in ("byline", "pointer")]
    assert len(silent) == 4
    assert {p.paragraph.text for p in silent}.isdisjoint(seen)
    for p in silent:
        assert p.topics == Topics((), dict.fromkeys(fresh_reader.labels.names, 0.0))
    assert report.updates[3].standfirst is None
    assert report.updates[3].topics == ()


def test_a_report_mirrors_its_blog(tiny_reader: Reader, blog: LiveBlog) -> None:
    report = tiny_reader.read(blog)
    assert report.blog is blog
    reads = (report.opening, *report.updates)
    assert [r.update for r in reads] == [blog.opening, *blog.updates]
    assert [p.paragraph for r in reads for p in r.paragraphs] == list(blog.paragraphs())
    for read in reads:
        carried = {name for p in read.paragraphs for name in p.topics.names}
        assert read.topics == tuple(n for n in tiny_reader.labels.names if n in carried)
    assert report.digest == tiny_reader.digest(blog)
    assert report.models == tiny_reader.models
    assert report.models["labels"] == "topics-1"


def lines(report: Report) -> list:
    return [u.standfirst for u in (report.opening, *report.updates) if u.standfirst] + [
        p.line for p in report.digest.points
    ]


def test_every_word_of_a_line_stands_in_the_source(bag_reader: Reader, blog: LiveBlog) -> None:
    by_id = {p.id: p for p in blog.paragraphs()}
    found = lines(bag_reader.read(blog))
    assert len(found) >= 4 + 4  # the opening and three updates with news; and the digest
    for line in found:
        assert line.text == joined([p.text for p in line.pieces])
        for piece in line.pieces:
            home = by_id[piece.paragraph_id]
            assert home.text[piece.start : piece.end] == piece.text
            assert blog.source[piece.source_start : piece.source_start + len(piece.text)] == piece.text
            assert home.kind not in ("byline", "pointer", "title")
            assert home.repeat_of is None


def test_a_blog_read_before_costs_nothing(fresh_reader: Reader, blog: LiveBlog, rows_run: dict[str, int]) -> None:
    first = fresh_reader.read(blog)
    before = dict(rows_run)
    assert min(before.values()) > 0
    assert fresh_reader.read(blog, max_words=40) != first
    assert fresh_reader.read(blog) == first
    assert rows_run == before


def test_a_blog_that_grew_costs_what_is_new(fresh_reader: Reader, blog: LiveBlog, seen: dict) -> None:
    newest, *older = blog.updates
    fresh_reader.read(dataclasses.replace(blog, updates=tuple(older)))
    seen.clear()
    fresh_reader.read(blog)
    assert set(seen) == {p.text for p in newest if p.kind in ("headline", "text")}


def test_the_order_of_updates_changes_no_label_and_no_line(fresh_reader: Reader, tiny_reader, blog: LiveBlog) -> None:
    turned = fresh_reader.read(dataclasses.replace(blog, updates=blog.updates[::-1]))
    assert turned.updates[::-1] == tiny_reader.read(blog).updates


def test_answers_are_the_same_without_a_cache(
    tiny_models: dict[str, Path], tiny_reader: Reader, blog: LiveBlog
) -> None:
    bare = standfirst.load(tiny_models["topics"], tiny_models["summary"], cache_bytes=0)
    assert bare.read(blog) == tiny_reader.read(blog)
    assert bare.cache.n_bytes == 0


def test_threads_share_a_reader(fresh_reader: Reader, tiny_reader: Reader, blog: LiveBlog) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(map(repr, pool.map(fresh_reader.read, [blog] * 8))) == {repr(tiny_reader.read(blog))}


def test_loose_paragraphs_are_summarised(tiny_reader: Reader) -> None:
    texts = ["The port was shut on Monday. Two drones hit the market.", "The minister resigned."]
    line = tiny_reader.summarize(texts, max_words=9)
    assert 0 < line.n_words <= 9
    for piece in line.pieces:
        assert texts[int(piece.paragraph_id)][piece.start : piece.end] == piece.text
        assert piece.source_start == piece.start
    assert tiny_reader.summarize([]) is None
    assert tiny_reader.summarize(["  "]) is None


@pytest.mark.parametrize("which", ["topics", "summary"])
def test_a_missing_model_is_refused(tiny_models: dict[str, Path], tmp_path: Path, which: str) -> None:
    with pytest.raises(ModelNotFound, match="no such model folder"):
        standfirst.load(**(tiny_models | {which: tmp_path / "none"}))
