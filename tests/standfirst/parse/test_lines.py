import pytest

from standfirst.errors import NotALiveBlog
from standfirst.parse.lines import refuse_other_text, split_lines, unwrap


def test_marks_gaps_and_offsets():
    source = "\ufeff# Title #\n\n\t- one\r\n**Bold line**\n•two\n  x\u200b\n#tag\n-\n"
    lines = split_lines(source)
    assert [(x.text, x.gap, x.bullet, x.level) for x in lines] == [
        ("Title #", False, False, 1),
        ("one", True, True, 0),
        ("Bold line", False, False, 2),
        ("two", False, True, 0),
        ("x", False, False, 0),
        ("#tag", False, False, 0),
        ("-", False, False, 0),
    ]
    assert all(source[x.start : x.end] == x.text for x in lines)


def test_short_lines_are_not_joined():
    source = "Minister walks out of harbour talks\nArmy flies food to islands\nMayor appeals for calm on Skerra\n"
    assert len(unwrap(split_lines(source), source)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,2,3\n4,5,6",
        "a\tb\n1\t2\n3\t4",
        "x;y;z\n1;2;3\n1;2;3",
        "int main() {\n  f(x);\n}\nreturn 0;",
        "123\n--",
    ],
)
def test_other_text_is_refused(text):
    with pytest.raises(NotALiveBlog):
        refuse_other_text(split_lines(text))


@pytest.mark.parametrize(
    "text", ["One, two, three.\nFour, five, six.\nSeven, eight, nine.", "It (sic) was\nHe left.\nOK"]
)
def test_prose_is_not_refused(text):
    refuse_other_text(split_lines(text))
