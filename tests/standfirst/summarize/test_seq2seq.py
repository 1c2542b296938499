"""Lines that a seq2seq model writes; the models are random, or say what a test tells them to."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import standfirst
from standfirst import render
from standfirst.cache import Cache
from standfirst.errors import InputError, ModelCorrupt, ModelNotFound
from standfirst.manifest import write_manifest
from standfirst.reader import Reader, is_written, load_summary
from standfirst.schema import Line, LiveBlog, Paragraph, Update
from standfirst.summarize import Summarizer
from standfirst.summarize.seq2seq import Draft, Writer, WritingSummarizer, is_id, is_seq2seq, load_writer

ROOT = Path(__file__).resolve().parents[3]
MakeBlog = Callable[..., LiveBlog]
TEXT = "The army sent flour to the port of Ostra by air. Forty tents were not sent, the minister said."
PARAGRAPH = Paragraph("p1", TEXT, "text", 100, 100 + len(TEXT))
UPDATE = Update("u1", None, (PARAGRAPH,))


@pytest.fixture(autouse=True)
def one_thread():
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Told(Writer):
    """Writes what it was told, and counts how often it was asked."""

    def __init__(self, text: str | None, *, finished: bool = True) -> None:
        self.version = "seq2seq-told"
        self.text = text
        self.finished = finished
        self.asked: list[Sequence[str]] = []

    def write(self, sources: Sequence[Sequence[str]], max_words: int) -> list[Draft]:
        self.asked += sources
        return [Draft(" ".join(s) if self.text is None else self.text, self.finished, len(s)) for s in sources]


def summarizer(base: Summarizer, text: str | None, **options: bool) -> WritingSummarizer:
    return WritingSummarizer(base, Told(text, **options), cache=Cache(2**20))


@pytest.fixture(scope="module")
def base(tiny_models: dict[str, Path]) -> Summarizer:
    return Summarizer.load(tiny_models["summary"], threads=1)


def test_a_faithful_line_is_shown_with_what_it_rests_on(base: Summarizer) -> None:
    line = summarizer(base, "Army sends flour to Ostra by air").standfirst(UPDATE)
    assert line is not None
    assert (line.text, line.origin, line.reason) == ("Army sends flour to Ostra by air", "generated", None)
    (piece,) = line.pieces
    assert piece.text == "The army sent flour to the port of Ostra by air." == TEXT[piece.start : piece.end]
    assert (piece.paragraph_id, piece.source_start) == ("p1", 100 + piece.start)


@pytest.mark.parametrize(
    ("text", "finished", "reason"),
    [
        ("Navy sends flour to Lenn by air", True, "name not in the source: Navy; name not in the source: Lenn"),
        ("Forty tents were sent, minister says", True, "negation lost"),
        ("Army sends flour to Ostra by", False, "the generated line came to no end"),
        ("flour " * 41, True, "the generated line has more than 40 words"),
        ("", True, "nothing is said"),
    ],
)
def test_another_line_gives_way_to_the_extractive_one_and_says_why(
    base: Summarizer, text: str, finished: bool, reason: str
) -> None:
    line, own = summarizer(base, text, finished=finished).standfirst(UPDATE), base.standfirst(UPDATE)
    assert line is not None
    assert own is not None
    assert line.reason is not None
    assert (line.text, line.origin, line.pieces) == (own.text, "extracted", own.pieces)
    assert line.reason.startswith(reason)


def test_a_headline_stays_and_an_update_without_prose_has_no_line(base: Summarizer) -> None:
    headline = Paragraph("h", "Flour for Ostra", "headline", 0, 15)
    own = summarizer(base, "Army sends flour to Ostra by air")
    line = own.standfirst(Update("u", headline, (PARAGRAPH,)))
    assert line is not None
    assert (line.text, line.origin) == ("Flour for Ostra", "headline")
    assert own.standfirst(Update("u", None, ())) is None
    assert own.summarize([]) is None
    made = own.standfirst(Update("u", headline, (PARAGRAPH,)), lines="generated")
    assert made is not None
    assert made.origin == "generated"


def test_loose_paragraphs_and_the_limit(base: Summarizer) -> None:
    own = summarizer(base, "Army sends flour to Ostra by air")
    line = own.summarize([PARAGRAPH])
    assert line is not None
    assert line.origin == "generated"
    short = own.summarize([PARAGRAPH], max_words=5)
    assert short is not None
    assert short.reason == "the generated line has more than 5 words"
    with pytest.raises(InputError, match="max_words"):
        own.summarize([PARAGRAPH], max_words=0)


def test_a_line_without_capitals_gets_those_of_its_source(base: Summarizer) -> None:
    line = summarizer(base, "army sends flour to ostra by air").standfirst(UPDATE)
    assert line is not None
    assert line.text == "Army sends flour to Ostra by air"


def test_a_blog_is_written_in_one_go_and_again_for_nothing(
    base: Summarizer, tiny_reader: Reader, blog: LiveBlog
) -> None:
    own = summarizer(base, None)
    reader = Reader(tiny_reader.topics, own)
    report = reader.read(blog)
    assert reader.models["summary"] == f"seq2seq-told+{base.version}"
    origins = {read.standfirst.origin for read in report.updates if read.standfirst}
    assert origins <= {"headline", "generated", "extracted"}
    count = len(own.writer.asked)
    assert count == len({tuple(s) for s in own.writer.asked})
    reader.read(blog)
    assert len(own.writer.asked) == count


def test_a_digest_is_worded_within_its_words(base: Summarizer, tiny_reader: Reader, make_blog: MakeBlog) -> None:
    blog = make_blog(None, [], (None, [("text", TEXT)], 16))

    def point(text: str | None, max_words: int) -> Line:
        made = Reader(tiny_reader.topics, summarizer(base, text)).digest(blog, max_words=max_words)
        assert made.n_words <= max_words
        (line,) = (p.line for p in made.points)
        return line

    own = point(None, 30)  # the sentence itself, whichever was chosen
    assert own.origin == "generated"
    homes = {p.id: p for p in blog.paragraphs()}
    assert all(homes[p.paragraph_id].text[p.start : p.end] == p.text for p in own.pieces)
    longer = point(f"{own.text[:-1]}, {own.text[:-1]}", own.n_words)
    assert (longer.origin, longer.reason) == ("extracted", "longer than the digest has room for")


def test_the_reason_is_in_the_json_and_only_there_where_it_is(base: Summarizer) -> None:
    own = summarizer(base, "Navy sends flour").standfirst(UPDATE)
    assert own is not None
    assert "Navy" in render.line_json(own)["reason"]
    made = summarizer(base, "Army sends flour to Ostra by air").standfirst(UPDATE)
    assert made is not None
    assert "reason" not in render.line_json(made)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tiny_t5", "tiny_bart"])
def test_a_random_checkpoint_reads_a_blog(
    kind: str, request: pytest.FixtureRequest, tiny_models: dict[str, Path], blog: LiveBlog
) -> None:
    folder = request.getfixturevalue(kind)
    assert is_seq2seq(folder)
    reader = standfirst.load(tiny_models["topics"], folder, threads=1)
    report = reader.read(blog)
    lines = [read.standfirst for read in report.updates if read.standfirst]
    assert lines
    for line in lines:
        assert line.origin == "headline" or (line.origin == "generated") == (line.reason is None)
    assert reader.models["summary"].startswith("seq2seq-")


@pytest.mark.slow
def test_writing_is_the_same_again_and_stops_at_the_limit(tiny_bart: Path) -> None:
    writer = load_writer(tiny_bart)
    sources = [["the army hit the port ."], ["rain in the city", "the minister resigned"]]
    first = writer.write(sources, 4)
    assert first == load_writer(tiny_bart).write(sources, 4)
    assert [d.n_read for d in first] == [1, 2]
    assert all(len(d.text.split()) <= 16 for d in first)
    assert writer.write([], 4) == []


@pytest.mark.slow
def test_of_a_long_source_whole_sentences_are_read(tiny_bart: Path) -> None:
    writer = load_writer(tiny_bart)  # 64 tokens
    sentence = "the army hit the port in the city at night"  # 10
    assert [d.n_read for d in writer.write([[sentence] * 20, [" ".join([sentence] * 20)]], 2)] == [6, 1]


def test_a_folder_with_a_manifest_is_checked(tiny_t5: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_t5, folder)
    assert load_writer(folder).version == load_writer(tiny_t5).version  # of the same bytes
    write_manifest(folder, kind="seq2seq", facts={"recipe": {"fit": {"prefix": "tell: ", "max_source_tokens": 40}}})
    writer = load_writer(folder)
    assert (writer.prefix, writer.max_source_tokens) == ("tell: ", 40)
    (folder / "generation_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelCorrupt, match="generation_config.json has sha256"):
        load_writer(folder)


def test_pickled_weights_are_refused(tiny_t5: Path, tmp_path: Path) -> None:
    import torch

    folder = tmp_path / "pickled"
    shutil.copytree(tiny_t5, folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelNotFound, match="safetensors"):
        load_writer(folder)


def test_code_of_a_checkpoint_is_not_run(tiny_t5: Path, tmp_path: Path) -> None:
    folder = tmp_path / "coded"
    shutil.copytree(tiny_t5, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForSeq2SeqLM": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "own.py").write_text("import pathlib; pathlib.Path('ran').touch()\n", encoding="utf-8")
    with pytest.raises(ModelNotFound, match="no seq2seq checkpoint"):
        load_writer(folder)
    assert not Path("ran").exists()


def test_what_is_no_encoder_decoder_is_refused(tiny_encoder: Path, tmp_path: Path) -> None:
    assert not is_seq2seq(tiny_encoder)
    with pytest.raises(ModelCorrupt, match="no encoder-decoder"):
        load_writer(tiny_encoder)
    assert not is_seq2seq(tmp_path)
    with pytest.raises(ModelNotFound, match="no manifest.json"):
        load_summary(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("org/name", True),
        ("name@a1b2", True),
        ("org/name@refs/pr/3", True),
        ("/no/such/folder", False),
        ("../x", False),
    ],
)
def test_what_may_be_an_id(name: str, expected: bool) -> None:
    assert is_id(name) is expected
    assert is_written(name) is expected


def test_without_the_extra_the_error_says_what_to_install(tiny_t5: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelNotFound, match=r"pip install 'standfirst\[seq2seq\]'"):
        load_writer(tiny_t5)
    with pytest.raises(ModelNotFound, match="if a folder was meant, there is none"):
        load_writer("no-such-folder")


def test_the_module_imports_no_torch() -> None:
    code = "import standfirst.summarize.seq2seq, standfirst.summarize.guard, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
