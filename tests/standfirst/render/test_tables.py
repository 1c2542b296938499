import json

import pytest

from standfirst.render import line_json, report_json, report_markdown, topics_json
from standfirst.schema import LiveBlog, Report, Topics, TopicScore

NONE = {"labels": [], "scores": {"aid": 0.0, "strikes": 0.25}}


def test_a_report_worked_out_by_hand(small_report: Report) -> None:
    update = small_report.blog.updates[0]
    head, text, byline = update
    title = small_report.blog.opening.headline
    line = {
        "text": "Army sends *flour*",
        "origin": "headline",
        "words": 3,
        "pieces": [{"paragraph": head.id, "start": 0, "end": 18, "source_start": 12, "text": "Army sends *flour*"}],
    }
    time = "2031-03-04T16:30:00Z"

    def paragraph(p, topics: dict) -> dict:
        fields = {"id": p.id, "kind": p.kind, "text": p.text, "start": p.start, "end": p.end, "repeat_of": None}
        return fields | topics

    assert report_json(small_report) == {
        "blog": {
            "id": small_report.blog.id,
            "title": "Strike live",
            "url": None,
            "published": None,
            "modified": None,
            "language": None,
            "format": "text",
            "notes": [],
        },
        "opening": {
            "id": "opening",
            "headline": "Strike live",
            "published": None,
            "modified": None,
            "url": None,
            "authors": [],
            "key_event": False,
            "topics": [],
            "standfirst": None,
            "paragraphs": [paragraph(title, NONE)],
        },
        "updates": [
            {
                "id": update.id,
                "headline": "Army sends *flour*",
                "published": time,
                "modified": None,
                "url": None,
                "authors": [],
                "key_event": False,
                "topics": ["aid"],
                "standfirst": line,
                "paragraphs": [
                    paragraph(head, NONE),
                    paragraph(
                        text,
                        {
                            "labels": [{"label": "aid", "score": 0.75}],
                            "scores": {"aid": 0.75, "strikes": 0.0},
                            "windows": 2,
                        },
                    ),
                    paragraph(byline, NONE),
                ],
            }
        ],
        "digest": {
            "max_words": 150,
            "words": 3,
            "groups": [
                {
                    "topic": "top",
                    "points": [
                        line
                        | {"update": update.id, "published": time, "topics": ["aid"], "score": 0.5, "also": ["opening"]}
                    ],
                }
            ],
        },
        "models": {"topics": "topics-1"},
    }


def test_a_report_survives_json(bag_reader, blog: LiveBlog) -> None:
    table = report_json(bag_reader.read(blog))
    assert json.loads(json.dumps(table, allow_nan=False)) == table
    assert table["digest"]["words"] == sum(p["words"] for g in table["digest"]["groups"] for p in g["points"]) > 0
    assert [len(u["paragraphs"]) for u in table["updates"]] == [4, 2, 2, 2]
    assert table["updates"][3]["standfirst"] is None


def test_windows_are_told_only_if_there_are_several() -> None:
    topics = Topics((TopicScore("b", 0.9), TopicScore("a", 0.6)), {"a": 0.6, "b": 0.9})
    assert topics_json(topics) == {
        "labels": [{"label": "b", "score": 0.9}, {"label": "a", "score": 0.6}],
        "scores": {"a": 0.6, "b": 0.9},
    }


def test_pieces_point_at_their_words(bag_reader) -> None:
    table = line_json(bag_reader.summarize(["The port was shut. Two drones fell."]))
    assert table["words"] == 7
    assert [(p["paragraph"], p["start"], p["end"]) for p in table["pieces"]] == [("0", 0, 18), ("0", 19, 35)]


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
