"""Lines against their sources. All sentences are invented; each bad line is a faithful one with one thing changed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.english import groups as g
from standfirst.english import words as w
from standfirst.english.claims import Reading
from standfirst.summarize.guard import check, denied_words

SOURCES = {
    "ferry": [
        "The ferry did not leave Ostra on Monday, the harbour master said.",
        "Forty people waited on the quay for six hours.",
    ],
    "plant": ["Russia claims Ukraine hit the power plant at Lenn with 12 drones on Tuesday night."],
    "toll": [
        "At least 40 people were killed and 7 others wounded when a bridge fell in Ostra, police said.",
        "The bridge was built in 1962 and cost $5.2m.",
    ],
    "fund": ["Ministers agreed to pay £1.2bn to farmers if the drought lasts until June."],
    "quote": ["“We will not sell the port,” Mayor Dana Oake told reporters in Lenn."],
    "oil": ["The tanker spilled up to 300 tonnes of oil about 40 km off the coast, the coastguard reported."],
    "resign": ["Former minister Tom Venn resigned from the board of Norvik Rail after only three weeks."],
    "trial": ["Two men were charged with arson; neither has been convicted."],
    "clash": ["Police shot two of the rebels near the northern gate."],
    "passive": ["Norvik was shelled by Ostra for the first time in a year."],
    "vote": ["Parliament may vote on Thursday to remove the speaker, Aldo Renn, unless he apologises."],
    "rates": ["The bank cut rates to 3.5% from 4%, its lowest level since 2019."],
    "aid": ["The World Harbour Office sent flour, tents and medicine to the islands on Friday."],
    "denial": ["The army denied that its drones had struck the market in Lenn."],
    "plan": ["The government will close 14 schools in the east next year, officials said."],
    "some": ["Most of the crew had left the ship before it sank."],
    "scare": ["The company called the leak a “minor event” in a letter to residents."],
    "turn": ["Oake replaced Venn as head of the rescue service."],
    "trains": ["No trains ran between Ostra and Lenn, but buses ran every hour."],
    "doubt": ["The blast was reportedly caused by a gas leak in the cellar of the town hall."],
}

FAITHFUL = [
    ("ferry", "Ferry did not leave Ostra, harbour master says"),
    ("ferry", "The ferry did not leave Ostra on Monday, the harbour master said."),
    ("ferry", "Forty people waited on the quay for six hours"),
    ("ferry", "40 people waited six hours on the quay"),
    ("plant", "Russia claims Ukraine hit power plant at Lenn"),
    ("plant", "Russia claims Ukraine hit the Lenn power plant with 12 drones"),
    ("toll", "At least 40 killed when bridge fell in Ostra, police say"),
    ("toll", "Police: at least 40 people killed when bridge fell"),
    ("toll", "The bridge cost $5.2 million"),
    ("toll", "Bridge was built in 1962"),
    ("fund", "Ministers agree to pay farmers £1.2bn if drought lasts until June"),
    ("fund", "Ministers agreed to pay £1.2 billion to farmers if the drought lasts"),
    ("quote", "“We will not sell the port,” Mayor Dana Oake tells reporters"),
    ("quote", "Mayor Dana Oake: “We will not sell the port”"),
    ("oil", "Tanker spilled up to 300 tonnes of oil, coastguard reports"),
    ("oil", "Up to 300 tonnes of oil spilled about 40 kilometres off the coast, coastguard says"),
    ("resign", "Former minister Tom Venn resigned from Norvik Rail board after only three weeks"),
    ("resign", "Former minister Tom Venn resigns from board of Norvik Rail"),
    ("trial", "Two men charged with arson; neither has been convicted"),
    ("clash", "Police shot two of the rebels near northern gate"),
    ("passive", "Norvik shelled by Ostra for the first time in a year"),
    ("passive", "Ostra shells Norvik for the first time in a year"),
    ("vote", "Parliament may vote to remove speaker Aldo Renn unless he apologises"),
    ("rates", "Bank cuts rates to 3.5% from 4%"),
    ("rates", "The bank cut rates to 3.5 per cent"),
    ("aid", "World Harbour Office sends flour and tents to islands"),
    ("aid", "WHO sent flour, tents and medicine to the islands"),
    ("denial", "Army denies its drones struck market in Lenn"),
    ("plan", "Government will close 14 schools in the east, officials say"),
    ("plan", "Government to close 14 schools in the east next year, say officials"),
    ("some", "Most of the crew left the ship before it sank"),
    ("scare", "Company called leak a “minor event” in letter to residents"),
    ("turn", "Oake replaces Venn as head of rescue service"),
    ("trains", "No trains ran between Ostra and Lenn"),
    ("doubt", "Blast reportedly caused by gas leak in town hall cellar"),
]

UNFAITHFUL = [
    # numbers
    ("ferry", "Fifty people waited on the quay for six hours", "number"),
    ("ferry", "Forty people waited on the quay for six days", "unit"),
    ("plant", "Russia claims Ukraine hit power plant with 21 drones", "number"),
    ("toll", "At least 400 people killed when bridge fell, police say", "number"),
    ("toll", "At least 7 people killed when bridge fell in Ostra, police say", "number|limit"),
    ("toll", "40 people killed when bridge fell in Ostra, police say", "limit to a number"),
    ("toll", "Up to 40 people killed when bridge fell in Ostra, police say", "limit to a number"),
    ("toll", "7 people killed and at least 40 wounded when bridge fell, police say", "counts something else"),
    ("toll", "The bridge cost $5.2bn", "number"),
    ("toll", "The bridge cost £5.2m", "unit"),
    ("toll", "The bridge was built in 1926", "number"),
    ("toll", "Dozens killed when bridge fell in Ostra, police say", "number"),
    ("fund", "Ministers agree to pay farmers €1.2bn if drought lasts until June", "unit"),
    ("fund", "Ministers agree to pay farmers £1.2m if drought lasts until June", "number"),
    ("oil", "Tanker spilled up to 300 barrels of oil, coastguard reports", "unit"),
    ("oil", "Tanker spilled at least 300 tonnes of oil, coastguard reports", "limit to a number"),
    ("oil", "Tanker spilled 300 tonnes of oil, coastguard reports", "limit to a number"),
    ("oil", "Oil spilled about 40 miles off the coast, coastguard reports", "unit"),
    ("resign", "Former minister Tom Venn resigned from Norvik Rail board after only three months", "unit"),
    ("rates", "Bank cuts rates to 4% from 35%", "number"),
    ("rates", "Bank cut rates by 3.5 points", "unit"),
    ("plan", "Government will close 40 schools in the east, officials say", "number"),
    # names
    ("ferry", "Ferry did not leave Lenn on Monday, harbour master says", "name"),
    ("ferry", "Ferry did not leave Ostra on Sunday, harbour master says", "name"),
    ("plant", "Russia claims Poland hit power plant at Lenn", "name"),
    ("quote", "Mayor Dana Venn: “We will not sell the port”", "name"),
    ("resign", "Former minister Tim Venn resigned from Norvik Rail board", "name"),
    ("aid", "NATO sent flour and tents to the islands", "name"),
    ("aid", "World Harbour Office sends flour to Cyprus", "name"),
    ("vote", "Parliament may vote on Friday to remove the speaker, Aldo Renn, unless he apologises", "name"),
    ("passive", "Norvik shelled by Lenn for the first time in a year", "name"),
    ("turn", "Oake replaces Prime Minister Venn as head of rescue service", "name"),
    # negations
    ("ferry", "The ferry left Ostra on Monday, the harbour master said", "negation lost"),
    ("quote", "Mayor Dana Oake told reporters the port will sell", "negation lost"),
    ("trial", "Two men charged with arson have been convicted", "negation lost|said otherwise"),
    ("denial", "Army drones struck market in Lenn", "negation lost"),
    ("denial", "The army said its drones had struck the market in Lenn", "negation lost"),
    ("trains", "Trains ran between Ostra and Lenn", "negation lost"),
    ("trains", "Trains ran between Ostra and Lenn, but no buses ran", "said otherwise"),
    ("clash", "Police did not shoot two of the rebels", "negation added"),
    ("plan", "Government will not close 14 schools in the east, officials say", "negation added"),
    ("aid", "World Harbour Office refused to send flour to the islands", "negation added"),
    ("turn", "Oake never replaced Venn as head of the rescue service", "negation added"),
    # attribution
    ("plant", "Ukraine hit the power plant at Lenn with 12 drones", "attribution lost"),
    ("plant", "Ukraine claims Russia hit power plant at Lenn", "another speaker"),
    ("toll", "At least 40 killed when bridge fell in Ostra", "attribution lost"),
    ("toll", "Bridge was built in 1962, police said", "attribution added|together|another"),
    ("oil", "Tanker spilled up to 300 tonnes of oil", "attribution lost"),
    ("oil", "Tanker spilled up to 300 tonnes of oil, crew reported", "another speaker"),
    ("ferry", "Ferry did not leave Ostra, people said", "another speaker"),
    ("plan", "Government will close 14 schools in the east next year", "attribution lost"),
    ("plant", "Russia says Ukraine hit power plant at Lenn", "doubt lost"),
    ("clash", "Rebels said police shot two near the northern gate", "another speaker|attribution added"),
    # conditions, doubts, plans, limits
    ("fund", "Ministers agree to pay £1.2bn to farmers", "condition lost"),
    ("vote", "Parliament may vote to remove speaker Aldo Renn", "condition lost"),
    ("vote", "Parliament votes to remove speaker Aldo Renn unless he apologises", "doubt lost"),
    ("doubt", "Blast was caused by a gas leak in the town hall cellar", "doubt lost|attribution lost"),
    ("plan", "Government closes 14 schools in the east, officials say", "plan lost"),
    ("plan", "Government closed 14 schools in the east, officials say", "plan lost"),
    ("resign", "Minister Tom Venn resigned from Norvik Rail board after only three weeks", "status lost"),
    ("resign", "Former minister Tom Venn resigned from board after three weeks", "limit lost"),
    ("some", "The crew had left the ship before it sank", "limit lost"),
    ("some", "All of the crew had left the ship before it sank", "limit"),
    ("passive", "Norvik shelled by Ostra for the last time in a year", "limit"),
    ("rates", "Bank cuts rates to 3.5%, the highest level since 2019", "limit|superlative"),
    ("clash", "Police shot all of the rebels near the northern gate", "limit added"),
    # who and what
    ("clash", "Rebels shot two of the police near the northern gate", "turned round|another|counts"),
    ("passive", "Norvik shells Ostra for the first time in a year", "turned round"),
    ("turn", "Venn replaces Oake as head of rescue service", "turned round"),
    ("clash", "Police shot two of the rebels near the southern gate", "southern"),
    ("clash", "Police shot dead two of the rebels", "dead"),
    ("trial", "Two men jailed for arson; neither has been convicted", "jailed"),
    ("some", "Most of the crew left the ship after it sank", "after"),
    ("rates", "Bank raises rates to 3.5%, a rise from 4%", "rise|raises"),
    # quotations
    ("quote", "“We will never sell the port,” Mayor Dana Oake tells reporters", "quotation"),
    ("quote", "“We will not sell the harbour,” Mayor Dana Oake tells reporters", "quotation"),
    ("quote", "“We will not sell,” Mayor Dana Oake said, “the beach”", "quotation"),
    ("scare", "Company called leak a “tiny event” in letter to residents", "quotation"),
    ("aid", "World Harbour Office sends “flour” to islands", "quotation"),
    ("quote", "“We will not sell the port, Mayor Dana Oake tells reporters", "half a quotation"),
    # other
    ("turn", "Storm warning lifted along western coast", "nothing|far|not in"),
    ("ferry", "He said the ferry did not leave Ostra", "points back"),
    ("ferry", "…", "nothing is said"),
    ("aid", "volcano sends flour, tents and medicine to the islands on friday", "volcano"),
]


@pytest.mark.parametrize(("source", "line"), FAITHFUL)
def test_a_faithful_line_passes(source: str, line: str) -> None:
    assert check(line, SOURCES[source]).reasons == ()


@pytest.mark.parametrize(("source", "line", "reason"), UNFAITHFUL)
def test_an_unfaithful_line_is_refused_with_the_reason(source: str, line: str, reason: str) -> None:
    reasons = check(line, SOURCES[source]).reasons
    assert any(re.search(reason, found) for found in reasons), reasons


def test_the_table_is_as_large_as_it_should_be() -> None:
    assert len(UNFAITHFUL) >= 60
    assert len(set(UNFAITHFUL)) == len(UNFAITHFUL)


@pytest.mark.parametrize("source", SOURCES)
def test_a_sentence_stands_for_itself(source: str) -> None:
    for sentence in SOURCES[source]:
        assert check(sentence, SOURCES[source]).passes


@given(st.sampled_from(sorted(SOURCES)), st.sampled_from(sorted(SOURCES)))
def test_a_line_of_another_source_is_refused(one: str, other: str) -> None:
    for name, line in FAITHFUL:
        if name == one and name != other:
            assert not check(line, SOURCES[other]).passes


@given(
    st.sampled_from(FAITHFUL),
    st.sampled_from(["Zorvan", "71", "GDPX", "“zorvan”", "not", "allegedly", "unless"]),
    st.data(),
)
def test_an_inserted_claim_is_refused(row: tuple[str, str], word: str, data: st.DataObject) -> None:
    source, line = row
    known = {low for sentence in SOURCES[source] for low in Reading(sentence).low}
    if word in known or (word == "not" and any(Reading(s).has(g.NEGATIONS) for s in SOURCES[source])):
        return
    if (word == "allegedly" and any(Reading(s).has(g.DOUBTS) for s in SOURCES[source])) or (
        word == "unless" and any(Reading(s).has(g.CONDITIONS) for s in SOURCES[source])
    ):
        return
    words = line.split()
    place = data.draw(st.integers(1, len(words)))
    assert not check(" ".join([*words[:place], word, *words[place:]]), SOURCES[source]).passes


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
def test_any_text_gets_a_verdict(line: str, source: list[str]) -> None:
    verdict = check(line, source)
    assert all(0 <= i < len(source) for i in verdict.rests_on)
    assert verdict.passes == (not verdict.reasons)


def test_a_line_names_the_sentences_that_it_rests_on() -> None:
    source = ["The quay was empty.", "A crane fell into the basin.", "The cafe opened late.", "Divers searched it."]
    assert check("Crane fell into basin", source).rests_on == (1,)
    assert check("Crane fell into basin; cafe opened late", source).rests_on == (1, 2)


def test_what_the_extractive_rules_may_cut_a_line_may_leave_out() -> None:
    source = ["Tom Venn, who grew up in Osk, leads the harbour board."]
    assert check("Tom Venn leads the harbour board", source).passes
    assert not check("Tom Venn did not grow up in Osk; he leads the harbour board", source).passes


def test_every_hedge_has_a_class_of_its_own() -> None:
    sorted_out = g.DOUBTS | g.PLANS | g.STATUSES | g.SPEECH | frozenset().union(*g.APPROXIMATIONS.values())
    assert sorted_out >= w.HEDGES


def test_a_negation_governs_what_follows_or_else_what_comes_before() -> None:
    def denied(text: str) -> list[str]:
        reading = Reading(text)
        return [reading.tokens[i].text for i in sorted(denied_words(reading))]

    assert denied("The crew did not leave port, and buses ran") == ["leave", "port"]
    assert denied("The reports were false") == ["reports"]


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("Five people died in Osk", "A hundred and five people died in Osk."),
        ("Twenty people died", "One hundred and twenty people died."),
        ("Three boats sank", "Two hundred and three boats sank."),
        ("Five people died", "Twenty five people died."),
        ("10 people died", "Between 5 and 10 people died."),
        ("10 people died", "5 to 10 people died."),
        ("10 people died", "5–10 people died."),
        ("Six people died", "Five or six people died."),
        ("Five people fled Osk", "One in five people fled Osk."),
        ("Five people fled", "One out of five people fled."),
        ("Temperatures fell to 5C", "Temperatures fell to -5C."),
        ("Temperatures fell to 5C", "Temperatures fell to minus 5C."),
        ("Million people fled Osk", "A quarter of a million people fled Osk."),
        ("Million people fled Osk", "Half a million people fled Osk."),
        ("Two people died", "Two-thirds of people died."),
        ("Two people died", "Two thirds of people died."),
        ("Hundred people fled", "Several hundred people fled."),
        ("Thousands fled Osk", "Hundreds of thousands fled Osk."),
        ("Two boats sank in Osk", "Two more boats sank in Osk."),
        ("Two boats sank", "Another two boats sank."),
    ],
)
def test_a_part_of_a_number_is_no_number(line: str, source: str) -> None:
    reasons = check(line, [source]).reasons
    assert any("number" in found or "unit" in found for found in reasons), reasons


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("105 people died", "A hundred and five people died in Osk."),
        ("2,305 people fled", "Two thousand three hundred and five people fled."),
        ("205,000 people fled", "Two hundred and five thousand people fled."),
        ("25 people died", "Twenty five people died."),
        ("Between 5 and 10 people died", "Five to ten people died."),
        ("5-10 people died", "5–10 people died."),
        ("One in five people fled", "One in five people fled Osk."),
        ("Temperatures fell to minus 5C", "Temperatures fell to -5C."),
        ("A quarter of a million people fled", "A quarter of a million people fled Osk."),
        ("3,500 people died", "Three and a half thousand people died."),
        ("Two more boats sank", "Two more boats sank in Osk."),
        ("The £5m deal fell", "The five million-pound deal fell."),
        # two numbers that each mean something
        ("Rates rose from 4%", "Rates rose from 4% to 5%."),
        ("Shares fell 3%", "Shares fell 3% to 250p."),
        ("Profits double to 10m", "Profits are to double to 10m."),
        ("40 people died in Osk", "40 people died in 2019 in Osk."),
        ("40 killed", "Storms killed 40 in three days."),
        ("Oake jailed in 2019", "Oake was jailed in 2019 to three years in a camp."),
    ],
)
def test_a_number_may_be_written_otherwise(line: str, source: str) -> None:
    assert check(line, [source]).reasons == ()


def test_letters_of_a_long_run_of_capitals_are_no_acronym() -> None:
    source = "Norvik Osk Renn Lenn Dorn Venn Pelm Veld Brae Ostra opened the bridge."
    assert check("NORLDVPV opened the bridge", [source]).passes
    assert not check("NORLDVPVB opened the bridge", [source]).passes


@pytest.mark.parametrize(
    ("text", "value", "unit", "approximation"),
    [
        ("forty-five boats", 45.0, None, None),
        ("two hundred tonnes", 200.0, "tonne", None),
        ("£1.2bn", 1.2e9, "£", None),
        ("more than 3,000 km", 3000.0, "km", "over"),
        ("nearly five per cent", 5.0, "%", "nearly"),
        ("a 40-mile queue", 40.0, "mile", None),
        ("up to a million", 1e6, None, "most"),
        ("dozens of boats", "dozen", None, None),
        ("lost 2-1", "2-1", None, None),
        ("at 16:30", "16:30", None, None),
        ("a five-million-pound deal", 5e6, "£", None),
        ("a 5-million-pound deal", 5e6, "£", None),
        ("a hundred and twenty-five years", 125.0, "year", None),
        ("one and a half miles", 1.5, "mile", None),
        ("£5m to £10m", "5000000-10000000", "£", None),
        ("at least two more boats", 2.0, None, "least more"),
        ("tens of thousands", "tens of thousand", None, None),
    ],
)
def test_a_quantity_is_read_as_it_is_meant(
    text: str, value: object, unit: str | None, approximation: str | None
) -> None:
    (found,) = Reading(text).quantities
    assert (found.value, found.unit, found.approximation) == (value, unit, approximation)
