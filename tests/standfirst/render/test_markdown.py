import pytest

from standfirst.render import report_markdown
from standfirst.schema import Report


def test_markdown_worked_out_by_hand(small_report: Report) -> None:
    update_id = small_report.blog.updates[0].id
    assert report_markdown(small_report) == (
        "# Strike live\n\n## Digest\n\n**Top**\n\n"
        f"- Army sends \\*flour\\* (16:30, {update_id}; also opening)\n\n"
        "## Updates\n\n### Opening\n\n`opening` | none\n\n- Strike live\n\n"
        f"### Army sends \\*flour\\*\n\n`{update_id}` | aid\n\n"
        "- [aid 0.75] It went by air \\<now\\>.\n- *byline* Mara Venn reports:\n\n"
        "<!-- topics topics-1 -->\n"
    )


def test_markdown_of_a_blog_without_news(tiny_reader, make_blog) -> None:
    made = report_markdown(tiny_reader.read(make_blog(None, [("byline", "Mara Venn reports:")])))
    assert made.startswith("# Live blog\n\n## Digest\n\nNothing to report.\n")


@pytest.mark.parametrize(
    "text", ["a <b>bold</b> boat", "[link](http://x) *now*", "`code` _it_ \\n", "two\nlines  here"]
)
def test_a_text_cannot_bring_markup_of_its_own(tiny_reader, make_blog, text: str) -> None:
    made = report_markdown(tiny_reader.read(make_blog(text, [("text", f"{text}.")])))
    plain = made.split("<!--", maxsplit=1)[0].replace("\\\\", "")
    body = [line for line in plain.splitlines() if "boat" in line or "link" in line or "it" in line or "lines" in line]
    assert body
    for mark in "<>[]*_`":
        for line in body[:1]:  # the title's: its marks are all the text's
            assert line.count(mark) == line.count(f"\\{mark}")
    assert "two\nlines" not in made


def test_marks_that_turn_letters_around_are_left_out(tiny_reader, make_blog) -> None:
    made = report_markdown(tiny_reader.read(make_blog("Live", [("text", "The port \u202eis\u2066 shut.")])))
    assert "The port is shut." in made
