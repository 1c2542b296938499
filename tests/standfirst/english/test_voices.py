"""Whose words a sentence is, and what its neighbours say of it: on paragraphs in the manner of real pages."""

from collections.abc import Callable

import pytest

from standfirst.english.sentences import is_post, leans_back, sentences
from standfirst.english.verdicts import ascribes, sets_right, undoes
from standfirst.english.voices import announces, is_talk, owned, says_nothing, says_we
from standfirst.schema import Paragraph
from standfirst.summarize.candidates import candidates


def shown(*texts: str, headline: str | None = None) -> list[str]:
    """What may be shown of an update, each sentence behind what must stand before it."""
    over = None if headline is None else Paragraph("h", headline, "headline", 0, len(headline))
    found = candidates([Paragraph(f"p{i}", text, "text", 0, len(text)) for i, text in enumerate(texts)], over)
    return [f"{s.voice.text} | {s.text}" if s.voice else s.text for s in found]


CLAIMS = [
    ("Corinne Wadd has gone. That, at least, is what half of the lobby was tweeting.",),
    ("Miles Ansty has resigned as chief whip. So said at least four newspapers this afternoon. He has not.",),
    ("The budget will be delayed until March. That was the story in this morning's Herald, anyway.",),
    ("The minister took money from a firm. That's the allegation made by Idris Pole in the last half hour.",),
    ("The truce will end the minute the list runs out. That was how the prime minister answered the rebels.",),
    ("The plant is a total ruin. So says the president, at any rate.",),
    ("The war is over, and we have won it. With these words President Morant opened the parade in Brodny.",),
    ("Velmar is finished as a state. At least, that’s the picture painted by Orsk’s state television.",),
    ("Orsk used nerve gas in Lesk.", "That is the conclusion of a report by a parliamentary committee."),
    ("Orsk’s troops have taken Lesk.", "That’s what the general staff in Brodny claims. Velmar is silent."),
    ("Orsk’s troops have taken Lesk. The army made the claim in its evening report.",),
    ("The bridge was blown up by divers. Those are the words of Orsk’s security chief, Ivan Mell.",),
    ("Four hospitals have run out of anaesthetics. This is according to the Orsk-installed health office.",),
    ("The state will recognise Orsk’s rule. This was reported by the Vest agency, which gave no source.",),
    ("Velmar’s president has fled by train. We can’t confirm this, and only state media have it.",),
    ("The factory is safe until 2030. That depends on the new model being approved, he added.",),
    ("Gen Aldic has been killed, posts say. We’ve looked into this and there is nothing to support it.",),
    ("Tahmasb says his country will never ship its stockpile. Then he said it might.",),
    ("The ceasefire is holding, the monitors say. Then, 20 minutes later, it says that it isn’t.",),
    ("Television has reported that the dam is cracked. The energy ministry denied it.",),
    ("“Everyone is out,” an officer said at the cordon. Ten minutes later his sergeant said that was wrong.",),
    ("All 14 of the climbers are alive, the leader of the team told their families.", "That was wrong: two are dead."),
    ("A video claims to show ballots being filled in.", "It does not. The footage is from a drill."),
    ("Videos claim to show 300 missiles.", "They’re not what they say they are. The clips are from a game."),
    ("At first the police said that nine people had been arrested. Then they said 19.",),
    ("Residents of Quay Street had hoped to be home by noon. They won't be.",),
]


CLAIMS += [
    ("Two of the men are still on the run, a paper in Osk says. As ever, such details are hard to verify.",),
    ("Polls have Ansty stuck at the bottom of the list. Or the foot of the table, rather.",),
    ("Missiles hit a school. Tasnim, which is close to the guards, carried the news without giving a source.",),
    ("Vasta’s air force destroyed a bridge.", "CNN cannot independently confirm the claims."),
    ("Vasta’s air force destroyed a bridge.", "Reuters was unable to verify the report."),
    ("Vasta’s air force destroyed a bridge. The claim could not be confirmed.",),
    (
        "A missile hit a column, television reported. Cars burnt.",
        "The channel has since removed the report from its website.",
    ),
    ("The dam is about to burst. Thousands of people in the valley received this text message.",),
    ("No foreign teams will be let in for now. So the interior minister said at 8am.",),
    ("The jury heard that Doyle had drunk.", "But the prosecution no longer relies on it, its counsel said."),
    ("The Tamm pass is open. Or rather, one lane of it is.",),
    ("Coyle has won Holm North. That is if the exit poll is right.",),
    ("“There will be no truce.”", "That was Gen Marta Kolb, who led the delegation, on the radio."),
]


CLAIMS += [
    (f"The envoy of Velmar has been shot. {behind}",)
    for behind in (
        "The Herald has not independently verified the report.",
        "Neither the palace nor the police have confirmed this.",
        "There has been no official confirmation.",
        "That has been denied by Velmar.",
        "This is disputed by Orsk.",
        "It turned out to be a false alarm, police say.",
        "The foreign ministry says that is a lie.",
        "We have had this claim a lot today and it is not true.",
        "In fact Orsk has done no such thing: he is in Pelm.",
        "The general staff called the report disinformation.",
        "Rubbish, says the embassy.",
        "The palace says not.",
        "His office says this is nonsense.",
        "Ivan Mell, who is accused, denies the charges.",
        "The paper’s checkers found that the video was made with AI.",
        "The witness who said so has admitted to making it up.",
        "It hasn’t really: the embassy is rehearsing.",
        "The footage is from 2019.",
        "If you have had this on your phone, please do not share it.",
        "Sorry, that should be the envoy of Orsk.",
        "My mistake: it was his car.",
        "Update: it was his driver.",
        "Only joking.",
        "Happy April Fools’ Day to all of you.",
        "(This is a joke, obviously.)",
        "Don’t worry, it is only the script of today’s drill.",
        "That comes from the defence ministry’s daily briefing.",
        "That’s from the army of Orsk.",
        "The figures come from the Orsk-run health office.",
        "The source is the Orsk-run media office.",
        "Source: Vest.",
        "Or so Orsk says.",
        "So, at least, the prime minister told the council.",
        "That was in 1992.",
    )
]


CLAIMS += [
    (f"The envoy of Velmar has been shot. {behind}",)
    for behind in (
        '"None of this is true," her lawyer said.',
        "“I have not, and I will not,” she told a radio station.",
        'The army said in two words: "Not true."',
        "Velmar: lies.",
        "The palace: “Zero prospect.”",
        "The palace knows of no such shooting.",
        "Her minister said he was aware of no such order.",
        "Her office corrected the report within the hour.",
        "Ivan Mell shared that and then took it down.",
        "You will have read that somewhere.",
        "That was Downing Street at noon.",
        "It is from 2014, the channel later established.",
        "It's the opening of a new television drama.",
        "Make that two: the first count came from a misread table.",
        "Strike that: it was the envoy of Orsk.",
        "Correction, he has been hurt.",
        "That now looks wide of the mark.",
        "The palace calls the story invented.",
        "He was misquoted, Ivan Mell says.",
        "The palace said that this was not accurate.",
        "It turned out to be a car that backfired.",
        "She later clarified that nobody was hurt.",
    )
]


@pytest.mark.parametrize("texts", CLAIMS)
def test_a_claim_is_never_shown_without_what_is_said_of_it(texts: tuple[str, ...]) -> None:
    claim = texts[0].split(". ")[0].rstrip(".")
    for line in shown(*texts):
        assert not line.startswith(claim) or len(line) > len(claim) + 12, line
    assert any(claim in line for line in shown(*texts)), "it is still to be had, with what is said of it"


@pytest.mark.parametrize(
    "texts",
    [
        ("The harbour was shut at noon. It will open again on Friday.",),
        ("The harbour was shut at noon.", "That is the third time this year, the council said."),
        ("Engineers said the dam holds. They will look again on Friday.",),
        ("The mayor resigned. No replacement has been named.",),
        ("The ferry was cancelled. Later trains run as planned.",),
        ("Crews reached the village. It was not the first to be cut off.",),
        ("The two navies met in Istanbul. These are the first talks of any kind since 2021.",),
        ("The port sent a warning. It is the third such warning in a week.",),
        ("The party won 41 seats. Two hours later, its leader said she would resign.",),
        ("The airline cancelled flights. The pilots' union denied that it was to blame.",),
        ("The king has given his consent to the bill. It becomes law at midnight.",),
        ("The army has come out of its barracks in Osk. It controls two bridges.",),
        ("Power is out in 40,000 homes. It will be back tonight.",),
        ("G7 ministers have issued a joint statement condemning the raid. They met in Pelm.",),
        ("Sanctions: The union has added 40 ships to its list. It will add more in May.",),
        ("Kaya said there were two questions: who would pay and what would follow. He left at noon.",),
        ("The mayor has told the council of a deficit. She has not confirmed how many jobs will go.",),
        ("The mayor has told the council of a deficit. The union rejected the proposal.",),
        ("Holm has seen the figures. She would not confirm that Ansty will stay.",),
        ("Holm has seen the figures. That’s where the trouble lies, she said.",),
        ("Holm has seen the figures. It was a mistake to close the mine, she said.",),
        ("Orsk has moved its guns. The minister does not deny the report.",),
        ("Boats are leaving Osk. This is from the harbour master, Dana Orsk.",),
        ("The council has this year built 300 homes. Another 40 are under way.",),
        ("Morant has responded to the board by ordering a review. Holm wants an inquiry.",),
        ("The firm has posted about 300 jobs in Osk. The site opens in June.",),
        ("The strike was on a television tower in Lesk. Two people were hurt.",),
        ("The exit poll has been published. Labour has gained 40 seats.",),
        ("The envoy spoke at noon. Velmar: “We will go on until the last man is home.”",),
        ("The envoy of Velmar left. Correction: an earlier post was wrong.", "Boats left."),
        ("Engineers looked at the dam. They took the old fence down.",),
    ],
)
def test_what_only_goes_on_is_shown_apart(texts: tuple[str, ...]) -> None:
    first = texts[0].split(". ")[0].rstrip(".") + "."
    assert shown(*texts)[0] == first
    assert len(shown(*texts)) == 2


@pytest.mark.parametrize(
    ("texts", "never"),
    [
        (("These are from readers on the vote.", "She signed it, she owns it.", "It's a hunt."), "hunt"),
        (("These comments were left by readers.", "The regent has lied to the country."), "lied"),
        (("If you believe the office, all is fine. The talks are on schedule.", "They were called off."), "schedule"),
        (("Ada Venn wrote to the board. She lists three failings. The watch was not declared.",), "watch"),
        (("Some more lines from the president’s address:", "The carrier is sinking. Our men dance."), "dance"),
        (("More from Gen Vali.", "No ship will leave the gulf. The channel is mined."), "mined"),
        (("The Vest agency reports the following.", "Soldiers have shot 20 men. They lie in a wood."), "lie in"),
        (("The hospital has put out a statement.", "Three have died. Families should ring."), "should ring"),
        (("Over to the chief of Orbis, Dale Winter.", "The plant is safe. Nobody will lose a job."), "Nobody"),
        (("Here’s Dan Okoro on those numbers:", "It was bad. The dividend has to go."), "dividend"),
        (("UPDATE: An earlier version of this post said that he had failed. He had not.", "A board met."), "failed"),
        (("Q: Did aircraft take part? They did. The base is theirs.", "The minister said no."), "theirs"),
        (("The rumour: that the chain Tallow is out of bread.", "Deliveries to 14 shops are late."), "Tallow"),
        (("Here is the letter that was first reported by Politico:", "Dear colleagues,", "Go. We must."), "We must"),
        (("In Orsk’s view:", "Velmar began the war. Its men burnt the school."), "burnt"),
        (("Palace spokesman Dan Velm:", "Orsk shelled its own hospital. It lies."), "shelled"),
        (("Morant on the talks:", "The north has been at war with us for years."), "at war"),
        (("Morant on the talks: The north is at war with us. Its men run the front.", "Boats left."), "run the front"),
        (("Morant on the latest strikes:", "The north began it.", "Its pilots drank."), "Its pilots"),
        (("The charges:", "Doyle kept the papers in a shower."), "papers"),
        (("Some myths that are doing the rounds again this week:", "The vaccine makes you blind."), "blind"),
        (("What Orsk wants:", "Velmar leaves the valley within 100 days."), "leaves"),
        (("The leaked plan includes the following:", "Velmar caps its army.", "Lesk is given up."), "Lesk"),
        (("Orsk’s demands for a truce: All sanctions are lifted. Velmar disarms.", "Boats left."), "disarms"),
        (("Morant has set out his plan for peace. Velmar gives up the valley.",), "gives up"),
        (("Morant has laid out his terms.", "Velmar gives up the valley."), "gives up"),
        (("There are two ways forward if the vote is lost. Ansty resigns.",), "resigns"),
        (("So what would happen if the bill fails? Ansty resigns and the regent calls Holm.",), "resigns"),
        (("Investigators are looking at two possibilities.", "A bomb was hidden in the hold."), "bomb"),
        (("The army’s biggest exercise for years has begun. Two brigades have taken Lesk.",), "taken"),
        (("Rumours are flying around Pelm this morning. Holm will be moved to the Treasury.",), "moved"),
        (("It is three years since the war began. Tanks rolled into Lesk at dawn.",), "Tanks"),
        (("The palace has responded. Velmar trained the men. Its guns are on the border.",), "trained"),
        (("The palace has responded. Velmar trained the men. Its guns are on the border.",), "guns"),
        (("The army has published its daily briefing. Velmar lost 600 men. Lesk has fallen.",), "Lesk"),
        (("The rebels have given their account of the talks.", "Velmar will free 40 men. It has paid."), "paid"),
        (("This is how Orsk’s television is reporting events in Lesk. Troops shot 22 people.",), "shot"),
        (("The prosecutor is addressing the jury. Doyle put poison in the tea.",), "poison"),
        (("A channel close to the rebels has this. Gen Aldic is alive.",), "alive"),
        (("The health secretary was on the Morning programme. Waiting lists are down.",), "lists"),
        (("Here are the main points from Ivan Morant’s speech in Pelm.", "The north began the war."), "began"),
    ],
)
def test_somebodys_words_make_no_line_of_their_own(texts: tuple[str, ...], never: str) -> None:
    assert not any(never in line.split(" | ")[-1] for line in shown(*texts) if " | " not in line), shown(*texts)
    assert shown(*texts)


def test_what_a_pointer_hands_over_to_is_shown_behind_it() -> None:
    texts = ("Aid Now has reacted.", "Read the full statement:", "The army shot 15 men. It will answer for it.")
    found = [Paragraph(f"p{i}", t, "pointer" if i == 1 else "text", 0, len(t)) for i, t in enumerate(texts)]
    voiced = [(s.voice and s.voice.text, s.text) for s in candidates(found)]
    assert voiced == [(None, texts[0]), (texts[1], "The army shot 15 men.")]


@pytest.mark.parametrize(
    "label",
    ["Where things stand:", "Key developments:", "Here’s what we know:", "Our top stories this evening:", "In Osk:"],
)
def test_behind_a_label_of_the_writers_all_is_shown(label: str) -> None:
    assert shown(label, "The port is shut. A dam is cracked.")[-2:] == ["The port is shut.", "A dam is cracked."]


def test_the_writer_takes_over_from_who_only_spoke_at_the_next_attributed_sentence() -> None:
    found = shown("Ada Holm has been speaking in Lesk. The roads are full. Police said two men had died. Rain fell.")
    assert found[1:] == [
        "Ada Holm has been speaking in Lesk. | The roads are full.",
        "Police said two men had died.",
        "Rain fell.",
    ]


def test_a_correction_is_shown_with_what_it_corrects_or_not_at_all() -> None:
    text = "A correction. In the post at 9.58 we said that Halden had lost €214bn. It was, of course, €214m. Apologies."
    whole = "In the post at 9.58 we said that Halden had lost €214bn. It was, of course, €214m."
    assert shown(text) == [whole]
    assert shown(text, "The ferry has sunk.") == ["The ferry has sunk."]


def test_a_run_is_shown_with_whose_it_is_if_it_makes_a_line() -> None:
    whose = "So says a post on Telegram."
    run = f"The dam has burst. Thousands flee to the hills. {whose}"
    assert shown(run) == [run]
    long = f"{'The dam and ' * 12}the road broke. Thousands flee to the hills. {whose}"
    assert shown(long) == [f"Thousands flee to the hills. {whose}"]


@pytest.mark.parametrize(
    "floor", ["Bram Orsk opened the summit with a plea.", "The mayor is speaking now in Osk.", "He made an appeal."]
)
def test_a_quotation_is_shown_behind_who_only_spoke(floor: str) -> None:
    assert shown(f"{floor} “Stop the war,” he said.") == [f"{floor} “Stop the war,” he said."]


def test_a_disclaimer_covers_all_claims_of_its_paragraph() -> None:
    claims = "Rebels have taken the airport. Troops have fled by boat."
    for behind in ("The reports are false.", "Vest could not verify this.", "It was a false alarm, the army says."):
        assert shown(f"{claims} {behind}") == [f"{claims} {behind}"]
    assert shown(f"{claims} That is untrue, the army says.")[0] == "Rebels have taken the airport."
    said = "Rebels have taken the airport, the army said."
    assert shown(f"{said} Troops have fled. These claims have not been verified.")[0] == said


@pytest.mark.parametrize(
    "text",
    [
        "The dam has burst. Thousands are fleeing. It has not, the mayor says.",
        'Mell has cancelled his concert. He said he was "sorry". No, he hasn\'t, his office tells me.',
        "Salt cures it. Hot water kills it. Two posts that you have seen, and there is not a shred of proof for any.",
        "Lesk will fall. These were the predictions of a panel a year ago. None came true.",
        'Ferries are "the past", Mell said in May. They would take us "back into caves". He says he was misquoted.',
    ],
)
def test_a_denial_is_of_what_has_its_verb_or_of_all(text: str) -> None:
    assert shown(text) == [text]


def test_a_denial_that_its_neighbour_may_mean_goes_no_further_back() -> None:
    assert shown("The dam has burst. The mayor has fled. He has not.")[0] == "The dam has burst."
    assert shown("Boats left. The dam is said to leak. It does not.")[0] == "Boats left."


@pytest.mark.parametrize(
    ("quoting", "is_mells"),
    [
        ("The ferry would take Osk “back into caves”.", True),
        ("It is called “back into caves”.", False),
        ("The council calls that “back into caves”.", False),
        ("It sails past the “Lot Lane” pier.", False),
        ("Its deck is “wet”.", False),
        ("The ferry would be “a ruin”, Ada Holm said.", False),
    ],
)
def test_a_few_quoted_words_are_of_whoever_spoke_last(quoting: str, *, is_mells: bool) -> None:
    said = "The ferry is a mistake, Ivan Mell said."
    assert shown(f"{said} {quoting}")[1] == (f"{said} | {quoting}" if is_mells else quoting)
    assert shown(f"Boats left Osk. {quoting}")[1] == quoting


def test_what_takes_back_the_update_before_is_shown_with_what_is_right() -> None:
    assert shown("Ignore that, I pressed the wrong button. It's a hold.") == [
        "Ignore that, I pressed the wrong button. It's a hold."
    ]


def test_what_the_writer_got_wrong_is_shown_with_what_is_right() -> None:
    for text in (
        "I said earlier that the bill had passed by 12 votes. In fact the margin was four.",
        "Apologies, in an earlier post I reported that Ansty had resigned. It was his deputy who stood down.",
        "In our 12:40 post we quoted Ansty as calling the bill mad. It was his deputy who did.",
        "My 12:40 post put words in Ansty's mouth. It was his deputy who called the bill mad.",
    ):
        assert shown(text) == [text]
        assert shown(text, "The ferry has sunk.") == ["The ferry has sunk."]
    text = "An earlier post said that Ansty had resigned. He has not. We apologise for the mistake."
    assert shown(text) == ["An earlier post said that Ansty had resigned. He has not."]


def test_what_is_attributed_behind_a_loose_announcement_is_shown() -> None:
    found = shown("The hospital has put out a statement.", "Three have died. A doctor said that two more might.")
    assert found[1:] == [
        "The hospital has put out a statement. | Three have died.",
        "A doctor said that two more might.",
    ]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (("Weather: rain will spread.", "The warning ends at 9pm."), "The warning ends at 9pm."),
        (("Holm North: Labour gain.", "Turnout was 61%."), "Turnout was 61%."),
        (("Dana Orsk: The dam holds. It will not break.", "Crews came."), "Crews came."),
        (("Asked why, Kaya said there were two: the rain and a strike.", "Talks go on."), "Talks go on."),
        (("The plan is to reopen the bridge on Monday. Engineers found no cracks.",), "Engineers found no cracks."),
        (("Here’s where things stand: The toll is 31.", "A dam is cracked."), "A dam is cracked."),
    ],
)
def test_the_writer_takes_over_again(texts: tuple[str, ...], last: str) -> None:
    assert shown(*texts)[-1] == last
    assert not any("will not break" in line for line in shown(*texts))


def test_an_announcement_that_names_nobody_stays_with_what_it_follows() -> None:
    text = "The army has replied to the board. It reads: The dam was not hit."
    assert shown(text)[-1].endswith("It reads: The dam was not hit.") or "army has replied" in shown(text)[-1]


def test_under_a_headline_that_announces_only_what_is_attributed_is_shown() -> None:
    texts = ("In 2023 Delamere learned that the city would cancel. He panicked.", "A juror left, the court said.")
    assert shown(*texts, headline="Here’s what the jury heard in the opening statement") == [
        "A juror left, the court said."
    ]
    assert len(shown(*texts, headline="Delamere on trial in Osk")) == 3


def test_talk_is_shown_only_where_there_is_nothing_else() -> None:
    assert shown("Hello, and welcome to the blog.", "The port is shut.") == ["The port is shut."]
    assert shown("Hello, and welcome to the blog.") == ["Hello, and welcome to the blog."]


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("A: I’m not going to get into that.", True),
        ("Hello, and welcome to the blog.", True),
        ("Followers of the regent left.", False),
    ],
)
def test_what_is_talk(text: str, talk: bool) -> None:
    assert is_talk(text) is talk


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I wouldn’t read too much into the delay.", True),
        ("Since midnight we've taken 1,140 calls.", True),
        ("“We wait,” said the pilot.", False),
        ("Our Europe editor, Jan Piet, says the talks failed.", False),
        ("We understand that the talks have failed.", False),
        ("The US has left the talks.", False),
        ("Dana Orsk (@dorsk) I waited for hours.", False),
    ],
)
def test_who_says_we(text: str, expected: bool) -> None:
    assert says_we(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Here's what Keersmaak told us in an interview", True),
        ("Here’s what we’re hearing from Orsk’s side.", True),
        ("Here's what we know so far", False),
        ("Here are the main points of the statement", False),
        ("Here is the ferry.", False),
        ("More than 40 people from Osk have died.", False),
        ("The ministry has issued a statement on the dam.", True),
        ("The ministry has issued a warning.", False),
        ("The ministry has issued a statement condemning the raid.", False),
        ("Over to the voters: Holm calls an election", False),
        ("More from Osk as 300 families leave their homes", False),
        ("One in three readers skips the news, survey finds", False),
    ],
)
def test_what_announces(text: str, expected: bool) -> None:
    assert announces(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Holm is replying to Ansty.", True),
        ("The minister is taking her turn now.", True),
        ("Ivan Mell, the envoy to Velmar, is holding a press conference now.", True),
        ("The debate on the dam continues.", True),
        ("The hearing has begun.", True),
        ("Our man in Osk also has a little more reaction from the palace.", True),
        ("The agency is reporting more details on the three divers.", True),
        ("The union is replying to the offer with a strike.", False),
        ("The mayor is holding a press conference, saying that the dam holds.", False),
        ("Fighting in Lesk continues.", False),
        ("The palace has more than 40 guards.", False),
    ],
)
def test_what_says_nothing(text: str, expected: bool) -> None:
    assert says_nothing(text) is expected


@pytest.mark.parametrize(
    "part",
    [
        "Reports that x ",
        "In x ",
        "the a' ",
        "it is the ",
        "here is ",
        "These comments ",
        "has put out ",
        "has more reaction ",
        "#osk",
        "she lists ",
        "not, as we ",
        "our earlier ",
        "no such, ",
        ", ",
    ],
)
def test_a_long_sentence_costs_no_more_than_its_length(
    part: str, cpu_seconds: Callable[[Callable[[], object]], float]
) -> None:
    for ask in (announces, ascribes, undoes, sets_right, is_talk, says_nothing, says_we, leans_back, is_post):
        assert cpu_seconds(lambda ask=ask: ask(part * 4_000)) < 0.5, ask


@pytest.mark.parametrize(
    "follow",
    ["“We have won,” he said.", "The mayor: we wait.", '"No problem," she said.', "It is the opening of the Games."],
)
def test_what_denies_nothing_undoes_nothing(follow: str) -> None:
    assert not undoes(follow)


def test_a_long_run_of_digits_in_front_of_a_quotation_takes_no_time(
    cpu_seconds: Callable[[Callable[[], object]], float],
) -> None:
    text = "1" * 20_000 + " xx: “Yes it is,” he said."
    assert cpu_seconds(lambda: list(owned(sentences(Paragraph("p1", text, "text", 0, len(text)))))) < 1


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("A man was held in Osk, a witness said. He isn't the gunman, police said.", True),
        ("Ivan Mell says the state ignored a report. The ministry says it did not ignore the report.", True),
        ("Ivan Mell says the state ignored a report. The ministry says snow has not reached Osk.", False),
        ("Some 14 arrests were made, the union claims. Police say they have made two arrests.", True),
        ("Some 14 arrests were made, the union says. Police say they have made two arrests.", False),
        ("“I would give him the pill,” Ivan Mell said. “But I was wrong.”", True),
        ("“I would give him the pill,” Ivan Mell said. “I was tired.”", False),
        ("He is a doctor in Osk. She isn't the first.", False),
        ("Shots were heard in Osk, a witness said. Deputies said it was a car.", True),
        ("Two boats sank in Osk. The mayor said it was a sad day.", False),
    ],
)
def test_what_another_party_denies_or_the_speaker_turns_round_is_shown_with_it(text: str, *, is_one: bool) -> None:
    assert (shown(text)[0] == text) is is_one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm Greta Lund, and I will be with you until noon.", True),
        ("My colleague Aisha Noor will take you through the evening.", True),
        ("My colleague Aisha Noor says that the debate will last a day.", False),
        ("Night!", True),
        ("Night fell on Osk before the boats came in.", False),
        ("This page is closing.", True),
        ("That's all from me.", True),
        ("For more, read our full analysis.", True),
        ("A summary of where things stand will be up shortly.", True),
    ],
)
def test_a_farewell_or_an_introduction_is_talk(text: str, *, expected: bool) -> None:
    assert is_talk(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "An earlier version of the bill was thrown out by the Lords.",
        "In our top story, the mayor called for calm.",
        "Our correspondent Ana Post said that the dam holds.",
        "In an update, the ministry said we put many at risk.",
        "We had reported the theft to police, said Venn.",
        "She has since been appointed governor.",
    ],
)
def test_news_is_no_correction(text: str) -> None:
    assert not sets_right(text)
    assert not undoes(text)


@pytest.mark.parametrize(
    "text",
    [
        "At 12:40 we reported that the dam of Osk had burst. In fact it had only leaked.",
        "The 12:40 post put the death toll in Osk at 23. It should have been 13.",
    ],
)
def test_an_error_is_never_shown_without_what_is_right(text: str) -> None:
    assert shown(text) == [text]
