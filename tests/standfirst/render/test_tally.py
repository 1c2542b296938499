from standfirst.render import tally


def test_a_blog_carries_what_its_paragraphs_do(report, labels, document) -> None:
    """Seven paragraphs that speak: the title, the lead, and two updates of three and two."""
    made = report(document("ninjs-3.json"))
    found = tally.of_report(made, labels)
    assert [(t.label.name, t.score, t.share) for t in found] == [("diplomacy", 0.91, 1 / 7), ("aid", 0.625, 1 / 7)]
    assert [(t.confidence, t.relevance) for t in found] == [(91, 14), (62, 14)]
    assert [[t.label.name for t in tally.of_update(u, labels)] for u in made.updates] == [["diplomacy"], ["aid"]]
    assert tally.of_update(made.updates[0], labels)[0].share == 1 / 3


def test_the_most_widespread_label_is_first(report, labels) -> None:
    made = report("One\n\nAda left.\n\nBread queues grow again\n\nHundreds stood in line. They wait.\n")
    assert [t.label.name for t in tally.of_report(made, labels)] == ["aid", "diplomacy"]


def test_pointers_do_not_count(report, labels, document) -> None:
    made = report(document("sourcefabric.json"))
    assert tally.of_update(made.updates[0], labels)[0].share == 1 / 3


def test_no_label(report, labels) -> None:
    assert tally.of_report(report("Rain fell.\nSnow fell."), labels) == []
