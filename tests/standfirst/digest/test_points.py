import copy
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.digest import OTHER, TOP, digest
from standfirst.digest.offers import offered
from standfirst.english.events import tell_apart
from standfirst.english.frames import is_frame
from standfirst.english.view import tokenize
from standfirst.errors import InputError
from standfirst.schema import Digest, LabelledParagraph, LiveBlog, ReadUpdate, Topics, TopicScore, Update
from standfirst.summarize.heads import Boosted, Heads
from standfirst.summarize.reading import Scores

NAMES = ("aid", "strikes")
NOTHING = ReadUpdate(Update("opening", None, ()), (), None, ())
LINES = [
    ("One two", ("aid",)),
    ("Three four", ()),
    ("Five six", ("aid",)),
    ("Seven eight", ("aid",)),
    ("Nine ten", ("aid", "strikes")),
    ("Eleven twelve", ("strikes",)),
    ("Thirteen fourteen", ()),
]
SENTENCES = [
    "The army sent flour to the port on Monday.",
    "Two drones were shot down at night, the mayor said.",
    "“We came here to sign,” the envoy said.",
    "The minister resigned.",
    "He left.",
    "It came at a cost:",
]


def topics(*names: str) -> Topics:
    scores = {name: 0.9 if name in names else 0.1 for name in NAMES}
    return Topics(tuple(TopicScore(n, 0.9) for n in names), scores)


def labelled(update: Update, *names: str) -> ReadUpdate:
    paragraphs = tuple(LabelledParagraph(p, topics(*names)) for p in update)
    return ReadUpdate(update, paragraphs, None, names)


@pytest.fixture
def summed(make_blog, word_bag):
    """The digest of updates that are (headline, topics); the first is the newest."""

    def summed(lines: list[tuple[str, tuple[str, ...]]], **options) -> tuple[LiveBlog, Digest]:
        blog = make_blog(None, [], *((line, [], 22 - i) for i, (line, _) in enumerate(lines)))
        reads = [labelled(u, *names) for u, (_, names) in zip(blog.updates, lines, strict=True)]
        return blog, digest(blog, NOTHING, reads, word_bag, NAMES, **options)

    return summed


def groups(made: Digest) -> dict[str, list[str]]:
    return {g.topic: [p.line.text for p in g.points] for g in made.groups}


def test_the_newest_with_topics_first_then_each_topic_in_turn(summed) -> None:
    """All lines differ, so that recency and topics alone decide; one without a topic counts less."""
    _, made = summed(LINES)
    assert groups(made) == {
        TOP: ["One two", "Five six", "Seven eight"],
        "aid": ["Nine ten"],
        "strikes": ["Eleven twelve"],
        OTHER: ["Three four", "Thirteen fourteen"],
    }
    assert made.n_words == 14


@pytest.mark.parametrize(("max_words", "n_points"), [(1, 0), (2, 1), (7, 3), (9, 4), (13, 6), (14, 7)])
def test_the_budget_is_kept(summed, max_words: int, n_points: int) -> None:
    _, made = summed(LINES, max_words=max_words)
    assert len(made.points) == n_points
    assert made.max_words == max_words


def test_a_topic_gets_its_first_before_another_gets_its_second(summed) -> None:
    lines = [*LINES[:1], *LINES[2:4], ("A b", ("aid",)), ("C d", ("aid",)), ("E f", ("strikes",))]
    assert groups(summed(lines, max_words=10)[1]) == {
        TOP: ["One two", "Five six", "Seven eight"],
        "aid": ["A b"],
        "strikes": ["E f"],
    }


def test_what_was_told_is_linked_and_not_repeated(summed) -> None:
    lines = [("Minister leaves talks", ("aid",)), ("Boats wait", ()), ("Talks: minister leaves talks", ("aid",))]
    blog, made = summed(lines)
    told = {p.line.text: p.also for p in made.points}
    assert len(told) == 2
    assert told["Boats wait"] == ()
    (also,) = (also for text, also in told.items() if text != "Boats wait")
    assert also in ((blog.updates[0].id,), (blog.updates[2].id,))


@pytest.mark.parametrize(("second", "place"), [("Grain ship docks", 2), ("Rain floods market", 1)])
def test_a_line_near_to_what_is_taken_waits_for_one_that_says_more(summed, second: str, place: int) -> None:
    """Two of its words stand in the newest line: too far to be the same event, too near to come next."""
    lines = ["Grain ship leaves port tonight", second, "Court frees two editors", "Teachers march again today"]
    points = summed([(line, ()) for line in lines])[1].points
    assert [p.line.text for p in points].index(second) == place


def test_of_lines_on_one_event_the_latest_is_shown(summed) -> None:
    """Whichever scores best: the event takes one place, the latest line stands in it, earlier ones are linked."""
    event = "Dam at Osk broke leaving {} homes dark tonight"
    lines = [(event.format("ninety"), ()), ("Boats wait", ("aid",)), (event.format("forty"), ("aid",))]
    blog, made = summed(lines)
    (point,) = (p for p in made.points if "Dam" in p.line.text)
    assert point.line.text == event.format("ninety")
    assert (point.update_id, point.also) == (blog.updates[0].id, (blog.updates[2].id,))


def test_what_is_new_is_linked_to_what_was_told_before(summed) -> None:
    lines = [("Minister leaves talks", ("aid",)), ("Boats wait", ()), ("Talks: minister leaves talks", ("aid",))]
    since = datetime(2031, 3, 4, 21, tzinfo=UTC)
    blog, made = summed(lines, since=since)
    told = {p.line.text: p.also for p in made.points}
    assert told == {"Minister leaves talks": (blog.updates[2].id,), "Boats wait": ()}


def test_points_stay_when_the_blog_grows(summed) -> None:
    """One update more pushes out at most one point."""
    lines = [(f"Alpha{n} beta{n}", ("aid",) if n % 2 else ()) for n in range(20)]
    before = None
    for start in range(8, -1, -1):
        told = {p.line.text for p in summed(lines[start:], max_words=12)[1].points}
        assert before is None or len(before - told) <= 1
        before = told


def test_options(summed) -> None:
    assert groups(summed(LINES, topics=["strikes"])[1]) == {TOP: ["Nine ten", "Eleven twelve"]}
    assert set(groups(summed(LINES, topics=["aid"])[1])) == {TOP, "aid"}
    assert [len(g.points) for g in summed(LINES, per_topic=1)[1].groups] == [1, 1, 1, 1]
    since = datetime(2031, 3, 4, 20, 30, tzinfo=UTC)  # when the third was published: only later ones count
    assert groups(summed(LINES, since=since)[1]) == {TOP: ["One two", "Three four"]}
    assert summed(LINES, since=datetime(2040, 1, 1, tzinfo=UTC))[1] == Digest((), 150)
    assert summed([])[1] == Digest((), 150)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"max_words": 0}, "max_words"),
        ({"max_words": 1.5}, "max_words"),
        ({"per_topic": 0}, "per_topic"),
        ({"per_topic": True}, "per_topic"),
        ({"per_topic": 1.5}, "per_topic"),
        ({"since": datetime(2031, 3, 4)}, "since"),
        ({"since": "2031-03-04"}, "since"),
        ({"topics": ["aids"]}, "topics"),
        ({"topics": []}, "topics"),
    ],
)
def test_wrong_options_are_refused(summed, options: dict, where: str) -> None:
    with pytest.raises(InputError) as caught:
        summed(LINES, **options)
    assert caught.value.where == where


def test_a_full_group_gives_its_place_to_another(summed) -> None:
    """With one point for each topic the second and third best of all go to their own topics, and no topic is lost."""
    lines = [("One two", ("aid",)), ("Five six", ("aid",)), ("Seven eight", ("aid",)), ("Nine ten", ("strikes",))]
    made = summed(lines, per_topic=1)[1]
    assert groups(made) == {TOP: ["One two"], "aid": ["Five six"], "strikes": ["Nine ten"]}


def test_what_a_full_group_cannot_show_is_linked_or_shown_for_the_older(summed) -> None:
    event = "Dam at Osk broke leaving {} homes dark tonight"
    lines = [("Boats wait", ("aid",)), (event.format("ninety"), ("aid",)), (event.format("forty"), ("aid",))]
    blog, made = summed(lines, per_topic=1)
    (point,) = (p for p in made.points if "Dam" in p.line.text)
    assert point.line.text == event.format("ninety")
    assert point.also == (blog.updates[2].id,)


@pytest.mark.parametrize("lines", [("Blast kills two in Osk", "Explosion kills two in Osk"),
                                   ("Minister Quits Over Leak", "Minister Resigns Over Leak")])  # fmt: skip
def test_a_first_word_and_title_case_tell_no_names(lines: tuple[str, str]) -> None:
    assert not tell_apart(*lines)


@pytest.mark.parametrize(
    "line", ["We are closing the border, says minister", "Get involved in war, general tells allies"]
)
def test_news_that_begins_as_a_frame_does_is_news(line: str) -> None:
    assert not is_frame(line)


def test_lines_that_differ_in_names_alone_are_two_stories(summed) -> None:
    lines = [("Dam at Osk broke leaving homes dark tonight", ()), ("Dam at Veld broke leaving homes dark tonight", ())]
    assert len(summed(lines)[1].points) == 2


@pytest.mark.parametrize(
    "frame",
    [
        "GET INVOLVED: Text 81111 with your views",
        "We'll be pausing our coverage shortly",
        "Get in touch",
        "Queen's speech in full",
    ],
)
def test_more_frames_are_no_news(summed, frame: str) -> None:
    assert groups(summed([(frame, ()), ("Boats wait", ())])[1]) == {TOP: ["Boats wait"]}


@pytest.mark.parametrize("tag", ["ICYMI: ", "Watch:", "in pictures : "])
def test_a_tag_is_no_part_of_the_line(summed, tag: str) -> None:
    blog, made = summed([(f"{tag}Boats wait", ())])
    (point,) = made.points
    (piece,) = point.line.pieces
    assert point.line.text == "Boats wait" == blog.source[piece.source_start :]


def test_a_question_is_no_news(summed) -> None:
    assert groups(summed([("Why wait?", ("aid",)), ("Boats wait", ())])[1]) == {TOP: ["Boats wait"]}


@pytest.mark.parametrize("frame", ["Evening summary", "Good morning!", "What we know so far:"])
def test_what_only_frames_the_blog_is_no_point(summed, frame: str) -> None:
    assert groups(summed([(frame, ("aid",)), ("Boats wait", ())])[1]) == {TOP: ["Boats wait"]}


def test_what_editors_would_hardly_take_is_no_point_below_the_top(summed, monkeypatch) -> None:
    """Scores of .05 and less: three are taken as the top, then those with a topic."""
    monkeypatch.setattr("standfirst.digest.points._scores", lambda found, *_: np.linspace(0.05, 0.01, len(found)))
    assert groups(summed(LINES)[1]) == {
        TOP: ["One two", "Three four", "Five six"],
        "aid": ["Seven eight", "Nine ten"],
        "strikes": ["Eleven twelve"],
    }


def opened(make_blog, word_bag, *parts: tuple[str, tuple[str, ...]]) -> list[str]:
    """The lines of the digest of an opening of (text, topics), in the order of their ids in the text."""
    blog = make_blog(None, [("text", text) for text, _ in parts])
    paragraphs = tuple(LabelledParagraph(p, topics(*names)) for p, (_, names) in zip(blog.opening, parts, strict=True))
    made = digest(blog, ReadUpdate(blog.opening, paragraphs, None, NAMES), [], word_bag, NAMES)
    return sorted(p.line.text for p in made.points)


def test_the_opening_tells_each_story_once(make_blog, word_bag) -> None:
    """The second sentence has all words of the first and one more: cosine .94."""
    lines = opened(
        make_blog,
        word_bag,
        ("Grain ships left harbour before dawn today.", ("aid",)),
        ("Eight grain ships left harbour before dawn today.", ("aid",)),
        ("Rockets struck an airfield near Osk.", ("strikes",)),
    )
    assert lines == ["Grain ships left harbour before dawn today.", "Rockets struck an airfield near Osk."]


def test_what_only_its_neighbours_explain_is_no_point(make_blog, word_bag) -> None:
    """Sentences further down that carry no topic, or lean on an earlier one."""
    lines = opened(
        make_blog,
        word_bag,
        ("Grain ships left harbour before dawn.", ()),
        ("Nobody has commented on these claims.", ()),
        ("They carried flour for Osk.", ("aid",)),
        ("Rockets struck an airfield.", ("strikes",)),
    )
    assert lines == ["Grain ships left harbour before dawn.", "Rockets struck an airfield."]


def test_of_two_sentences_in_one_place_the_shorter_leads(make_blog, word_bag) -> None:
    long = "Rockets struck " + " ".join(f"depot{n}" for n in range(60)) + "."
    blog = make_blog(None, [("text", long), ("text", "Ships sank.")])
    paragraphs = tuple(LabelledParagraph(p, topics("strikes")) for p in blog.opening)
    made = digest(blog, ReadUpdate(blog.opening, paragraphs, None, NAMES), [], word_bag, NAMES)
    assert [p.line.text for p in made.points] == ["Ships sank.", long]


def test_a_headline_takes_the_topics_of_most_of_its_prose(make_blog, word_bag) -> None:
    blog = make_blog(None, [], ("Boats wait", [("text", "One."), ("text", "Two."), ("text", "Three.")], 9))
    (update,) = blog.updates
    given = [(), ("aid",), ("aid", "strikes"), ()]
    paragraphs = tuple(LabelledParagraph(p, topics(*g)) for p, g in zip(update, given, strict=True))
    made = digest(blog, NOTHING, [ReadUpdate(update, paragraphs, None, NAMES)], word_bag, NAMES)
    assert made.points[0].topics == ("aid",)


_PROSE = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)
_PARTS = st.lists(
    st.tuples(st.just("text"), _PROSE)
    | st.tuples(st.just("key_point"), st.sampled_from(SENTENCES[:3]))
    | st.sampled_from([("byline", "Mara Venn reports:"), ("pointer", "Read more: the strike in pictures")]),
    max_size=4,
)
_HEADLINES = st.sampled_from([None, "Minister leaves talks", "ICYMI: Army sends flour to the port", "Who pays?"])
_UPDATES = st.lists(st.tuples(_HEADLINES, _PARTS, st.none() | st.integers(0, 23)), max_size=6)


@given(st.sampled_from([None, "Ferry strike live"]), _PARTS, _UPDATES, st.integers(1, 80), st.data())
@settings(deadline=None, database=None, max_examples=60)
@pytest.mark.slow
def test_a_digest_is_short_faithful_and_cites(bag_reader, make_blog, title, opening, updates, max_words, data) -> None:
    blog = make_blog(title, opening, *updates)
    wanted = data.draw(st.none() | st.lists(st.sampled_from(bag_reader.labels.names), min_size=1, unique=True))
    since = data.draw(st.none() | st.integers(0, 23).map(lambda h: datetime(2031, 3, 4, h, tzinfo=UTC)))
    made = bag_reader.digest(blog, max_words=max_words, topics=wanted, since=since)
    assert made.n_words <= max_words
    by_id = {u.id: u for u in (blog.opening, *blog.updates)}
    assert len({p.line.text for p in made.points}) == len(made.points)
    for point in made.points:
        update = by_id[point.update_id]
        assert point.published == update.published
        assert set(point.also) <= by_id.keys() - {update.id}
        assert since is None or update.published > since
        assert wanted is None or set(wanted) & set(point.topics)
        for piece in point.line.pieces:
            (home,) = (p for p in update if p.id == piece.paragraph_id)
            assert home.kind in ("headline", "text", "key_point")
            assert home.repeat_of is None or since is not None or wanted is not None  # its original may be out of range
            assert home.text[piece.start : piece.end] == piece.text
            assert blog.source[piece.source_start :].startswith(piece.text)
    assert len({g.topic for g in made.groups}) == len(made.groups)
    assert {g.topic for g in made.groups} <= {TOP, OTHER, *(wanted or bag_reader.labels.names)}


def test_the_story_that_the_title_names_goes_first(make_blog, word_bag) -> None:
    """Its line is the oldest and least of all; the kicker in front of the title's story is no part of it."""
    lines = ["Seven eight", "Nine ten", "Eleven twelve", "Thirteen fourteen", "Drones hit the port"]
    for title, first in (
        ("Drones live: drones hit the port at night", "Drones hit the port"),
        ("Drones hit the port live: something else", "Seven eight"),
        (None, "Seven eight"),
    ):
        blog = make_blog(title, [], *((line, [], 22 - i) for i, line in enumerate(lines)))
        reads = [labelled(u) for u in blog.updates]
        made = digest(blog, NOTHING, reads, word_bag, NAMES)
        assert groups(made)[TOP][0] == first


def test_of_lines_as_near_to_the_title_the_best_goes_first(make_blog, word_bag) -> None:
    """An older line is at .75 from the title's story; a newer one goes first at .67, not at .5."""
    older = "Drones hit Osk rail"
    for newer, first in (
        ("Drones hit port crane shed", "Drones hit port crane shed"),
        ("Drones hit crane shed", older),
    ):
        blog = make_blog("Drones hit port Osk", [], (newer, [], 21), ("Nine ten", [], 20), (older, [], 19))
        made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
        assert groups(made)[TOP][0] == first


@pytest.mark.parametrize(
    ("n_bare", "wanted"),
    [(4, {"One two": 0.6 / 1.1, "Three four": 0.5 / 1.1}), (0, dict.fromkeys(("One two", "Three four"), 0.5))],
)
def test_where_headlines_are_few_the_newest_gain(make_blog, word_bag, n_bare: int, wanted: dict[str, float]) -> None:
    """The fitted score holds all updates for equal."""
    flat = Boosted(("news",), 0.0, np.zeros((1, 1), np.int64), np.zeros((1, 1)), np.zeros((1, 2)))
    scored = copy.copy(word_bag)
    scored.heads = Heads(64, (0.0,) * 9, (0.0,) * 9, 0.0, {"marked": flat, "headlines": flat})
    scored.scores = lambda texts, **_: [Scores(0.0, 0.0, (1.0,) * len(tokenize(t))) for t in texts]
    scored.scores_each = lambda updates: [tuple(scored.scores(texts)) for texts, _ in updates]
    bare = [(None, [("text", f"Nobody came to quay {n} today.")], 20 - n) for n in range(n_bare)]
    blog = make_blog(
        None, [], ("One two", [("text", "It rains.")], 22), *bare, ("Three four", [("text", "It snows.")], 10)
    )
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], scored, NAMES)
    scores = {p.line.text: p.score for p in made.points}
    assert {text: scores[text] for text in wanted} == pytest.approx(wanted, abs=1e-4)


@pytest.fixture
def told(make_blog, word_bag):
    """Each point's line with how many updates are linked, of updates of one sentence; the first is the newest."""

    def told(*texts: str) -> dict[str, int]:
        blog = make_blog(None, [], *((None, [("text", text)], 22 - i) for i, text in enumerate(texts)))
        made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
        return {p.line.text: len(p.also) for p in made.points}

    return told


@pytest.mark.parametrize(
    "texts",
    [
        ("An air strike hit a car park in Veld.", "An air strike killed forty people at a school in Osk."),  # .53
        ("Two people have died in a fire at a hotel in Osk.", "Six people have died in a fire at a nightclub in Osk."),
        ("All the ferries from Osk to the isles run today.", "All the ferries from Veld to the isles wait today."),
        ("The rebels have rejected the plan for a truce.", "The rebels have accepted the plan for a truce."),
    ],
)
def test_sentences_on_two_events_are_two_points(told, texts: tuple[str, str]) -> None:
    assert told(*texts) == dict.fromkeys(texts, 0)


@pytest.mark.parametrize(
    "latest",
    [
        "Forty people have died in a fire at a nightclub in Osk.",
        "The toll in a fire at a nightclub in Osk has risen to forty.",  # cosine .71
    ],
)
def test_the_latest_numbers_of_one_event_are_shown(told, latest: str) -> None:
    assert told(latest, "Twelve people have died in a fire at a nightclub in Osk.") == {latest: 1}


def test_what_is_merged_tells_the_event_that_is_shown(told, monkeypatch) -> None:
    """The oldest wins the place, the nightclub is shown there, and the hotel is not the nightclub."""
    monkeypatch.setattr("standfirst.digest.points._scores", lambda found, *_: np.linspace(0.1, 0.5, len(found)))
    hotel, club = (f"{n} have died in a fire at a {scene} in Osk." for n, scene in (("Two", "hotel"), ("Ten", "club")))
    assert told(hotel, club, "Four have died in a fire in Osk.") == {club: 1, hotel: 0}


def test_a_new_toll_replaces_the_old(told) -> None:
    latest = "Nine people in Osk are dead, police now say."  # cosine .71
    assert told(latest, "Four people in Osk are dead, police said.") == {latest: 1}


def test_under_a_label_the_news_of_its_list_is_offered(make_blog, word_bag) -> None:
    items = ["A plane came down near Osk.", "Nine people died.", "Snow falls.", "Boats wait."]
    blog = make_blog(None, [], ("What we know so far", [("text", text) for text in items], 9))
    lines = groups(digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES))[TOP]
    assert len(lines) == 3
    assert set(lines) < set(items)


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        ("Two people spoke.", "The crews of nine ferries left Osk this week."),
        ("The port of Osk was shut by its crews.", "The port of Osk was shut by its crews."),
    ],
)
def test_a_remark_gives_way_to_the_updates_own_line(make_blog, word_bag, first: str, wanted: str) -> None:
    """The line head is for the second sentence."""
    scored = copy.copy(word_bag)
    scored.heads = Heads(64, (0.0,) * 9, (0.0,) * 9, 0.0, {})
    scored.scores = lambda texts, **_: [Scores(2.0 * i, 0.0, (1.0,) * len(tokenize(t))) for i, t in enumerate(texts)]
    scored.scores_each = lambda updates: [tuple(scored.scores(texts)) for texts, _ in updates]
    blog = make_blog(None, [], (None, [("text", f"{first} The crews of nine ferries left Osk this week.")], 9))
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], scored, NAMES)
    assert [p.line.text for p in made.points] == [wanted]


def test_headlines_that_contradict_each_other_are_two_points(summed) -> None:
    lines = [
        "Strike on school in Osk killed no pupils, hospital says",
        "Strike on school in Osk killed pupils, hospital says",
    ]
    assert len(summed([(line, ()) for line in lines])[1].points) == 2


ERROR = "Ina Venn was on board the plane that crashed near Osk."


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        (None, "Correction: our 9.30am post said that the envoy had died. The ministry named nobody."),
        (None, "A correction to our 9.30 post: the envoy is 61."),
        (None, "We wrongly reported at 9.30 that the envoy had died."),
        (None, "Our post at 21:30 said that the envoy had died. He has not."),
        ("Correction", "In our 09.30 post we said that the envoy had died. Nobody was named."),
        (None, "Correction: Ina Venn was not on board the plane that crashed near Osk."),
        (None, "Earlier, we reported that Ina Venn was on board the plane that crashed near Osk. We apologise."),
        ("Correction: Ina Venn on board the plane that crashed", "She was at home."),
        (
            None,
            "An earlier version of this page stated that she was on the plane that crashed near Osk. In fact not.",
        ),
        (None, "In our 9.30 post we quoted the envoy as saying so. It was Mell who said it."),
        (None, "She was not, as we said an hour ago, on board the plane that crashed near Osk."),
        (None, "Apologies: the envoy in the 9.30 post should have been Mell."),
        (None, "The passenger was Dan Orsk, not the envoy as stated at 9.30."),
        (None, "We have removed a post from 9:30 about the envoy, which we could not stand up."),
        (None, "The envoy is well, contrary to what was said here at 9.30am."),
        (None, "Sorry: Ina Venn was not on the plane near Osk. I misheard."),
        (None, "My 9.30 post put words into her mouth. It was Dan Orsk who spoke."),
        (None, "Our earlier entry headed “on board the plane that crashed near Osk” was published in error."),
    ],
)
def test_what_a_correction_takes_back_is_no_point(make_blog, word_bag, headline: str | None, text: str) -> None:
    """By the time of its post, whatever it says, or by its words; what repeats it is none, and none is linked."""
    blog = make_blog(
        None,
        [("key_point", ERROR)],
        (headline, [("text", text)], 12),
        (None, [("text", "The plane was built in Lot in March.")], 10),
        (None, [("text", ERROR[:-1] + " Boats wait.")], 9),
        (None, [("text", "Teachers march again in Veld.")], 8),
    )
    opening = labelled(blog.opening)
    made = digest(blog, opening, [labelled(u) for u in blog.updates], word_bag, NAMES)
    points = {p.line.text: p.also for p in made.points}
    assert not any("Ina Venn" in line and " not " not in line for line in points)
    assert {"The plane was built in Lot in March.", "Teachers march again in Veld."} <= points.keys()
    assert not any(blog.updates[2].id in also for also in points.values())


@pytest.mark.parametrize(
    "text",
    [
        "Lot police have withdrawn a statement in which they said that Ina Venn was on the plane near Osk.",
        "NOTE: An earlier post named Ina Venn on board the plane near Osk in error. She was at home.",
    ],
)
def test_what_is_withdrawn_or_named_in_error_is_no_point(make_blog, word_bag, text: str) -> None:
    updates = [
        (None, [("text", text)], 12),
        (None, [("text", ERROR)], 9),
        (None, [("text", "Teachers march in Veld.")], 8),
    ]
    blog = make_blog(None, [], *updates)
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert not any(p.line.text == ERROR or p.also for p in made.points)


def test_a_correction_that_says_what_is_right_is_a_point(told) -> None:
    right = "Correction: the toll of the storm in Osk is 44, not 47, the ministry says."
    assert told(right, "The toll of the storm in Osk is 47, the ministry says.", "Boats wait.").keys() == {
        right,
        "Boats wait.",
    }


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        (
            "Correction: our 9.30am post said that Ina Venn was on board the plane that crashed near Osk.",
            8,
        ),  # came before
        ("Earlier, we reported that Ina Venn was on board the plane that crashed near Osk. Here is her story.", 12),
        ("In a post on Truth Social, Tom Oake said that Ina Venn was wrong.", 12),
        ("As we reported earlier, the plane crashed near Osk. The guard was not on board.", 12),
        ("See our 9.30 post on the plane. The envoy denies all charges.", 12),
        ("The UN said an earlier report on the plane that crashed near Osk was wrong.", 12),
        ("Correction: the plane had a crew of four.", 12),
        ("Correction: that should read: the plane that crashed near Osk was on time.", 12),
    ],
)
def test_what_no_correction_means_stays_a_point(make_blog, word_bag, text: str, hour: int) -> None:
    blog = make_blog(None, [], (None, [("text", text)], hour), (None, [("text", ERROR)], 9))
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert ERROR in {p.line.text for p in made.points}


def test_a_number_that_was_wrong_is_no_point(told) -> None:
    wrong = "At least 23 people have died in the storm in Osk."
    right = "At least 16 people have died in the storm in Osk. An earlier update put it at 23, which was wrong."
    assert told(right, "Some 23 boats wait.", wrong) == {right.partition(" An ")[0]: 0, "Some 23 boats wait.": 0}


@pytest.mark.parametrize("order", [1, -1])
def test_what_ignores_that_takes_back_the_update_before_it(make_blog, word_bag, order: int) -> None:
    """As the times tell which that is, on either kind of page."""
    updates = [
        (None, [("text", "Ignore that, I pressed the wrong button. It is a hold.")], 12),
        (None, [("text", "The bank has cut its rate to 5%.")], 11),
        (None, [("text", "Teachers march in Veld.")], 9),
    ][::order]
    blog = make_blog(None, [], *updates)
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert not any("bank" in p.line.text for p in made.points)
    assert "Teachers march in Veld." in {p.line.text for p in made.points}


def test_an_apology_is_no_point(told) -> None:
    assert told("We apologise for the mistake.", "Boats wait.") == {"Boats wait.": 0}


def test_what_somebody_said_in_a_post_is_news(told) -> None:
    text = "In a post on Truth Social, Tom Oake said that the war was over."
    assert told(text, "Boats wait.") == {text: 0, "Boats wait.": 0}


@pytest.mark.parametrize(
    ("point", "is_left"),
    [
        ("Two hurt in Osk", False),
        ("Two hurt in Veld", True),
        ("Port of Lot open", True),
        ("The latest", False),
        ("Boats wait.", True),
    ],
)
def test_a_key_point_that_shortens_a_headline_is_no_point_of_its_own(make_blog, word_bag, point, is_left) -> None:
    headlines = ("Two hurt in Osk as a wall falls", "Port of Lot is not open", "Boats wait.")
    blog = make_blog(None, [("key_point", point)], *((headline, [], 9) for headline in headlines))
    found = offered(labelled(blog.opening), [labelled(u) for u in blog.updates], word_bag, None)
    assert [c.line.text for c in found if c.paragraph.kind == "key_point"] == [point] * is_left


def test_the_order_of_a_page_makes_no_other_digest(make_blog, word_bag) -> None:
    updates = [
        (None, [("text", f"{n} boats wait in the port of {p}.")], 15 - n) for n, p in enumerate(("Osk", "Lot", "Vell"))
    ]
    made = []
    for order in (1, -1):
        blog = make_blog(None, [], *updates[::order])
        found = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
        made.append([(p.line.text, p.score) for p in found.points])
    assert made[0] == made[1]


def test_the_openings_own_line_goes_first_where_it_tells_the_title(make_blog, word_bag) -> None:
    title = "Rail strike ends as union takes the offer"
    blog = make_blog(
        title,
        [("text", "The rail union takes the offer and ends its strike.")],
        ("Rail strike talks go on", [("text", "x y z.")], 9),
    )
    made = digest(blog, labelled(blog.opening), [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert made.points[0].line.text == "The rail union takes the offer and ends its strike."


def test_a_point_never_begins_with_somebody_unknown(make_blog, word_bag) -> None:
    blog = make_blog(
        None, [], (None, [("text", "She expects the bank to cut its rate.")], 9), (None, [("text", "Boats wait.")], 8)
    )
    made = digest(blog, NOTHING, [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert [p.line.text for p in made.points] == ["Boats wait."]


def test_an_opening_of_the_morning_does_not_lead(make_blog, word_bag) -> None:
    title = "MPs back the rail bill"
    opening = "MPs will vote on the rail bill this evening."
    blog = make_blog(title, [("text", opening)], ("MPs back the rail bill by ten votes", [("text", "x y z.")], 9))
    made = digest(blog, labelled(blog.opening), [labelled(u) for u in blog.updates], word_bag, NAMES)
    assert made.points[0].line.text == "MPs back the rail bill by ten votes"


@pytest.mark.parametrize(("later", "first"), [("MPs have passed the bill on trains in Osk.", 1), ("Snow fell.", 0)])
def test_what_has_happened_since_counts_less(told, later: str, first: int) -> None:
    lines = ["MPs are expected to pass the bill on trains in Osk.", "Boats wait in Lot."]
    shown = list(told(later, lines[0], lines[1]))
    assert (shown.index(lines[0]) > shown.index(lines[1])) is bool(first)
