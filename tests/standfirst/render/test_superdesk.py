from standfirst.render import report_superdesk


def test_an_analysis_worked_out_by_hand(report, labels, document) -> None:
    made = report_superdesk(report(document("guardian.json")), labels)["analysis"]
    assert made == {
        "subject": [
            {
                "name": "diplomacy",
                "qcode": "20000639",
                "parent": None,
                "source": "standfirst",
                "aliases": [],
                "original_source": "topics-1",
                "altids": {"standfirst": "diplomacy", "medtop": "20000639"},
                "description": "Talks.",
                "scheme": "mediatopic",
            },
            {
                "name": "foreign aid",
                "qcode": "20000643",
                "parent": None,
                "source": "standfirst",
                "aliases": ["aid"],
                "original_source": "topics-1",
                "altids": {"standfirst": "aid", "medtop": "20000643"},
                "description": "aid: the nearest",
                "scheme": "mediatopic",
            },
        ],
        "organisation": [],
        "person": [],
        "place": [],
        "event": [],
        "object": [],
    }


def test_a_label_without_a_media_topic_has_a_scheme_of_its_own(report, document) -> None:
    from standfirst.labels import parse_labels

    made = report_superdesk(report(document("guardian.json")), parse_labels({"label": [{"name": "aid"}]}))
    (tag,) = made["analysis"]["subject"]
    assert (tag["qcode"], tag["scheme"], tag["altids"]) == ("standfirst:aid", "standfirst", {"standfirst": "aid"})


def test_nothing_to_say_is_an_empty_analysis(report, labels) -> None:
    found = report_superdesk(report("Rain fell."), labels)["analysis"]
    assert set(found.values().__iter__().__next__()) == set()
    assert all(tags == [] for tags in found.values())
