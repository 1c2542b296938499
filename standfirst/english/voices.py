"""Whose words a sentence is, as far as what stands in front of it tells.

A live blog often says who speaks in one sentence and what in the next: "The mayor said:", "Here is the ministry's
statement.". What is shown alone must not lose this. What stands behind a sentence is looked at in ``neighbours``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from standfirst.cache import remembered
from standfirst.english import words as w
from standfirst.english.sentences import OPENERS, PAIRS, Sentence, bonded, leans_back, marks_left_open
from standfirst.schema import Paragraph

_LABEL = re.compile(r"(?:[\w.'’&-]+ ){0,4}[\w.'’&-]{2,}(?: \([^()]{1,40}\))?:(?= )|[^@:]{2,40}\(@ ?\w+\)(?= )")
"""What stands before somebody's words: "Dana Orsk: ", "Dana Orsk (@dorsk) "."""
_TO_COLON = re.compile(r"[^:“\"]{3,240}:(?= )")
_WORD = re.compile(r"[\w'’-]+")
_NOBODY = re.compile(
    r"(?:.* )?(?:updated?|breaking|watch|read|more|photo\w*|video|picture|live|summary|corrections?|analysis|note|"
    r"exclusive|here|reminder|morning|afternoon|evening|alert|verdict|results?|official|question|answer|also|latest|"
    r"myth|claims?|facts?|false|true|rumou?rs?|clarification|news|reports?|headlines?|(?=\w*\d)\w+|[ap]m)",
    re.IGNORECASE,
)
"""Labels that name no speaker."""
_DOCUMENT = re.compile(
    r"(?:statement|speech|address|extract|excerpt|letter|e-?mail|tweet|post|blog|interview|remarks|words|text|quotes?|"
    r"comments?|full|writes|wrote|reads|asks|asked|replied|replies|tribute|response|reaction|reply|message|transcript|"
    r"take|view|lines|verdict|snap)s?",
    re.IGNORECASE,
)
_NO_NAMES = (w.ARTICLES | w.PREPOSITIONS | w.CONJUNCTIONS | w.AUXILIARIES | w.PRONOUNS | w.POINTERS) - {"of", "the"}

_TEXTS = (
    r"(?:statement|response|reaction|reply|letter|e-?mail|tweet|message|remark|word|text|quote|comment|extract|excerpt"
    r"|transcript|speech|address|interview|testimony|verdict)s?"
)
_TELLING_TAIL = (
    r"(?:(?:condemn|demand|say|announc|warn|urg|call|accus|confirm|deny|reject|promis|insist|threaten)ing\b|in which\b"
    r"|\bto say\b|\bthat\b|, where\b)"
)
"""What makes a sentence about a statement news: it says what is in it."""
_NAMED = rf" (?:from|of|in) (?:[\w'’-]+ )*(?-i:[A-Z])[\w-]+['’]s? (?:[\w-]+ ){{0,2}}{_TEXTS}\b"
_PRESENTED = re.compile(
    rf"(?!.*\b(?:points|summary|highlights|takeaways|so far|where things stand)\b(?!{_NAMED}))(?!.*{_TELLING_TAIL})(?:"
    r"(?:here (?:is|are)|here['’]s|below (?:is|are)|(?:this|that) (?:is|was)(?= (?:from|by|what|how|part of)\b))\s"
    rf"(?:.*\b{_TEXTS}\b|.*\b(?:said|says|told|wrote|tweeted|put it|heard|hearing)\b|(?:from|by)\s).*"
    r"|(?:here are |these are )?(?:the |some )?(?:main|key|central) (?:claims|quotes|lines|allegations|charges|demands"
    r"|points|takeaways|highlights) (?:from|of|in)\b[^:]*"
    r"|(?:and |now |some |a few |a little |a bit )*more (?:now )?"
    r"(?:lines |words |quotes |reaction |on (?:that|this) )?from"
    r"\b(?!.* (?:as|after) )[^:]*"
    r"|(?:now )?over to\b[^:]*"
    rf"|.*\b(?:has|have) (?:just |now |also )*(?:put out|issued|released|published|posted|sent out) .*\b{_TEXTS}\b.*"
    r"|.*\b(?:reports?|says?|writes?|adds?|heard|told \w+) the following"
    r")[.]?",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence behind which somebody's words begin without a colon: "Here is the ministry's statement."; a list of main
points is in its writer's, unless it says whose speech they are from."""
_HERE = re.compile(
    r"(?:here(?:['’]s| is| are)|from)\b(?!.*\b(?:points|summary|highlights|takeaways|so far|know|latest|things stand"
    r"|pictures|images|photos|video|footage|map)\b)",
    re.IGNORECASE | re.DOTALL,
)
"""How a sentence begins that, with a colon at its end, announces somebody's words."""
_READERS = (
    r"(?:these|those|here|some|more|below|the following|a few|a selection|your)\b.*"
    r"(?:\b(?:from|by|of) (?:our |some |the )?readers\b|\b(?:your|readers['’]?) (?:comments|views|thoughts|questions"
    r"|messages|stories)\b|\bcomments (?:were|was|have|from|left|posted)\b)"
)
_WRITERS_LABEL = re.compile(
    r"(?!(?:(?-i:[A-Z])[\w.'’-]+ ){1,4}on )(?:"
    r".*\b(?:points|summary|highlights|takeaways|so far|know|latest|things stand|developments|happened|happening|missed"
    r"|(?:top|main|other|more) (?:stories|news)|stories|headlines|covered|recap|round-?up|updates?|live|timetable"
    r"|schedule|agenda|figures|results?|scores?|forecast|coming up|to (?:come|watch|expect)|pictures?|images?|photos?"
    r"|photographs?|video|footage|map|chart|graph|page|elsewhere|meanwhile|news|markets|teams?|line-?ups?|table"
    r"|weather|sport|politics|business|travel|traffic|economy|elections?)\b.*"
    r"|(?:in|across|around) (?!.*\b(?:views?|eyes|version|telling|account)\b).*"
    r"|(?:and |also )*(?:today|tonight|earlier|later|next|now|(?:this|the) (?:morning|afternoon|evening|week|weekend))"
    r")",
    re.IGNORECASE | re.DOTALL,
)
"""What stands in front of a colon over the writer's own words: "Where things stand"."""
_HELD_AGAINST = re.compile(
    r"\b(?:claims|plans?|demands|conditions|terms|proposals?|myths|rumou?rs|gossip|charges|allegations|accusations"
    r"|theor(?:y|ies)|motion|scenarios?|options)\b",
    re.IGNORECASE,
)
"""What is not so, or not yet, though the writer lists it: "The plan in brief"."""
_LABEL_WORDS = 8
"""The most words of a paragraph that with a colon at its end gives the floor to whoever it names.

Longer ones are news with a list behind it; half as long again if they name what is not so.
"""
_HANDED_OVER = re.compile(
    rf"read (?:the|his|her|its|their) (?:[\w'’-]+ ){{0,3}}{_TEXTS}\b.*:", re.IGNORECASE | re.DOTALL
)
"""A pointer behind which somebody's words stand: "Read the full statement:"."""
_MANY = re.compile(rf"(?:[qa]\s*:\s|{_READERS})", re.IGNORECASE | re.DOTALL)
"""How a sentence begins behind which several speak, each in turn: readers, or who asks and who answers."""
_INTENDED = r"(?:plans?|demands|conditions|terms|proposals?|red lines|scenarios?|motion)"
_GOVERNS = re.compile(
    r"if you (?:believe|listen to|ask)\b|to hear .{2,60} tell it\b|in an? (?:perfect|ideal) world\b"
    r"|in .{2,60}['’]s? (?:telling|version|account|view|eyes|words|world)\b"
    r"|the (?:theory|argument|claim|allegation|accusation|charge|case|story|thinking) (?:is that|goes|runs)\b"
    r"|.{2,80} (?:lists?|listed|gives?|gave|sets? out|names?|named) (?:\w+ )?(?:two|three|four|five|six|several)"
    r" (?:[\w-]+ ){0,2}(?:failings?|reasons|demands|conditions|allegations|charges|complaints|grievances|claims"
    r"|criticisms|objections|mistakes|errors|accusations|proposals|lessons)[.:]?$"
    r"|.{2,80} (?:was|is) (?:in no doubt|blunt|adamant)\b.*"
    r"|.{2,60} (?:tells|told|is telling) (?:the )?(?:jury|court|inquiry|judge|tribunal|committee) (?:about|of) "
    rf"|(?:(?:the|his|her|its|their|(?-i:[A-Z])[\w-]+['’]s?) )(?:[\w'’-]+ ){{0,4}}{_INTENDED}(?: (?:for|to|on|in|of)\b"
    r"[^:]{0,40})?:|(?:(?-i:[A-Z])[\w.'’-]+ ){1,4}on [^:]{2,40}:"
    rf"|.{{2,60}}\b{_INTENDED} (?:\w+ )?(?:includes?|contains?|lists?|has) the following\b"
    rf"|.{{2,60}}\b(?<!will )(?<!to )(?:set|sets|laid|lays|setting|laying|spelt|spells?) out (?:\w+ ){{0,4}}{_INTENDED}"
    rf"\b[^,;:]{{0,40}}[.]$"
    r"|(?:there (?:are|were)|.{2,60} (?:looking at|considering|weighing|examining|investigating|face|faces|has|have))"
    r" (?:(?:the|only|at least|now|still) )*(?:two|three|four|five|several|\d) "
    r"(?:[\w-]+ ){0,2}(?:ways (?:forward|out|ahead)"
    r"|possibilit|option|scenario|theor|outcome|explanation|path)"
    r"|(?:and |but |so )?what (?:would|will|could|might|happens)\b.{0,60}\bif\b.{2,60}\?$"
    r"|(?:in|under) (?:a|an|one|this|another|the [\w-]+) scenario\b"
    r"|.{0,60}\b(?:rumou?rs?|conspiracy theor(?:y|ies)|claims?|gossip|speculation)"
    r" (?:is|are|was|were|has been|have been)"
    r" (?:\w+ ){0,2}(?:flying|spreading|swirling|circulating|everywhere|rife|doing the rounds|going a?round)\b"
    r"|.{2,60}\b(?:exercises?|drills?|rehearsals?|simulation|war ?games?) .{0,40}\b(?:begun|begins?|began|under ?way"
    r"|start(?:s|ed)?|taking place|being held)\b"
    r"|(?:today |this \w+ )?(?:it(?:['’]s| is| has been| was)|is|marks) (?:now |exactly )?"
    r"(?:\w+ ){1,2}(?:years|months|decades)"
    r" (?:to the day )?(?:since|ago)\b|on this day\b|this day in \d",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that says in whose eyes, in what plan or of what day the rest is so: "She lists three failings."."""
_SALUTATION = re.compile(r"(?:dear|hello|hi)\b[^.]{0,60},", re.IGNORECASE)
_ANNOUNCING_WORDS = 25
"""The most words of a sentence that announces without a colon."""
_NAMELESS_WORDS = 6
_QUOTE_MARK = re.compile(r"[“”«»\"]")
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|«[^«»]*»")

_ATTRIBUTED = re.compile(
    r"\b(?:said|says?|told|tells?|according to|announced|confirm(?:ed|s)?|reported|reports|tweeted|claimed|claims"
    r"|denied|denies|deny|warn(?:ed|s)?|insist(?:ed|s)?|urged|urges"
    r"|thinks?|expects?|estimates?|believes?|predicts?)\b",
    re.IGNORECASE,
)
_US = re.compile(
    r"\b(?:i|i['’](?:m|ve|d|ll)|we|we['’](?:re|ve|d|ll)|our|ours|my|mine|ourselves|myself)\b",
    re.IGNORECASE,
)
_OUR_OWN = re.compile(
    r"\b(?:our|my)(?: own| former)?(?: [\w-]+){0,3} (?:editor|correspondent|reporter|colleague|team|analyst|affiliate"
    r"|columnist|website|page|newsroom)s?\b"
    r"|\bwe (?:now |also |do )?(?:understand|hear)\b"
    r"|\bwe(?:['’]re| are|['’]ve been| have been) (?:now )?(?:hearing|told)\b"
    r"|\bi[.)]",  # of a list
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:hello|hi|good (?:morning|afternoon|evening)|welcome|thank you for|thanks for"
    r"|that['’]?s (?:(?:it|all) (?:from|for)|the end of our)|read (?:the full|more|our)"
    r"|this (?:live )?(?:page|blog) is (?:now )?clos(?:ing|ed)"
    r"|that['’]s all\b|a (?:full )?summary\b.{0,40}\bwill\b.{0,20}\b(?:shortly|soon)"
    r"|i['’]m (?-i:[A-Z])\w+ (?-i:[A-Z])\w+,? and"
    r"|my colleague .{2,40}? (?:will|is going to) (?:be )?(?:tak|bring|guid|keep)\w*"
    r"|our live (?:page|coverage|blog) is (?:now )?(?:coming|closing)"
    r"|have a (?:good|great|lovely)|stay with us|follow|you can (?:read|follow|watch|find)"
    r"|if you(?:['’]ve|['’]re| have| want| would| were| are)"
    r"|(?:we|i) apologi[sz]e\b|happy april fool"
    r"|send (?:us|it|your)|get in touch|e-?mail us|tell us|share your)\b"
    r"|[qa]\s*[:.]\s|for more,|(?:good ?)?night(?:,? (?:all|everyone|folks))?\s*[.!]"
    r"|(?:a |our )?(?:correction|clarification|apolog(?:y|ies)|sorry|update|note)\s*[.!:]?\s*$",
    re.IGNORECASE,
)

_TALK = (
    r"(?:statement|speech|evidence|(?:press|news) conference|briefing|interview|address|response|reaction|account"
    r"|testimony|video|findings)"
)
_WHERE = r"(?: (?:now|again|just now|live|here|there))?(?:,? (?:to|in|at|on|about|from|outside|with) .*)?"
_SPOKE = re.compile(
    rf"(?!.*{_TELLING_TAIL}).*\b(?:(?:has|have)(?: \w+)?(?: been)? (?:speaking|talking|spoken|taking questions){_WHERE}"
    r"|(?:has|have)(?: \w+)? (?:responded|reacted|hit back|commented)(?!.* by \w+ing\b)(?: to| at| on)?(?: .{1,60})?"
    r"|(?:has|have|is|are)(?: \w+)?(?: been)? (?:giv(?:en|ing)|making|put out|issued|released|published)"
    rf" (?:an? |his |her |its |their |some )?(?:[\w-]+ ){{0,2}}{_TALK}s?(?: of .*|{_WHERE})"
    r"|(?:has|have)(?: \w+)?(?: been)? describing\b.*|(?:has|have) come out\b.* spoken to .*"
    r"|(?:is|are|was|were)(?: now| also| currently)? (?:speaking|talking|taking questions|on (?:his|her|their) feet)"
    rf"{_WHERE}"
    rf"|(?:is|are) in (?:our|the) studio{_WHERE}"
    r"|(?:is|are|has been|have been)(?: now)? delivering (?:an? |his |her |its |their |the )?"
    r"(?:[\w-]+ ){0,2}(?:budget|speech|statement|address)(?: now)?(?: to .*)?"
    r"|(?:is|are|has been|have been) (?:now )?addressing\b"
    r"(?! (?:the )?(?:\w+ )?(?:problem|issue|crisis|concern|question))"
    r".{2,60}|(?:was|were|is|are|has been|have been) on (?:.{2,60} )?"
    r"(?:programme|television|TV|radio|show|podcast)\b"
    r"(?! (?:tower|station|mast|studio)).{0,30}"
    r"|(?:has|have) (?:now |just )*given (?:his|her|its|their) (?:own )?(?:version|account|side)\b.{0,80}"
    r"|(?:has|have) this(?: (?:from|on|about) .{2,60})?|(?:has|have) (?:a scoop|been in touch"
    r"|(?:just )?(?:posted|tweeted) (?:on|about)(?! \d)"
    r"|repeated (?:his|her|its|their)"
    r" (?:attack|claim|accusation|call)s?)\b.{0,80}|(?:is|are) leading on\b.{2,60}"
    r"|(?:is|are) (?:showing|airing|broadcasting|reporting) what (?:it|they) calls?\b.{2,60}"
    r"|this is how\b.{2,60}\b(?:is|are) (?:reporting|covering|telling|presenting)\b.{2,60}"
    r"|opened (?:his|her|its|their|the) case\b.{0,80}"
    r"|(?:(?:opened|closed|began|started|ended) .{1,60} with|made) an? (?:[\w-]+ ){0,2}(?:plea|appeal|call)"
    r"(?: (?:to|at|in|from)\b.{1,40})?"
    r"|(?:is|are) (?:now |just |also )*(?:(?:replying|responding) to (?!.*\b(?:by|with)\b).{1,40}"
    rf"|taking (?:his|her|their) turn(?: now)?|(?:holding|giving) an? (?:\w+ )?{_TALK}(?: .{{1,40}})?)"
    r"|(?:has|have) (?:now |just |also )*(?:a (?:little|few|bit) )?(?:more|further)"
    r" (?:reaction|details?|lines?|quotes?)\b.*|(?:is|are) (?:now |also )*reporting (?:more|further) details\b.*"
    r")[.]",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that tells only that somebody spoke: what follows may be that."""
_UNDER_WAY = re.compile(
    rf"(?!.*{_TELLING_TAIL}).*\b(?:"
    r"(?:motion|debate|session|hearing|statement|speech|conference|questioning)\b(?: (?:for|on|of|about) .{1,60})?"
    r" (?:continues|resumes|(?:is|has) (?:starting|started|begun|resumed|under ?way))"
    r"|(?:has|have) (?:now |just )*(?:sat down|finished(?: speaking)?|stood up|got up)"
    r"|(?:results?|figures|numbers|verdict|minutes|data|poll|claims) (?:is|are) (?:now )?(?:in|out))[.]",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that tells only that something goes on, or is to be had."""
_GOES_ON = re.compile(r"(?:he|she|they|it)\b(?:.{0,60}\b(?:says?|said|tells?|told|added|asked)\b| \w+)", re.IGNORECASE)


def owned(found: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences of one update of which it can be told whose words they are.

    Directly behind "The mayor said:" stands what the mayor said: that sentence gets the announcement for its ``voice``.
    Where the mayor's words end is marked if they are in quotation marks; if not, the rest is left out, up to the next
    announcement. Behind "The mayor is speaking." it is left out up to the end of the paragraph, or of the next one if
    nothing follows in its own, or up to what says itself who says it.

    >>> from standfirst.schema import Paragraph
    >>> from standfirst.english.sentences import sentences
    >>> p = Paragraph("p1", "The mayor said: We wait. The port is shut.", "text", 0, 42)
    >>> [s.text for s in owned(sentences(p))]
    ['The mayor said: We wait.']
    >>> q = (Paragraph("p1", "The mayor said:", "text", 0, 15), Paragraph("p2", "We wait. It is shut.", "text", 16, 36))
    >>> [(s.text, s.voice and s.voice.text) for s in owned([*sentences(q[0]), *sentences(q[1])])]
    [('The mayor said:', None), ('We wait.', 'The mayor said:')]
    """
    found = list(found)
    floor = _Floor()
    for sentence, within in zip(found, _within_quotations(found), strict=True):
        yield from floor.hear(sentence, within=within)


@dataclass(slots=True)
class _Floor:
    """Who has the floor while the sentences of an update are read, one after the other.

    ``voice`` announces the next sentence; ``opened`` speaks in a quotation that is not closed yet. ``unmarked`` says
    that somebody's words may still go on, ``loosely`` that the writer may have taken over again; ``governed`` is in
    whose eyes the rest of its paragraph is so, or all of the next (``reach``) if nothing stands behind it in its own,
    and ``speaks`` if it tells only that somebody spoke; ``labelled`` begins with a name that speaks to the end of its
    paragraph.
    """

    voice: Sentence | None = None
    opened: Sentence | None = None
    unmarked: bool = False
    loosely: bool = False
    governed: Sentence | None = None
    reach: Paragraph | None = None
    speaks: bool = False
    labelled: Sentence | None = None
    before: Sentence | None = None

    def hear(self, sentence: Sentence, *, within: bool) -> Iterator[Sentence]:
        """The sentence as it may be shown, if it may; ``within`` says that it goes on with a quotation."""
        own = _announced(sentence)
        if self.governed is not None and self.governed is self.before:
            labels = ":" in self.governed.text[:-1]  # "Lavrov on the talks: ..." goes on in its own paragraph only
            self.reach = self.governed.paragraph if labels else sentence.paragraph
        if own is None and within:
            self.opened = self.opened if marks_left_open(sentence.text) >= 0 else None
            return
        if own is None and self.voice is not None and _SALUTATION.fullmatch(sentence.text):
            return
        if own is None and self.opened is not None and sentence.text[0] in OPENERS:
            self.voice = self.opened  # a quotation of several paragraphs, each of which opens it again
        voice = self.voice if own is None else None
        self.opened = voice if _is_open(sentence.text) else None
        if voice is not None:
            self.unmarked = sentence.text[0] not in OPENERS
            yield replace(sentence, voice=voice)
        elif own is None and self._is_told(sentence):
            yield replace(sentence, voice=self.governed)
        elif own is not None or self._is_the_writers(sentence):
            yield sentence
        self._pass_on(sentence, own)

    def _is_told(self, sentence: Sentence) -> bool:
        """Whether the sentence stands directly behind "The mayor is speaking." and does not say itself whose it is."""
        text = sentence.text
        if not self.speaks or self.governed is not self.before:
            return False
        return not (is_attributed(text) or goes_on(text) or says_nothing(text) or is_talk(text))

    def _is_governed(self, sentence: Sentence) -> bool:
        """Whether an earlier sentence says in whose eyes it is so."""
        return self.governed is not None and self.reach is sentence.paragraph

    def _is_the_writers(self, sentence: Sentence) -> bool:
        """Whether the sentence is the writer's own, as far as can be told, or says itself whose it is."""
        governed = self._is_governed(sentence)
        unmarked = self.unmarked and (self.labelled is None or self.labelled.paragraph is sentence.paragraph)
        if not (unmarked or governed):
            return True
        if self.speaks and self.governed is self.before and goes_on(sentence.text):
            return True  # ``answered`` puts the two together
        return (self.loosely or not unmarked) and is_attributed(sentence.text)

    def _pass_on(self, sentence: Sentence, own: Sentence | None) -> None:
        """Give the floor to whom the sentence announces."""
        self.voice = own if own is not None and own.end == sentence.end else None
        before, self.before = self.before, sentence
        follows = before is not None and before.paragraph is sentence.paragraph
        if before is not None and follows and self.voice is not None and _is_nameless(sentence.text):
            self.voice = bonded(before, sentence)  # "The army has replied. It said:"
        if self.speaks and is_attributed(sentence.text):
            self.governed, self.speaks = None, False
        speaks = own is None and _gives_the_floor(sentence.text)
        if speaks or _GOVERNS.match(sentence.text):
            self.governed, self.speaks = sentence, speaks
        if own is None:
            return
        self.loosely = not own.text.endswith(":") or not _tells(own.text)
        self.labelled = sentence if own.end < sentence.end and not _tells(own.text) else None
        self.unmarked = self.voice is None and sentence.text[len(own.text) :].lstrip()[:1] not in OPENERS
        if _MANY.match(own.text):
            self.voice, self.unmarked = None, True


def _within_quotations(found: Sequence[Sentence]) -> list[bool]:
    """Whether each sentence goes on with a quotation that an earlier one of its paragraph opens.

    One that is never closed goes on to the paragraph's end.
    """
    within = []
    is_open = False
    for i, sentence in enumerate(found):
        is_open = is_open and sentence.paragraph is found[i - 1].paragraph
        within.append(is_open)
        more = marks_left_open(sentence.text)
        is_open = more >= 0 if is_open else more > 0
    return within


def _is_open(text: str) -> bool:
    return text[0] in PAIRS and text.count(text[0]) > text.count(PAIRS[text[0]])


@remembered
def announces(text: str) -> bool:
    """Whether a sentence or headline holds no news of its own and says whose words follow.

    >>> announces("Here is the ministry's statement."), announces("Here is the ferry.")
    (True, False)
    """
    return _may_announce(text) and (_PRESENTED.fullmatch(text) is not None or _MANY.match(text) is not None)


def _may_announce(text: str) -> bool:
    """Whether a sentence is short and quotes nothing."""
    return len(text.split()) <= _ANNOUNCING_WORDS and not _QUOTE_MARK.search(text)


def _announced(sentence: Sentence) -> Sentence | None:
    """The part of a sentence that announces somebody's words, if it does."""
    text = sentence.text
    if text.endswith(":"):
        return sentence if _tells(text) or announces(text[:-1]) or _HERE.match(text) or _heads(sentence) else None
    if announces(text):
        return sentence
    label = _LABEL.match(text)
    speech = _TO_COLON.match(text)
    if speech and _tells(speech[0]):
        label = None if _lists(text, speech.end()) else speech
    elif label and not _names_a_speaker(label[0], text[label.end() :]):
        label = None
    if label is None or _NOBODY.fullmatch(label[0].rstrip(":")):
        return None
    return replace(sentence, end=sentence.start + label.end(), text=label[0])


def _heads(sentence: Sentence) -> bool:
    """Whether a sentence is a short paragraph with a colon at its end that is no label of the writer's."""
    label = sentence.text[:-1]
    if sentence.text != sentence.paragraph.text.strip():
        return False
    n_words = len(label.split())
    if _HELD_AGAINST.search(label):
        return n_words <= _LABEL_WORDS * 1.5
    return n_words <= _LABEL_WORDS and _WRITERS_LABEL.fullmatch(label) is None


def hands_over(paragraph: Paragraph) -> bool:
    """Whether a paragraph that leads elsewhere announces words that stand behind it: "Read the full statement:"."""
    return paragraph.kind == "pointer" and _HANDED_OVER.fullmatch(paragraph.text.strip()) is not None


def _is_nameless(text: str) -> bool:
    """Whether an announcement does not say who speaks: "It reads:", "Some of the lines:"."""
    few = len(text.split()) <= _NAMELESS_WORDS
    return leans_back(text) or (few and not any(word[0].isupper() for word in text.split()[1:]))


def _lists(text: str, colon: int) -> bool:
    """Whether what follows a colon goes on with the sentence: "he said there were two: a strike and the rain"."""
    behind = text[colon:].lstrip()[:1]
    return (behind.islower() or behind.isdigit()) and any(map(str.isupper, text))


def _names_a_speaker(label: str, words: str) -> bool:
    """Whether a label without a word of speech names who says what follows: "Dana Orsk: ", and not "Weather: "."""
    if "@" in label:
        return True
    if not _NO_NAMES.isdisjoint(label.lower().rstrip(":").split()):
        return False
    return " " in label.strip() or words.lstrip()[:1] in OPENERS or says_we(words)


def _tells(text: str) -> bool:
    """Whether a word of speech, or for a document that holds somebody's words, stands in it."""
    return any(word in w.SPEECH or _DOCUMENT.fullmatch(word) for word in _WORD.findall(text.lower()))


@remembered
def is_attributed(text: str) -> bool:
    """Whether a sentence says itself who says it, and speaks of nobody as "we".

    >>> is_attributed("The dam holds, engineers said."), is_attributed("We said so.")
    (True, False)
    """
    return _ATTRIBUTED.search(text) is not None and not says_we(text)


def says_we(text: str) -> bool:
    """Whether a sentence speaks as "I" or "we" outside quotation marks: who that is, only its neighbours say.

    >>> says_we("We wait for the ferry."), says_we("“We wait,” said the pilot."), says_we("Our correspondent waits.")
    (True, False, False)
    """
    return not _LABEL.match(text) and _US.search(_OUR_OWN.sub(" ", _QUOTED.sub(" ", text))) is not None


def is_talk(text: str) -> bool:
    """Whether a sentence speaks to the reader, or is a question or an answer: no news by itself.

    >>> is_talk("Hello, and welcome."), is_talk("A: No."), is_talk("The ferry has sunk.")
    (True, True, False)
    """
    return _GREETING.match(text) is not None


def says_nothing(text: str) -> bool:
    """Whether a sentence is empty without the next: it announces, or tells only that somebody spoke.

    >>> says_nothing("The governor is speaking now in Osk."), says_nothing("The governor has left Osk.")
    (True, False)
    """
    if announces(text) or _gives_the_floor(text):
        return True
    plain = _may_announce(text) and ":" not in text
    return plain and _UNDER_WAY.fullmatch(text) is not None and not _ATTRIBUTED.search(text)


@remembered
def _gives_the_floor(text: str) -> bool:
    """Whether a sentence tells only that somebody spoke, and not what was said."""
    plain = _may_announce(text) and ":" not in text
    return plain and _SPOKE.fullmatch(text) is not None and not is_attributed(text)


def goes_on(text: str) -> bool:
    """Whether a sentence says what somebody named before it said or did: "He says ...".

    >>> goes_on("She says that the dam holds."), goes_on("The dam holds.")
    (True, False)
    """
    return _GOES_ON.match(text) is not None
