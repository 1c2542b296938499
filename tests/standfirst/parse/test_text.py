from datetime import UTC, datetime

import pytest

from standfirst.parse import parse


def headlines(blog):
    return [None if u.headline is None else u.headline.text for u in blog.updates]


def test_a_blog_in_the_manner_of_one_paragraph_a_line(document):
    blog = parse(document("ferry-strike.txt"))
    assert blog.title == "Ferry strike live: Minister walks out as islands run out of bread"
    assert blog.published == datetime(2031, 3, 4, tzinfo=UTC)
    assert len(blog.key_points) == 2
    assert len(blog.lead) == 5
    assert headlines(blog) == [
        "Bread queues grow on Skerra as shops run empty",
        "Why are the ferries still in port?",
        "ICYMI: Ferry company’s boss quits after leaked email called crews ‘ballast’",
        "Watch: Helicopters land on Skerra’s football pitch",
        "U.S. cruise line offers two ships to ferry islanders to the U.K.",
        "Skerra’s old men row again – how an island that forgot its boats found them in the sheds of its grandfathers",
    ]
    others = {p.text: p.kind for p in blog.paragraphs() if p.kind in ("byline", "pointer")}
    assert others == {
        "Mara Venn reports:": "byline",
        "Read more:": "pointer",
        "Tom Oake has the full story:": "byline",
        "ICYMI:": "pointer",
        "More here:": "pointer",
    }
    assert blog.updates[-1].paragraphs[-1].kind == "text"
    assert blog.updates[0].authors == ("Mara Venn",)
    assert blog.notes == ()


def test_a_blog_with_times_buttons_and_key_events(document, kinds):
    blog = parse(document("minute-by-minute.txt"))
    assert [p.text for p in blog.key_points][1:] == ["Minister walks out of talks", "Army flies food to the islands"]
    assert blog.published == datetime(2031, 3, 4, 6, 12, tzinfo=UTC)
    assert headlines(blog) == ["Minister walks out of talks", "Army flies food to the islands", None, "Opening summary"]
    assert [u.published.hour for u in blog.updates] == [16, 14, 13, 12]
    assert blog.updates[0].modified == datetime(2031, 3, 4, 16, 31, tzinfo=UTC)
    assert kinds(blog.updates[2]) == [
        ("pointer", "5h ago"),
        ("pointer", "13.02 GMT"),
        ("text", "Here is what a listener on Holm wrote to us this morning."),
        ("text", "Nine days, nine loaves"),
        ("byline", "— Anna Brae (@annabrae) March 4, 2031"),
        ("pointer", "Share"),
    ]
    assert blog.notes == ("Times of day read as of the last day named above them, in UTC if no zone was named: 5.",)


def test_hard_wrapped_paragraphs_are_joined(document):
    blog = parse(document("hard-wrapped.txt"))
    assert headlines(blog) == ["Army flies food to the islands", "Why are the ferries still in port?"]
    assert len(blog.lead) == 2
    assert "the mayor of\nSkerra" in blog.lead[0].text


def test_markdown_headings_alone_are_headlines(document, kinds):
    blog = parse(document("headings.md"))
    assert blog.title == "Ferry strike live"
    assert [p.text for p in blog.key_points] == ["Ferries in port for ninth day", "Minister walks out of talks."]
    assert headlines(blog) == ["Minister walks out of talks", "Army flies food"]
    assert kinds(blog.updates[1])[1:] == [
        ("text", "Two helicopters landed."),
        ("text", "Flour"),
        ("text", "Insulin"),
        ("pointer", "Read more: How the strike began"),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\n", "\r\n \t\r\n", "\n\xa0\n", "\n\u200b\n", "\u2028"])
def test_line_ends_and_blank_lines_do_not_matter(newline, document):
    lines = document("ferry-strike.txt").decode().splitlines()
    blog = parse(newline.join(lines))
    expected = parse("\n".join(lines))
    assert [(p.id, p.kind, p.text) for p in blog.paragraphs()] == [
        (p.id, p.kind, p.text) for p in expected.paragraphs()
    ]
    assert all(blog.source[p.start : p.end] == p.text for p in blog.paragraphs())


@pytest.mark.parametrize(
    ("first", "title", "day"),
    [
        (" date 2031-03-04 Ferry strike live", "Ferry strike live", 4),
        ("2031-03-04 | Ferry strike live", "Ferry strike live", 4),
        ("Ferry strike live", "Ferry strike live", None),
        ("2031-13-45 ferry strike live", "2031-13-45 ferry strike live", None),
    ],
)
def test_the_first_line_may_hold_a_date(first, title, day):
    blog = parse(f"{first}\nThe strike goes on.\nIt is 6am.")
    assert blog.title == title
    assert (blog.published.day if blog.published else None) == day


def test_an_article_is_an_opening_with_a_note():
    blog = parse("Minister walks out of talks\nThe minister left on Tuesday.\nThe union denied it.")
    assert blog.title == "Minister walks out of talks"
    assert len(blog.lead) == 2
    assert blog.updates == ()
    assert blog.notes == ("No headline was found below the opening, so the whole text is the opening.",)


def test_a_single_sentence_and_a_single_title_are_read():
    assert parse("The minister left on Tuesday.").title is None
    assert parse("Minister walks out of talks").title == "Minister walks out of talks"


def test_times_before_text_on_the_same_line():
    blog = parse(
        "2031-03-04 Ferry strike live\n10:42 GMT - Minister walks out of talks\nShe left at four.\n"
        "9.50am – The mayor asked islanders not to hoard food."
    )
    assert headlines(blog) == ["Minister walks out of talks", None]
    assert [u.published.strftime("%H:%M") for u in blog.updates] == ["10:42", "09:50"]
    assert parse("Ferry strike live\n6pm is the deadline, said the mayor.").lead[0].text.startswith("6pm is")


def test_a_time_below_the_headline_dates_it():
    blog = parse(
        "2031-03-04 Ferry strike live\nIt goes on.\nMinister walks out\n10:42\nShe left.\n"
        "Army flies food\n9:15\nIt landed."
    )
    assert [u.published.hour for u in blog.updates] == [10, 9]


def of_times(*times, head=""):
    """A text with one update for each time."""
    updates = (f"\n\n{time}\nRain on island number {i}\n\nIt rained." for i, time in enumerate(times))
    return parse(f"Rain live: ports shut\n{head}{''.join(updates)}")


def days(blog):
    return [u.published.strftime("%d %H:%M") for u in blog.updates]


def test_the_day_a_blog_was_first_published_is_not_that_of_its_updates():
    stamp, first = "Thu 6 Mar 2031 14.40 GMT", "First published on Wed 5 Mar 2031 06.00 GMT"
    for head in (f"{stamp}\n{first}", f"{first}\n{stamp}"):
        blog = of_times("14.20 GMT", "13.05 GMT", "12.00 GMT", head=head)
        assert days(blog) == ["06 14:20", "06 13:05", "06 12:00"]
        assert blog.published == datetime(2031, 3, 5, 6, tzinfo=UTC)
        assert {p.kind for p in blog.opening.paragraphs} == {"pointer"}


def test_a_dated_update_below_the_pages_time_keeps_its_own():
    blog = of_times("6 Mar 2031 14.20", "6 Mar 2031 13.05", head="6 Mar 2031 14.40")
    assert days(blog) == ["06 14:20", "06 13:05"]
    assert days(of_times("6 Mar 2031 14.20", "6 Mar 2031 13.05")) == ["06 14:20", "06 13:05"]


NIGHT = ("14.20", "13.05", "23.50", "22.40")
ONE_PINNED = ("06.10", "16.20", "15.05", "14.00")
NOT_NEWEST_FIRST = ("13.05", "14.20", "23.50")


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (NIGHT, [6, 6, 5, 5]),
        ((*NIGHT, "5 March 2031", "21.00"), [6, 6, 5, 5, 5]),
        (ONE_PINNED, [6, 6, 6, 6]),
        (NOT_NEWEST_FIRST, [6, 6, 6]),
        (("00.20", "23.50", "23.10"), [6, 5, 5]),
    ],
)
def test_a_time_of_day_that_rises_is_of_the_day_before(times, expected):
    text = "Rain live: ports shut\n6 March 2031"
    for i, time in enumerate(times):
        text += f"\n\n{time}" if time.endswith("31") else f"\n\n{time}\nRain on island number {i}\n\nIt rained."
    blog = parse(text)
    assert [u.published.day for u in blog.updates] == expected
    n_turned = sum(day == 5 for day in expected) - ("5 March 2031" in times)
    note = f"Updates taken for the day before, as a later time of day stands below an earlier one: {n_turned}."
    assert (note in blog.notes) == (n_turned > 0)


def test_times_without_a_day_are_noted():
    blog = parse("Ferry strike live\n10:42\nMinister walks out\nShe left.")
    assert blog.updates[0].published is None
    assert blog.notes == ("Times left out, as their day or their zone is not known: 1.",)


def test_short_lines_that_come_back_are_buttons():
    text = "Ferry strike live\nIt goes on.\n" + "".join(
        f"Number {i} walks out of talks\nShe left at {i}.\nAdd to list\n" for i in range(2, 6)
    )
    assert {p.kind for p in parse(text).paragraphs() if p.text == "Add to list"} == {"pointer"}


def test_tables_are_not_prose_but_three_headlines_may_have_commas():
    blog = parse("Talks fail, again\nThe minister left, angry.\nThe union stayed, calm.")
    assert len(list(blog.paragraphs())) == 3
