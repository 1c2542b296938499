import pytest

from standfirst.parse import parse


def roles(*lines):
    return {p.text: p.kind for p in parse("\n".join(lines)).paragraphs()}


PROSE = "The minister left the building on Tuesday."


def test_one_line_below_the_title_heads_an_update_if_more_follow():
    assert (
        roles("Ferry strike live", "Minister walks out", PROSE, "Army flies food", "It landed.")["Minister walks out"]
        == "headline"
    )
    assert roles("Ferry strike over", "Minister gives in to union", PROSE)["Minister gives in to union"] == "key_point"


def test_the_run_below_the_title_is_the_key_points():
    found = roles(
        "Ferry strike live", "Minister walks out", "Army flies food", PROSE, "Mayor appeals for calm", "She spoke."
    )
    assert [k for k, v in found.items() if v == "key_point"] == ["Minister walks out", "Army flies food"]


def test_a_gap_or_a_question_sets_the_first_headline_off():
    lines = ("Ferry strike live\n\nMinister walks out\nArmy flies food\n\nMayor appeals for calm\nShe spoke.",)
    assert roles(*lines)["Mayor appeals for calm"] == "headline"
    assert (
        roles("Ferry strike live", "Minister walks out", "Why did the talks fail?", PROSE)["Why did the talks fail?"]
        == "headline"
    )


def test_linked_titles_after_read_more_are_pointers():
    found = roles("Ferry strike live", PROSE, "Read more:", "How the strike began", "Army flies food", "It landed.")
    assert found["How the strike began"] == "pointer"
    assert found["Army flies food"] == "headline"


def test_a_list_after_a_colon_is_text():
    found = roles(
        "Ferry strike live",
        PROSE,
        "Here are the main points of the day:",
        "Minister walks out",
        "Army flies food",
        "It landed.",
    )
    assert found["Minister walks out"] == "text"
    assert found["Army flies food"] == "headline"


def test_a_kicker_is_no_headline():
    found = roles("Ferry strike live", PROSE, "Analysis", "Why nobody blinked in harbour talks", "Both are tired.")
    assert found["Analysis"] == "pointer"
    assert found["Why nobody blinked in harbour talks"] == "headline"


def test_flashes_are_updates_of_a_headline_alone():
    blog = parse("\n".join(["Ferry strike live", PROSE, "Minister walks out", "Army flies food", "It landed."]))
    assert [len(u.paragraphs) for u in blog.updates] == [0, 1]


def test_four_in_a_row_are_a_list_but_for_the_last():
    found = roles(
        "Ferry strike live",
        PROSE,
        "Ferry one stays in port",
        "Ferry two does too",
        "Ferry three sinks",
        "Army flies food",
        "It landed.",
    )
    assert [v for v in found.values() if v == "headline"] == ["headline"]


def test_a_headline_at_the_very_end_is_text():
    assert roles("Ferry strike live", PROSE, "Follow the story all day")["Follow the story all day"] == "text"
    assert roles("Ferry strike live", PROSE, "10:42", "Minister walks out")["Minister walks out"] == "headline"


def test_summary_below_the_title_announces_key_points():
    found = roles("Ferry strike live", "Summary", "Minister walks out", "Army flies food", PROSE)
    assert found["Summary"] == "pointer"
    assert found["Army flies food"] == "key_point"


def test_key_developments_in_the_body_is_a_headline():
    found = roles("Ferry strike live", PROSE, "It goes on.", "Nobody knows why.", "Key developments", "* It is over.")
    assert found["Key developments"] == "headline"


@pytest.mark.parametrize("label", ["Key events", "KEY POINTS", "Key developments:"])
def test_labels_announce_key_points(label):
    found = roles("Ferry strike live", label, "Minister walks out", PROSE, "Army flies food", "It landed.")
    assert found[label] == "pointer"
    assert found["Minister walks out"] == "key_point"


def test_where_times_come_first_no_line_above_a_time_heads_what_is_below_it():
    lines = (
        *("Truce live: captives freed", "Eleven are home", "Both armies accuse each other", "18:44", PROSE),
        *("18:20", "What we know so far", "Two boats are home", "One is at sea", "17:05", PROSE, "16:50", PROSE),
    )
    found = roles(*lines)
    assert found["Both armies accuse each other"] == "key_point"
    assert found["One is at sea"] != "headline"
    assert len(parse("\n".join(lines)).updates) == 4


def test_an_agenda_is_no_row_of_updates():
    agenda = ("7am: Inflation for September", "9.30am: Halden results", "2pm: A ballot")
    lines = (
        "Business live: inflation falls",
        "07.02",
        PROSE,
        *agenda,
        "07.24",
        "Prices rose.",
        "07.51",
        "The crown fell.",
    )
    blog = parse("\n".join(lines))
    assert len(blog.updates) == 3
    assert [p.text for p in blog.updates[0].paragraphs if p.kind == "text"] == [PROSE, *agenda]


def test_a_post_keeps_its_author_and_its_time_starts_no_update():
    post = ("Osk Fire & Rescue", "@OskFire", "Crews have rescued 19 people.", "10:58 · 14 January", "That is a record.")
    lines = ("Storm live: coast counts cost", "11:05", *post, "10:15", PROSE, "09:40", PROSE)
    blog = parse("\n".join(lines))
    assert [len(u.paragraphs) for u in blog.updates][:1] == [6]
    assert len(blog.updates) == 3
    assert blog.updates[0].headline is None
