"""The word classes by which a written line is held against its source, and the roots by which words are compared.

``words`` has what may not be struck out; here the same words are sorted by what they do, since one hedge
does not stand for another: "up to 40" is not "at least 40", and "former" is no doubt.
"""

import re

from standfirst.english import words as w

NEGATIONS = w.NEGATIONS
DOUBTS = w.set_of(
    "alleged allegedly allegations allegation reportedly unconfirmed suspected suspects suspect apparently",
    "apparent possible possibly probable probably potential potentially perhaps maybe presumably supposedly supposed",
    "purported purportedly rumoured rumored seemingly seems seem seemed appears appear appeared might may could",
    "believed believes believe thought thinks think feared fears claimed claim claims claiming alleges alleging",
    "unverified unknown likely expected expects expect estimated estimate so-called self-proclaimed mock",
)
PLANS = w.set_of(
    "would should attempted attempt attempts attempting would-be planned plans plan planning proposed proposes propose",
    "proposal hopes hope hoped aims aim aimed wants want wanted warned warns warn warning set due poised ready",
    "prepared expected expects expect draft will shall 'll",
)
STATUSES = w.set_of(
    "former ex acting interim deputy preliminary provisional initial anti pro counter partly partially largely mostly",
    "mainly virtually practically effectively mock so-called self-proclaimed unverified",
)
APPROXIMATIONS = {
    "about": w.set_of("about around approximately roughly some estimated estimate estimates"),
    "nearly": w.set_of("nearly almost"),
    "over": w.set_of("over above exceeding"),
    "under": w.set_of("under below"),
    "least": w.set_of("least minimum"),
    "most": w.set_of("most up maximum"),
}
"""Words before a number, by what they make of it; "more than" and "fewer than" count as over and under."""
CONDITIONS = w.CONDITIONS - {"should"} | {"?"}
SPEECH = w.SPEECH | {"confirmed", "estimated", "believed"}
SPEECH_VERBS = SPEECH - w.set_of(
    "report reports statement sources source estimates via per claim posts notes warning ruled call"
)
"""Verbs of speech; the nouns among ``SPEECH`` have no speaker in front of them."""
ATTRIBUTIONS = (SPEECH | {"report", "reports"}) - {"per", "via"}
LIMIT_GROUPS = (
    w.set_of("all every each any both entire whole always everyone everybody everything anyone anybody anything"),
    w.set_of("only sole solely exclusively"),
    w.set_of("first"),
    w.set_of("last final"),
    w.set_of("few fewer little"),
    w.set_of("most majority"),
    w.set_of("half"),
    w.set_of("minority"),
    w.set_of("best"),
    w.set_of("worst"),
)
"""Words that say how much of something is meant; one stands for another of its group alone."""

CRITICAL = tuple(
    w.set_of(line)
    for line in (
        "kill dead die death fatal deadly fatally slain murder",
        "injure injury wound hurt casualty",
        "miss missing",
        "arrest detain detention custody",
        "charge indict",
        "convict conviction guilty",
        "acquit innocent",
        "sentence jail imprison prison",
        "free release",
        "rise grow increase climb soar jump surge gain",
        "fall decrease decline plunge slump tumble shrink slide",
        "win victory beat",
        "lose defeat loss",
        "accept approve agree endorse adopt",
        "reject oppose refuse veto",
        "open reopen",
        "close shut closure",
        "arrive",
        "leave depart",
        "enter join",
        "quit exit resign",
        "begin start launch resume",
        "end finish stop halt",
        "attack invade strike bomb shell",
        "defend repel",
        "today tonight",
        "yesterday",
        "tomorrow",
        "north northern",
        "south southern",
        "east eastern",
        "west western",
        "before",
        "after",
        "more",
        "less fewer",
        "buy",
        "sell sale",
        "mother",
        "father",
        "son",
        "daughter",
        "wife",
        "husband",
        "brother",
        "sister",
        "civilian",
        "soldier troop",
        "child",
        "adult",
        "success succeed successful",
        "fail failure unsuccessful",
        "legal lawful",
        "illegal unlawful",
        "safe",
        "unsafe dangerous danger",
        "warn",
        "threaten threat",
        "seize capture",
        "liberate recapture",
    )
)
"""Words that decide what happened: one that a line has needs one of its group in the source. By their roots."""

UNITS = {
    unit: w.set_of(words)
    for unit, words in {
        "$": "dollar dollars usd",
        "£": "pound pounds sterling gbp",
        "€": "euro euros eur",
        "%": "percent percentage % pc",
        "point": "percentage-point point points",
        "km": "km kms kilometre kilometres kilometer kilometers",
        "mile": "mile miles",
        "metre": "metre metres meter meters",
        "foot": "ft foot feet",
        "inch": "inch inches",
        "cm": "cm centimetre centimetres",
        "mph": "mph",
        "kph": "kph kmh km/h",
        "tonne": "tonne tonnes",
        "ton": "ton tons",
        "kg": "kg kilogram kilograms kilo kilos",
        "litre": "litre litres liter liters",
        "gallon": "gallon gallons",
        "acre": "acre acres",
        "hectare": "hectare hectares",
        "barrel": "barrel barrels",
        "degree": "degree degrees c f °c °f",
        "second": "seconds",
        "minute": "minute minutes min mins",
        "hour": "hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
        "am": "am",
        "pm": "pm",
        "mw": "mw megawatt megawatts",
        "gw": "gw gigawatt gigawatts",
    }.items()
}

_IRREGULAR = {
    form: base
    for base, forms in {
        "say": "says said saying",
        "leave": "left leaves leaving",
        "fall": "fell fallen",
        "rise": "rose risen",
        "win": "won",
        "lose": "lost",
        "meet": "met",
        "strike": "struck",
        "take": "took taken",
        "give": "gave given",
        "send": "sent",
        "shoot": "shot",
        "tell": "told",
        "hold": "held",
        "find": "found",
        "lead": "led",
        "pay": "paid",
        "sell": "sold",
        "buy": "bought",
        "begin": "began begun",
        "break": "broke broken",
        "bring": "brought",
        "build": "built",
        "catch": "caught",
        "choose": "chose chosen",
        "come": "came",
        "drive": "drove driven",
        "flee": "fled",
        "fly": "flew flown",
        "fight": "fought",
        "get": "got gotten",
        "go": "went gone goes",
        "grow": "grew grown",
        "keep": "kept",
        "know": "knew known",
        "make": "made",
        "see": "saw seen",
        "sink": "sank sunk",
        "speak": "spoke spoken",
        "stand": "stood",
        "steal": "stole stolen",
        "swear": "swore sworn",
        "think": "thought",
        "throw": "threw thrown",
        "write": "wrote written",
        "die": "died dies dying",
        "man": "men",
        "woman": "women",
        "child": "children",
    }.items()
    for form in forms.split()
}
_ENDINGS = re.compile(r"(?:'s|s')$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def root(low: str) -> str:
    """What a word has in common with its other forms; good for comparing, no word of a dictionary.

    >>> [root(x) for x in ("strikes", "struck", "stopped", "cities", "killing", "the mayor's".split()[1])]
    ['strik', 'strik', 'stop', 'city', 'kill', 'mayor']
    """
    low = _ENDINGS.sub("", low.replace("’", "'"))
    low = _IRREGULAR.get(low, low)
    if len(low) > 4:
        for ending, instead in (
            ("ies", "y"),
            ("ied", "y"),
            ("eed", "ee"),
            ("sses", "ss"),
            ("ing", ""),
            ("ed", ""),
            ("s", ""),
        ):
            stem = low.removesuffix(ending)
            if stem != low and len(stem) > 2 and not (ending == "s" and low.endswith(("ss", "us", "is"))):
                low = _DOUBLED.sub(r"\1", stem + instead)
                break
    return low.removesuffix("e") if len(low) > 3 else low


ROOTS_OF_CRITICAL = tuple(frozenset(root(word) for word in group) for group in CRITICAL)
COMMON = (
    w.ARTICLES
    | w.PREPOSITIONS
    | w.CONJUNCTIONS
    | w.AUXILIARIES
    | w.PRONOUNS
    | w.POINTERS
    | w.ADVERBS
    | w.DEGREES
    | w.CONNECTIVES
) | w.set_of("there here then who what why how also just still again off away back such so than own as not 's")
"""Words without content of their own."""
EVERYONE = w.set_of("people person persons others other more")
"""What a number may count without saying whom."""


def unit_of(low: str) -> str | None:
    """The unit that a word names.

    >>> unit_of("kilometres"), unit_of("boats")
    ('km', None)
    """
    return next((unit for unit, words in UNITS.items() if low in words or low == unit), None)
