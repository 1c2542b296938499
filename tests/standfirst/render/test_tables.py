import json

from standfirst.render import line_json, report_json, topics_json
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
            "source_id": None,
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
            "source_id": None,
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
                "source_id": None,
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
