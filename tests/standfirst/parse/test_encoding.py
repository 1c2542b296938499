import codecs
import gzip
import io
import zipfile

import pytest

from standfirst.errors import WrongEncoding
from standfirst.parse import parse
from standfirst.parse.encoding import decode, repair

TEXT = "Skerra’s mayor said “no” – the café on Åland closed.\nNaïve? “Not at all”, she said, über and über again.\n"


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-32-le", codecs.BOM_UTF32_LE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
def test_encodings(encoding, bom):
    decoded = decode(bom + TEXT.encode(encoding))
    assert decoded.text == TEXT
    assert (decoded.notes == ()) == (encoding == "utf-8")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("El presidente dijo que mañana habrá una reunión en la región; después volverá a España.", "cp1252"),
        ("Prezydent powiedział, że jutro będzie spotkanie. Później wróci do Łodzi, żeby zobaczyć źródło.", "cp1250"),
        ("Президент сказал, что завтра будет встреча по вопросам безопасности.", "cp1251"),
    ],
)
def test_other_languages(text, encoding):
    assert decode(text.encode(encoding)).text == text


def test_a_declared_charset_is_believed():
    page = '<meta charset="windows-1251"><p>Привет</p>'
    assert "Привет" in decode(page.encode("cp1251")).text
    assert "café" in decode(b'<meta http-equiv="x" content="text/html; charset=iso-8859-1"><p>caf\xe9 \x93').text
    assert "café" in decode(b"<meta charset=nonsense><p>the caf\xe9 was closed").text


def test_mojibake_is_repaired_with_a_note(document):
    good = document("ferry-strike.txt").decode()
    bad = good.encode().decode("sloppy-windows-1252")
    blog = parse(bad)
    assert blog.source == good
    assert blog.notes == ("Text that was decoded wrongly before it came here was repaired.",)
    assert parse(bad.encode()).source == good


def test_cp1252_reads_like_utf8(document):
    good = document("ferry-strike.txt").decode()
    blog = parse(good.encode("cp1252"))
    assert [p.id for p in blog.paragraphs()] == [p.id for p in parse(good).paragraphs()]
    assert blog.notes == ("The bytes were read as cp1252.",)


def test_only_mojibake_is_repaired():
    for text in (
        TEXT,
        "“curly” ‘quotes’ – dashes — … ﬁ ﬂ Ａ &amp; \x1b[0m",
        "Ça va? ÉTÉ à Orléans",
        "Привет",
        "日本語",
    ):
        assert repair(text) == text
    assert repair("Skerra’s café “no”\nSkerraâ€™s cafÃ©") == "Skerra’s café “no”\nSkerra’s café"


def test_a_few_broken_bytes_are_replaced():
    data = TEXT.encode() + b"cut \xe2\x80"
    assert decode(data).text.startswith(TEXT)
    assert decode(data).notes == ("Broken bytes replaced in UTF-8 text: 1.",)


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.txt", "text")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x89PNG\r\n\x1a\n\x00", "PNG"),
        (gzip.compress(b"text"), "gzip"),
        (archive(), "zip"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"abc\x00\x01\x02def", "NUL"),
        (bytes(range(1, 256)), "binary"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8" * 50, "binary"),
    ],
)
def test_binary_data_are_refused_by_name(data, name):
    with pytest.raises(WrongEncoding, match=name):
        parse(data)


def test_text_with_nul_is_refused_and_surrogates_are_joined():
    with pytest.raises(WrongEncoding, match="NUL"):
        parse("a\x00b")
    blog = parse("A ship \ud83d\udea2 and half of one \ud83d sailed.")
    assert blog.source == "A ship \U0001f6a2 and half of one \ufffd sailed."
    assert blog.notes[0] == "Halves of characters (surrogates) were joined or replaced."
