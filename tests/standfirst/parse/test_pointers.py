import pytest

from standfirst.parse.pointers import is_bare_pointer, is_byline, is_name, is_pointer, names_in

POINTERS = """\
Read more:
More here:
ICYMI:
Read the full story here:
Here's more from our correspondent on Skerra:
Read more: How the strike began
Related | How the strike began
Share
Copy link
12 comments
https://news.example/ferries
pic.twitter.com/abc
Photograph: Lena Holt/AFP/Getty Images
Two men carry a sack of flour. Photograph: Lena Holt
A boat in the harbour of Skerra (Lena Holt/Getty Images)
Two men carry a sack of flour. Picture by Lena Holt
(Photos by Lena Holt/Skerra Press)
Sign up to our morning newsletter
You can read the full report here.
View image in fullscreen
12,345 viewing this page
310 people are watching now
Live Coverage
SORT BY: Latest
The post Bread lines grow on Skerra appeared first on Skerra News.
Show key events only
"""

NEWS = """\
ICYMI: Ferry boss quits
Watch: Helicopters land on football pitch
More than 20 people were turned away:
Here are the latest developments:
Share prices fall as ferries stay in port
Video shows helicopters over Skerra
The deal was first reported by Reuters.
Photos: Bread lines on Skerra grow by the hour
The museum has bought a picture by Lena Holt
Picture by picture, the inquiry goes through the night
300 people watching the match were hurt
Order: the speaker calls for silence on the second day of the debate
The post office on Skerra appeared first on maps of 1850, says its owner
Follow the money, the mayor said, and you will find the strike
"""


@pytest.mark.parametrize("line", POINTERS.splitlines())
def test_pointers(line):
    assert is_pointer(line)


@pytest.mark.parametrize("line", NEWS.splitlines())
def test_news_is_no_pointer(line):
    assert not is_pointer(line)
    assert not is_byline(line)


def test_only_a_colon_announces_something():
    assert is_bare_pointer("Read more:")
    assert not is_bare_pointer("Read more: How the strike began")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Mara Venn reports:", ("Mara Venn",)),
        ("Mara Venn and Tom Oake report from Skerra", ("Mara Venn", "Tom Oake")),
        ("Our transport correspondent Tom Oake has more:", ("Tom Oake",)),
        ("By Mara Venn, Tom Oake and Lena Holt", ("Mara Venn", "Tom Oake", "Lena Holt")),
        ("From CNN's Tom Oake in Skerra", ("Tom Oake",)),
        ("Writes Lena van der Holt", ("Lena van der Holt",)),
        ("Mara Venn in Skerra:", ("Mara Venn",)),
        ("Mara Venn (now) and Tom Oake (earlier)", ()),
        ("Political correspondent", ()),
        ("Lena Holt, industry correspondent", ()),
        ("Weather: Simon Brae, forecaster", ()),
        ("Reporting from the Skerra crossing", ()),
        ("From CNN meteorologist Lena Holt", ("Lena Holt",)),
        ("From CNN's Tom Oake on Harbour Hill", ("Tom Oake",)),
        ("— Anna Brae (@annabrae) March 4, 2031", ()),
    ],
)
def test_bylines(line, names):
    assert is_byline(line)
    assert names_in(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "By Tuesday the bridge was open",
        "Local television reports a fire:",
        "The mayor has more to say about it",
        "From today on",
    ],
)
def test_what_only_starts_like_a_byline(line):
    assert not is_byline(line)


def test_names():
    assert is_name("Mara Venn")
    assert is_name("Mara K. Venn-Oake")
    assert not is_name("Mara left")
    assert not is_name("Mara")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Updated at 14.05 BST", True),
        ("Published at 09.15 GMT on Monday 3 May", True),
        ("Last updated: today, 9:30 am", True),
        ("Published figures show inflation at 10.25", False),
        ("Updated: 30 dead, quake hits at 10:30 am", False),
        ("Posted a time of 3:45", False),
    ],
)
def test_stamps_are_pointers_and_news_with_a_time_is_none(line: str, expected: bool):
    assert is_pointer(line) is expected
