import io
import os
import shutil

import pytest

from standfirst.render import report_json
from standfirst.schema import LiveBlog, Report
from standfirst.terminal import report_text, table_text, width

EXPECTED = """\
Strike live
============================================================

DIGEST

top
  * Army sends *flour*  [1, opening]

OPENING

   topics: none

1. 16:30 Army sends *flour*
   topics: aid
   [aid] It went by air <now>.
   [byline] Mara Venn reports:

"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_report_worked_out_by_hand(small_report: Report) -> None:
    assert report_text(small_report, 60) == EXPECTED
    assert table_text(report_json(small_report), 60) == EXPECTED


@pytest.mark.parametrize("columns", [60, 77, 100])
def test_no_line_is_wider_than_asked(bag_reader, blog: LiveBlog, columns: int) -> None:
    text = report_text(bag_reader.read(blog), columns)
    assert max(map(len, text.splitlines())) == columns  # the rule below the title
    words = text.split()
    for paragraph in blog.paragraphs():
        assert set(paragraph.text.split()) <= set(words)


def test_a_blog_without_news(tiny_reader, make_blog) -> None:
    text = report_text(tiny_reader.read(make_blog(None, [("pointer", "Read more: x")])))
    assert text.startswith("Live blog\n")
    assert "(nothing to report)" in text
    assert "[pointer] Read more: x" in text


def test_repeats_are_marked(bag_reader, blog: LiveBlog) -> None:
    assert bag_reader.read(blog).updates[1].paragraphs[1].paragraph.repeat_of is not None
    assert report_text(bag_reader.read(blog)).count(", repeat] The crews walked out") == 1


def test_escape_sequences_of_a_page_do_not_reach_the_terminal(tiny_reader, make_blog) -> None:
    text = report_text(tiny_reader.read(make_blog("Live\x1b]0;x\x07", [("text", "The port\x1b[2J is\x9b1m shut.")])))
    assert not {"\x1b", "\x07", "\x9b"} & set(text)
    assert "The port[2J is1m shut." in text


def test_marks_that_turn_letters_around_do_not_reach_the_terminal(tiny_reader, make_blog) -> None:
    text = report_text(tiny_reader.read(make_blog("Live", [("text", "The port \u202eis\u2066 shut.")])))
    assert "The port is shut." in text


@pytest.mark.parametrize(("columns", "expected"), [(20, 60), (60, 60), (80, 80), (100, 100), (300, 100)])
def test_the_width_is_the_terminals_within_reason(monkeypatch, columns: int, expected: int) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    assert width(Terminal()) == expected


def test_a_pipe_has_a_fixed_width(monkeypatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((70, 24)))
    assert width(io.StringIO()) == 100
