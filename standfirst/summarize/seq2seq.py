"""A model of your own that writes the lines: any encoder-decoder checkpoint, from a folder or the Hugging Face Hub.

It needs ``pip install 'standfirst[seq2seq]'``; torch is imported where such a model is loaded, and nowhere else. What
it writes is never shown as it comes: ``guard`` holds it against the source, and where it may not stand the extractive
line does, with the reason. Which sentences and updates matter is decided by the extractive model alone.

Only safetensors are read, and no code of a checkpoint is run.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from standfirst.cache import Cache
from standfirst.english.sentences import Sentence, sentences
from standfirst.errors import ModelCorrupt, ModelNotFound
from standfirst.manifest import NAME, file_sha256, read_manifest
from standfirst.schema import Line, Lines, Paragraph, Piece, Update
from standfirst.summarize import MAX_WORDS, Summarizer
from standfirst.summarize.candidates import candidates, sentences_of, written_line
from standfirst.summarize.guard import check

logger = logging.getLogger(__name__)

KIND = "seq2seq"
FILES = ("config.json", "model.safetensors", "tokenizer.json")
"""The files without which a folder of ours is no seq2seq model."""
_ID = re.compile(r"(\w[\w.-]*(?:/\w[\w.-]*)?)(?:@([\w./-]+))?")
_MOST_TOKENS = 1024
_BATCH = 8
_TOKENS_PER_WORD = 2
_SPARE_TOKENS = 8
_BEAMS = 4


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote: the text, whether it came to an end, and how many of the sentences it was shown."""

    text: str
    finished: bool
    n_read: int


class Writer:
    """An encoder-decoder and its tokenizer: sentences in, one line out. May be shared between threads.

    Beam search, nothing drawn at random. Which other texts stand in the same batch changes sums in their last digits,
    and so, where two lines are as good as equal, maybe the line.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        version: str,
        *,
        prefix: str = "",
        max_source_tokens: int = _MOST_TOKENS,
        max_target_tokens: int = _MOST_TOKENS,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.version = version
        self.prefix = prefix
        self.max_source_tokens = max_source_tokens
        self.max_target_tokens = max_target_tokens
        self._lock = threading.Lock()

    def write(self, sources: Sequence[Sequence[str]], max_words: int) -> list[Draft]:
        """Write a line of each source, a list of sentences.

        Of one that is longer than ``max_source_tokens`` the first whole sentences are read that fit, at least one,
        which is cut if need be.
        """
        with self._lock:  # a tokenizer keeps how it pads and cuts
            return self._write(sources, max_words)

    def _write(self, sources: Sequence[Sequence[str]], max_words: int) -> list[Draft]:
        shown = [self._fitting(source) for source in sources]
        texts = [" ".join(source[:n]) for source, n in zip(sources, shown, strict=True)]
        drafts: dict[int, Draft] = {}
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            for i, (text, finished) in zip(part, self._generate([texts[i] for i in part], max_words), strict=True):
                drafts[i] = Draft(text, finished, shown[i])
        return [drafts[i] for i in range(len(texts))]

    def _fitting(self, source: Sequence[str]) -> int:
        room = self.max_source_tokens - len(self.tokenizer(self.prefix)["input_ids"])
        for i, sentence in enumerate(source):
            room -= len(self.tokenizer(sentence, add_special_tokens=False)["input_ids"])
            if room < 0:
                logger.info("a text was longer than the model reads: %d of %d sentences shown", max(i, 1), len(source))
                return max(i, 1)
        return len(source)

    def _generate(self, texts: Sequence[str], max_words: int) -> list[tuple[str, bool]]:
        import torch

        rows = self.tokenizer(
            [self.prefix + text for text in texts],
            padding=True,
            truncation=True,
            max_length=self.max_source_tokens,
            return_tensors="pt",
        )
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=rows["input_ids"],
                attention_mask=rows["attention_mask"],
                num_beams=_BEAMS,
                do_sample=False,
                early_stopping=True,
                no_repeat_ngram_size=3,
                length_penalty=1.0,
                min_length=0,
                max_new_tokens=min(_TOKENS_PER_WORD * max_words + _SPARE_TOKENS, self.max_target_tokens),
            )
        ends = _as_set(self.model.generation_config.eos_token_id)
        return [
            (" ".join(self.tokenizer.decode(row, skip_special_tokens=True).split()), bool(ends & set(row.tolist()[1:])))
            for row in made
        ]


def _as_set(value: int | list[int] | None) -> set[int]:
    return set() if value is None else {value} if isinstance(value, int) else set(value)


class WritingSummarizer(Summarizer):
    """A summariser whose lines a seq2seq model writes; all else, and lines in place of refused ones, is as extracted.

    Parameters
    ----------
    base
        The extractive summariser that chooses, and stands in.
    cache
        Keeps what was written.
    """

    def __init__(self, base: Summarizer, writer: Writer, *, cache: Cache | None = None) -> None:
        self.__dict__.update(base.__dict__)
        self.writer = writer
        self.version = f"{writer.version}+{base.version}"
        if cache is not None:
            self._cache = cache

    def prepare(self, updates: Sequence[Update], theme: str | None, lines: Lines = "headline") -> None:
        """Embed and write in one go what the lines of ``updates`` need, where a cache can keep it."""
        super().prepare(updates, theme, lines)
        if self._cache.max_bytes:
            lacking = [u for u in updates if written_line(u, lines) is None]
            self._drafts([found for u in lacking if (found := sentences_of(u))], MAX_WORDS)

    def summarize(
        self, paragraphs: Sequence[Paragraph], *, max_words: int = MAX_WORDS, theme: str | None = None
    ) -> Line | None:
        """Write one line of at most ``max_words`` words; raises as ``Summarizer.summarize``."""
        line = super().summarize(paragraphs, max_words=max_words, theme=theme)
        return line and self._written([(line, candidates(paragraphs))], max_words)[0]

    def standfirst(
        self,
        update: Update,
        *,
        theme: str | None = None,
        max_words: int | None = None,
        lines: Lines = "headline",
    ) -> Line | None:
        """The line of an update: its headline as it stands, else one that the model writes."""
        line = super().standfirst(update, theme=theme, max_words=max_words, lines=lines)
        if line is None or line.origin == "headline":
            return line
        return self._written([(line, sentences_of(update))], max_words or MAX_WORDS)[0]

    def worded(self, lines: Sequence[Line], homes: Mapping[str, Paragraph], room: int) -> Sequence[Line]:
        """The lines chosen for a digest, those that were extracted in the model's words; see ``Summarizer.worded``."""
        places = [i for i, line in enumerate(lines) if line.origin == "extracted"]
        found = list(lines)
        asked = [(lines[i], _sentences_under(lines[i], homes)) for i in places]
        for i, line in zip(places, self._written(asked, MAX_WORDS), strict=True):
            more = line.n_words - lines[i].n_words
            if more > room:
                line = replace(lines[i], reason="longer than the digest has room for")  # noqa: PLW2901
            room -= max(line.n_words - lines[i].n_words, 0)
            found[i] = line
        return found

    def _written(self, asked: Sequence[tuple[Line, Sequence[Sentence]]], max_words: int) -> list[Line]:
        """For each extractive line and its sentences the line to show."""
        drafts = self._drafts([found for _, found in asked], max_words)
        return [guarded(draft, line, found, max_words) for draft, (line, found) in zip(drafts, asked, strict=True)]

    def _drafts(self, sources: Sequence[Sequence[Sentence]], max_words: int) -> list[Draft]:
        """What the model writes of each source, from the cache or in batches."""
        keys = [(self.writer.version, max_words, tuple(s.text for s in source)) for source in sources]
        known: dict[Any, Draft] = {key: hit for key in keys if (hit := self._cache.get(key)) is not None}
        missing = [key for key in dict.fromkeys(keys) if key not in known]
        for key, draft in zip(missing, self.writer.write([key[2] for key in missing], max_words), strict=True):
            known[key] = draft
            self._cache.put(key, draft, 2 * (sum(map(len, key[2])) + len(draft.text)) + 200)
        return [known[key] for key in keys]


def guarded(draft: Draft, line: Line, found: Sequence[Sentence], max_words: int) -> Line:
    """The written line, with the sentences that it rests on, or the extractive ``line`` with the reason."""
    source = found[: draft.n_read]
    text = recased(draft.text, [s.text for s in source])
    if not draft.finished:
        return replace(line, reason="the generated line came to no end")
    if len(text.split()) > max_words:
        return replace(line, reason=f"the generated line has more than {max_words} words")
    verdict = check(text, [s.text for s in source])
    if not verdict.passes:
        return replace(line, reason="; ".join(verdict.reasons))
    return Line(text, "generated", tuple(_piece(source[i]) for i in verdict.rests_on))


def _piece(sentence: Sentence) -> Piece:
    home = sentence.paragraph
    return Piece(home.id, sentence.start, sentence.end, sentence.text, home.start + sentence.start)


def _sentences_under(line: Line, homes: Mapping[str, Paragraph]) -> list[Sentence]:
    """The whole sentences of which a line's pieces are parts."""
    found: list[Sentence] = []
    for home in dict.fromkeys(piece.paragraph_id for piece in line.pieces):
        spans = [(p.start, p.end) for p in line.pieces if p.paragraph_id == home]
        found += [s for s in sentences(homes[home]) if any(a < s.end and s.start < b for a, b in spans)]
    return found


def recased(text: str, source: Sequence[str]) -> str:
    """A line without any capital, as an uncased model writes it, with those of its source.

    >>> recased("envoy leaves ostra", ["The envoy left Ostra on Monday."])
    'Envoy leaves Ostra'
    >>> recased("envoy leaves ostra", ["the envoy left ostra on monday."])
    'envoy leaves ostra'
    """
    if any(c.isupper() for c in text) or not any(c.isupper() for s in source for c in s):
        return text
    forms: dict[str, set[str]] = {}
    for sentence in source:
        for i, word in enumerate(re.findall(r"\w[\w’'-]*", sentence)):
            if i or not word[1:].islower():
                forms.setdefault(word.lower(), set()).add(word)
    single = {low: next(iter(words)) for low, words in forms.items() if len(words) == 1}
    made = re.sub(r"\w[\w’'-]*", lambda m: single.get(m[0], m[0]), text)
    return made[:1].upper() + made[1:]


def is_seq2seq(folder: Path) -> bool:
    """Whether a folder holds an encoder-decoder checkpoint."""
    return _is_encoder_decoder(_config(folder))


def is_id(name: str) -> bool:
    """Whether a name could be a Hugging Face id, with ``@revision`` or without."""
    return _ID.fullmatch(name) is not None


def load_writer(name: str | Path, *, threads: int = 0) -> Writer:
    """Load a checkpoint: an exported folder (its manifest is checked), any other, or ``ID`` or ``ID@REVISION``.

    ``threads`` sets torch's, for the whole process; 0 leaves them as they are.

    Raises
    ------
    ModelNotFound
        If torch or transformers are not installed, or there is no such checkpoint.
    ModelCorrupt
        If a file differs from its manifest, or the checkpoint is no encoder-decoder in safetensors.
    """
    folder = Path(name)
    local = folder.is_dir()
    facts: Mapping[str, Any] = {}
    version = ""
    if local:
        manifest = read_manifest(folder, kind=KIND, required=FILES) if (folder / NAME).is_file() else None
        facts = manifest.facts if manifest else {}
        version = manifest.version if manifest else _version_of(folder)
    torch, transformers = _libraries(str(name))
    if threads:
        torch.set_num_threads(threads)
    model, tokenizer = _pretrained(transformers, str(name), local=local)
    model.eval()
    model.generation_config.max_length = None  # max_new_tokens says it alone
    fit = facts.get("recipe", {}).get("fit", {})
    return Writer(
        model,
        tokenizer,
        version or _hub_version(str(name), model.config),
        prefix=fit.get("prefix", _prefix(model.config)),
        max_source_tokens=min(fit.get("max_source_tokens", _MOST_TOKENS), _positions(model.config)),
        max_target_tokens=_positions(model.config) - 1,  # the first place is the start token's
    )


def _libraries(name: str) -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise ModelNotFound(
            f"a seq2seq model needs torch and transformers ({error.name} is missing): pip install "
            "'standfirst[seq2seq]'; if a folder was meant, there is none of this name",
            where=name,
        ) from None
    return torch, transformers


def _pretrained(transformers: Any, name: str, *, local: bool) -> tuple[Any, Any]:
    match = None if local else _ID.fullmatch(name)
    place, revision = (match[1], match[2]) if match else (name, None)
    safe = {"revision": revision or "main", "trust_remote_code": False, "local_files_only": local}
    try:
        config = transformers.AutoConfig.from_pretrained(place, **safe)
        if not _is_encoder_decoder(config.to_dict()):
            raise ModelCorrupt(
                "the checkpoint is no encoder-decoder; expected T5, BART, PEGASUS or the like", where=name
            )
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, **safe)
        model = transformers.AutoModelForSeq2SeqLM.from_pretrained(place, config=config, use_safetensors=True, **safe)
    except (OSError, ValueError, ImportError) as error:
        first = str(error).strip().partition("\n")[0]
        raise ModelNotFound(
            f"no seq2seq checkpoint in safetensors with its tokenizer could be read, neither as a folder nor from the "
            f"Hugging Face Hub: {first}",
            where=name,
        ) from None
    return model, tokenizer


def _config(folder: Path) -> Mapping[str, Any]:
    try:
        table = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def _is_encoder_decoder(config: Mapping[str, Any]) -> bool:
    return bool(config.get("is_encoder_decoder")) and "model_type" in config


def _version_of(folder: Path) -> str:
    """A name for the weights of a folder without a manifest."""
    digest = hashlib.sha256("".join(_decisive(folder)).encode()).hexdigest()
    return f"{KIND}-{digest[:12]}"


def _decisive(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if path.suffix in (".json", ".safetensors", ".model", ".txt"):
            yield file_sha256(path)


def _hub_version(name: str, config: Any) -> str:
    commit = getattr(config, "_commit_hash", None)
    return f"{name.partition('@')[0]}@{commit[:12]}" if commit else name


def _prefix(config: Any) -> str:
    """What the checkpoint wants before a text to be summarised: "summarize: " for T5."""
    tasks = getattr(config, "task_specific_params", None) or {}
    return str(tasks.get("summarization", {}).get("prefix", ""))


def _positions(config: Any) -> int:
    found = [getattr(config, name, None) for name in ("max_position_embeddings", "n_positions")]
    return min((n for n in found if isinstance(n, int)), default=_MOST_TOKENS)
