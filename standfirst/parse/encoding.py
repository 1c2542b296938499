"""Bytes to text: what they look like, which encoding they are in, and mojibake undone.

The order is: byte order marks; binary formats, refused by name; UTF-8; the charset an HTML page
or XML declares; UTF-8 with a few broken bytes; and what charset-normalizer finds. Of an editor's text nothing
else is changed: quotation marks, dashes and spaces stay as they are.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes
from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad

from standfirst.errors import WrongEncoding

SAMPLE_BYTES = 64 * 1024
"""How much charset-normalizer reads; more costs time and does not change its mind."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a WebP, WAV or AVI file"),
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a zip archive (or an Office document)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"\x80\x04\x95", "a Python pickle"),
)
_META_CHARSET = re.compile(
    rb"<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE
)
_LIKELY = [
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "shift_jis", "euc_jp",
    "gb18030", "big5", "euc_kr",
]  # fmt: skip
_SURROGATES = re.compile("[\ud800-\udfff]")
_SUSPECT = re.compile("[\u0080-\u00ff\u0400-\u045f\u2500-\u257f][^\x00-\x7f]")
"""Mojibake stands in twos and threes, the first one a Latin or Cyrillic letter or a line-drawing mark."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FTFY = TextFixerConfig(
    unescape_html=False, remove_terminal_escapes=False, fix_latin_ligatures=False, fix_character_width=False,
    uncurl_quotes=False, fix_line_breaks=False, fix_surrogates=False, remove_control_chars=False,
    normalization=None, explain=False,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document as text, and what was done to it."""

    text: str
    notes: tuple[str, ...] = ()


def decode(document: bytes) -> Decoded:
    """Decode bytes and repair mojibake.

    Raises
    ------
    WrongEncoding
        If the bytes are no text; the message names what they look like.
    """
    for bom, encoding in _BOMS:
        if document.startswith(bom):
            return _repair(_decode_as(document[len(bom) :], encoding))
    _refuse_binary(document)
    return _repair(_guess(document))


def accept(document: str) -> Decoded:
    """Take text as it is, but for mojibake and for surrogates, which no encoding can carry."""
    if "\x00" in document:
        raise WrongEncoding(_refusal("binary data (it holds NUL characters)"))
    text = document
    notes: tuple[str, ...] = ()
    if not document.isascii() and _SURROGATES.search(document):
        text = document.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        notes = ("Halves of characters (surrogates) were joined or replaced.",)
    return _repair(Decoded(text, notes))


def repair(text: str) -> str:
    """Undo mojibake ("â€™" for "’") line by line; nothing else is changed.

    >>> repair("Kyiv\u00e2\u20ac\u2122s mayor, \u201cagain\u201d")
    'Kyiv’s mayor, “again”'
    """
    if text.isascii() or not _SUSPECT.search(text) or not is_bad(text):
        return text
    text = _undo_cp1252(text)
    # One bad line must not decide over the encoding of the good ones.
    lines = text.splitlines(keepends=True)
    return "".join(fix_encoding(line, _FTFY) if is_bad(line) else line for line in lines)


def _undo_cp1252(text: str) -> str:
    """Undo the common case at once: a whole text in UTF-8 that was read as Windows-1252."""
    try:
        return text.encode("sloppy-windows-1252").decode("utf-8")
    except UnicodeError:
        return text


def _repair(decoded: Decoded) -> Decoded:
    fixed = repair(decoded.text)
    if fixed == decoded.text:
        return decoded
    return Decoded(fixed, (*decoded.notes, "Text that was decoded wrongly before it came here was repaired."))


def _refuse_binary(document: bytes) -> None:
    for magic, name in _MAGIC:
        if document.startswith(magic):
            raise WrongEncoding(_refusal(name))


def _guess(document: bytes) -> Decoded:
    """Decode bytes that have no mark at their beginning."""
    if b"\x00" in document:
        return _decode_wide(document)
    try:
        return _checked(document.decode("utf-8"), ())
    except UnicodeDecodeError:
        pass
    declared = _META_CHARSET.search(document[:4096])
    if declared and (decoded := _decode_declared(document, declared[1].decode("ascii"))):
        return decoded
    if decoded := _decode_broken(document):
        return decoded
    return _decode_as(document, _detect(document[:SAMPLE_BYTES]))


def _detect(sample: bytes) -> str:
    """Ask charset-normalizer; where it sees no difference, Windows-1252 is what Western newsrooms send."""
    matches = from_bytes(sample, cp_isolation=_LIKELY)
    best = matches.best()
    if best is None:
        raise WrongEncoding(_refusal("binary data, or text in an encoding that could not be told"))
    ties = [m for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    return "cp1252" if any("cp1252" in m.could_be_from_charset for m in ties) else best.encoding


def _decode_wide(document: bytes) -> Decoded:
    """Decode UTF-16 without its mark: Latin text has a NUL in every other byte."""
    sample = document[:4096]
    for encoding, nuls in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if len(document) % 2 == 0 and nuls.count(0) > 0.4 * len(nuls):
            return _decode_as(document, encoding)
    raise WrongEncoding(_refusal("binary data (it holds NUL bytes)"))


def _decode_declared(document: bytes, name: str) -> Decoded | None:
    try:
        # Pages that declare Latin-1 mean Windows-1252; so do browsers.
        encoding = codecs.lookup(name).name
        encoding = "cp1252" if encoding in ("iso8859-1", "ascii") else encoding
        return None if encoding == "utf-8" else _decode_as(document, encoding)
    except (LookupError, WrongEncoding):
        return None


def _decode_broken(document: bytes) -> Decoded | None:
    """Decode UTF-8 with a few broken bytes, such as a download cut short."""
    text = document.decode("utf-8", "replace")
    n_broken = text.count("\ufffd")
    n_wide = sum(c > "\x7f" for c in text) - n_broken
    if n_wide < 4 * n_broken:
        return None
    return _checked(text, (f"Broken bytes replaced in UTF-8 text: {n_broken}.",))


def _decode_as(document: bytes, encoding: str) -> Decoded:
    text = document.decode(encoding, "replace")
    notes = [] if encoding == "utf-8" else [f"The bytes were read as {encoding}."]
    if n_broken := text.count("\ufffd"):
        notes.append(f"Characters that could not be decoded and were replaced: {n_broken}.")
    return _checked(text, tuple(notes))


def _checked(text: str, notes: tuple[str, ...]) -> Decoded:
    """Refuse what decodes by chance: control characters, or many characters that did not decode."""
    n_bad = sum(1 for _ in _CONTROLS.finditer(text)) + text.count("\ufffd")
    if "\x00" in text or n_bad > max(2, 0.05 * len(text)):
        raise WrongEncoding(_refusal("binary data"))
    return Decoded(text, notes)


def _refusal(what: str) -> str:
    return f"The document looks like {what}; text was expected. Send plain text, HTML or JSON, best in UTF-8."
