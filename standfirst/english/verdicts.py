"""What a sentence says of those before it: that they are not so, whose words they are, that they were wrong.

Each is told by the sentence alone; ``neighbours.answered`` keeps it with what it is said of.
"""

import re
from collections.abc import Iterator

from standfirst.cache import remembered
from standfirst.english.retractions import SAID, begins_with_own
from standfirst.english.sentences import OPENERS

_TELLS_WHAT_IS_RIGHT = (
    r"(?!.*\b(?:we|our|my|i|(?:earlier|previous|this|that) (?:version|post|entry|update|item|story|article))\b)"
    r"(?!\s*(?:this|that)\b).*(?:\bnot\b|n['’]t\b|\bnever\b|\brather than\b|\binstead of\b)"
)
"""What stands behind "Correction:" where it is itself the news: "the toll is 44, not 47"."""
_SETTING_RIGHT = re.compile(
    r"(?:myth|claim|false|(?:the )?rumou?r)\s*:"
    rf"|(?:correction|clarification|corrected)\s*:(?!{_TELLS_WHAT_IS_RIGHT})"
    r"|(?:(?:correction|clarification|update|(?:editor['’]s )?note)\s*[:.]?\s*)?(?:an?|our|the) (?:earlier|previous) "
    rf"(?:version of (?:this|our) |(?:post|entry|update|article|story) (?:\w+ )?(?:{SAID}|wrongly)\b)"
    r"|(?:this|the|an earlier) (?:post|entry|article|update|blog|story|page) (?:has been|was) "
    r"(?:amended|corrected|updated|edited)",
    re.IGNORECASE,
)
"""How a sentence begins that quotes what was wrong."""

_NOT = r"(?:n['’]t| not| never)"
_BE = r"(?:is|are|was|were|has|have|had|did|does|do|wo|will|would|can|could)"
_IT = r"(?:they|these|this|that|it|he|she|we|i|none of (?:this|it|that|them)|no one|nobody|neither \w+)"
_CLAIM = (
    r"(?:claim|allegation|accusation|charge|report|rumou?r|stor(?:y|ies)|line|view|version|account|message|verdict"
    r"|argument|theory|warning|hope|belief|suggestion|conclusion|finding|picture|word|idea|boast|threat|position"
    r"|assessment|estimate|prediction|promise|gist)s?"
)
_SEEN = r"(?:video|clip|image|picture|photo(?:graph)?|recording)s?|footage|audio"
_HEARSAY = (
    r"(?:claim|report|rumou?r|allegation|accusation|charge|stor(?:y|ie)|suggestion|version|account|post|tweet|message"
    r"|statement|figure|detail|assertion|quote)s?"
)
_SOME_HEARSAY = (
    rf"(?:(?:the|this|that|these|those|any|all|such|both|either|its|his|her|their)(?: [\w-]+){{0,2}}"
    rf" (?:{_HEARSAY}|{_SEEN}))"
)
_THAT = rf"(?:it|this|that|they|them|these|those|{_SOME_HEARSAY})"
"""What points back at a claim."""
_FALSEHOOD = (
    r"(?:false|untrue|not true|inaccurate|fake|staged|doctored|manipulated|baseless|unfounded|fabricated|nonsense"
    r"|rubbish|(?:dis|mis)information|propaganda|satire|speculation|wishful thinking|AI-generated"
    r"|(?:made|generated|created|faked) (?:with|by|using) (?:AI|artificial)|(?:a pack of )?lies"
    r"|an? (?:[\w-]+ ){0,2}(?:lie|hoax|joke|spoof|parody|deepfake|false alarm|drill|rehearsal|invention|fabrication"
    r"|fantasy|(?:mistake|error)(?=[.,;]))|fiction|invented|wide of the mark)"
)
_UNDOING = re.compile(
    rf"(?:{_IT}|{_SOME_HEARSAY})"
    rf" ?(?:{_BE}{_NOT}(?: (?:really|actually|quite))?(?: (?:yet )?(?:true|so|happen(?:ed)?|correct|the case|be|"
    r"(?:(?:be|been) )?(?:independently )?(?:confirmed|verified)))?"
    r"|(?:is|are|was|were|has been|have been) (?:all |now |later |since |\w+ly )?(?:wrong|unconfirmed|incorrect|denied"
    r"|disputed|contested|debunked|withdrawn|retracted))\s*(?:[.,:;!–—]|$| by\b)"
    rf"|.{{0,80}}\b{_THAT}(?:['’](?:s|re)| (?:is|are|was|were|(?:has|have|had) been|turned out to be"
    r"|turns out to be|proved(?: to be)?|(?:now )?(?:(?:seems?|appears?)(?: to be)?|looks?)))(?: \w+)?"
    rf" [“\"‘']?(?:\w+ )?{_FALSEHOOD}\b"
    rf"|.{{0,80}}\b(?:call(?:s|ed)?|describe[sd]?|dismiss(?:es|ed)?) {_THAT}(?: as)? [“\"‘']?(?:[\w-]+ ){{0,2}}"
    rf"{_FALSEHOOD}\b"
    rf"|.{{0,60}}\bthe (?:{_SEEN}) (?:(?:is|are|was|were|dates?)\b.{{0,40}}\b(?:19|20)\d\d\b|(?:is|are) (?:\w+ )?old\b)"
    r"|.{0,80} (?:is|are|was|were) (?:untrue|incorrect|fake|baseless|unfounded|fabricated)[.,;]"
    rf"|(?:both of )?{_THAT} .{{0,60}}\bwithout (?:evidence|proof|foundation)\b"
    r"|(?:they|it|that|this|these|those)(?:['’](?:re|s)| are| is| turn(?:s|ed) out) not (?:to be )?"
    r"(?:what|true|so|real|new)\b"
    r"|(?:none|neither) (?:of (?:this|it|that|these)|claim|report|side['’]s claim) (?:has|have|is|was|could|can)\b"
    r"|(?:nope|wrong|false|untrue|nonsense|rubbish|lies|except that|not (?:yet )?(?:so|quite|true|confirmed|verified)"
    r"|verdict: (?:false|untrue|misleading)|the truth|both can['’]?(?:not|t)|or rather|in theory|no|if only"
    r"|(?:only|just) (?:joking|kidding)|my mistake"
    r"|(?:zero|no|not a) (?:chance|prospect))\b(?!\s+\w+ing\b)"
    r"(?=\s*[.,;:!–—]| it\b| be\b)"
    r"|(?:sorry|apologies|oops|update)[,:.!] ?(?:it|that)(?:['’]s| is| was| should)\b|happy april fool"
    r"|.{2,60}\b(?:says?|said) (?:not|otherwise)[.]$"
    r"|.{0,80}\b(?:ma(?:de|king) (?:it|that|this) (?:all )?up|nothing in it[.]|of the (?:sort|kind)[.])"
    r"|.{0,80}\bno such (?!thing as\b)[\w-]+"
    r"|.{0,60}\bnot a (?:shred|scrap|word|bit) of (?:evidence|proof|truth)\b"
    r"|.{0,60}\b(?:read|heard|seen) (?:that|this|it) (?:somewhere|elsewhere|online|everywhere|on social media)\b"
    r"|.{0,60}\b(?:this|that|it|none of (?:it|this|that)) never happened\b|.{0,40}\bplead(?:s|ed) not guilty\b"
    r"|(?:he|she|they|i|we) (?:was|were|am|are|is) (?:only |just |obviously )?(?:joking|kidding)\b"
    r"|.{0,40}\bgot (?:it|this|that) wrong\b"
    r"|.{0,60}\b(?:do not|don['’]t) (?:believe a word of|share|forward) (?:it|this)\b"
    r"|don['’]t worry[,:–—] ?(?:it|this|that)\b|that was (?:back )?in (?:19|20)\d\d\b"
    rf"|(?:it|this|that)(?:['’]s| is| was) (?:only |just )?the script of\b"
    r"|(?:that is|that['’]s|this is) if\b|if, that is\b|or (?:is|was|are|were|did|does|has|have|will|so|not)\b.{0,40}\?"
    r"|then\b.{0,50}\b(?:said|says)\b.{0,40}$"
    r"|(?:then|(?:[\w-]+ ){0,3}later),? .{0,80}\b(?:changed|withdrew|denied|corrected|reversed|retracted|rowed back)\b"
    r"|(?:[\w-]+ ){0,3}later,? .{0,80}\b(?:said|says)\b.{0,40}\b(?:wrong|untrue|false|no longer|not|\w+n['’]t)\b"
    r"|.{0,80}\b(?<!n['’]t )(?<!not )(?<!never )"
    r"(?:den(?:y|ies|ied)|dismiss(?:es|ed)|reject(?:s|ed)|disput(?:es?|ed)|withdrew|retracted|debunked"
    r"|deleted) (?:it|this|that|them|its report|(?:any )?(?:wrongdoing|involvement|responsibility)"
    rf"|(?:all )?\d* ?charges|{_SOME_HEARSAY})"
    r"(?=\s*[.,;:!–—“\"]|$| as\b)"
    r"|.{0,80}\b(?:nothing|(?:no|not an?) (?:[\w-]+ (?:of )?)?(?:evidence|basis|truth|proof|case|record|sign))"
    r" (?:to (?:support|back)|for|of|in|that any of) (?:it|this|that|them|any|either)\b"
    r"|.{0,80}\b(?:said|says) (?:that )?(?:this|that|it) (?:was|is) (?:wrong|untrue|false|not (?:true|so|the case))\b"
    r"|.{0,60}\b(?:has|have) since (?:removed|deleted|withdrawn|taken (?:it|them) down|retracted|corrected|apologi)"
    r"|but .{0,120}\bno longer\b"
    r"|.{0,80}(?:\b(?:not|never|cannot|unable to|neither|nor|none|nobody|no one|yet to)|n['’]t)\b[^.,;:]{0,50}"
    r"\b(?:(?:verify|verified|corroborated?|authenticated?)\b|confirm(?:ed)?(?:\s*[.,;]| that[.,;]"
    rf"| (?:either )?(?:it|this|them|these|those|{_SOME_HEARSAY})\b))"
    r"|.{0,60}\bno (?:\w+ )?confirmation(?:[.,;]| yet\b| from\b| of (?:this|that|it|the (?:claim|report)s?)\b)"
    r"|.{0,60}\b(?:hard|difficult|impossible) to (?:verify|confirm)\b"
    r"|or .{2,60}, rather[.]|well, (?:not|almost|nearly|sort of)\b"
    r"|.{0,60}\b(?:offer(?:ed|s|ing)?|gave|gives|giving|provided|produced) (?:no|any) (?:evidence|proof|source)\b",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that says of the one before that it is not so, or that nobody knows."""
_TAKING_BACK = re.compile(
    r"(?:make that [\w.,£$€%-]+(?: [\w-]+){0,2}|(?:strike|scrap|scratch|ignore|forget|disregard) (?:that|this|it))"
    r"(?=\s*[.,:;!–—])"
    r"|.{0,60}\b(?:took|taken|takes|pulled) (?:it|this|that|them|the (?:post|stor[yi]\w*|video|tweet|report|clip))"
    r" (?:down|offline)\b"
    r"|.{0,60}\b(?:corrected|amended|revised|rowed back on|walked back)"
    r" (?:it|this|that|the (?:number|figure|toll|claim|statement|report|total|count|name)s?)\b"
    r"|(?:none|not one|neither|nothing|few)\b(?: of [\w-]+(?: [\w-]+)?)?(?: (?:has|have|had|was|were|is|ever))?"
    r"(?: \w+)? (?:true|came|happened|materiali[sz]ed|proved|proven)\b"
    r"|.{0,60}\b(?:he|she|they|we|i|it|words|remarks|comments) (?:was|were|(?:has|have|had) been) (?:\w+ )?"
    r"(?:misinterpreted|misquoted|misunderstood|misrepresented|(?:taken|quoted) out of context)\b"
    r"|(?:it|this|that|they|these|those)(?:['’](?:s|re)| is| are| was| were) (?:actually |in fact |really )?"
    r"(?:from|shot|filmed|taken|recorded)(?: back)?(?: in)? (?:\w+ ){0,2}(?:19|20)\d\d\b"
    rf"|.{{0,80}}\b{_THAT} (?:is|are|was|were)(?: not|n['’]t) (?:\w+ )?(?:accurate|true|correct|right|the case|so)\b"
    rf"|(?:he|she|{_THAT})(?: later| soon)? turn(?:s|ed) out to (?:be|have)\b"
    r"|(?:he|she|they) (?:is|was|are|were)(?: not|n['’]t) (?:the|an?)"
    r" (?!first|last|only|same|\w+est\b)[\w-]+(?=[.,;]|$)"
    r"|(?:he|she|it|they) (?:later|since) (?:clarified|corrected|withdrew|retracted)\b"
    r"|(?:it|this|that)(?:['’]s| is| was) (?:only |just )?the (?:opening|plot|script|trailer|synopsis)"
    r" (?:of|to|for|from)\b.{0,40}\b(?:drama|film|movie|series|novel|thriller|sitcom|comedy|episode|musical|game)\b"
    r"|[^:“”\"]{2,60}: ?[“\"][^\s“”\"]{1,20}(?: [^\s“”\"]{1,20}){0,2}[”\"][.]?$",  # No 10: "Zero prospect."
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that takes the one before it back, or says of it what makes it nothing."""
_WHOSE = re.compile(r"[^:“”\"]{2,80}: ?")
_CORRECTING = re.compile(r"correction[,:](?!.*\b(?:earlier|previous|post|we|i|this|that)\b)", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(
    r"(?:no,? )?(?:it|he|she|they|this|that|we|i) (?P<aux>is|are|was|were|has|have|had|will|would|can|could)"
    r"(?:n['’]t| not| never)(?=\s*[.,:;!–—]|$)",
    re.IGNORECASE,
)
"""A denial of which the verb stands in what is denied: "It has not."."""
_OF_MANY = re.compile(
    r"\b(?:these|those|both|none of (?:it|this|that|them|these)"
    r"|(?:the|any|all|such)(?: [\w-]+){0,2} "
    r"(?:claims|reports|rumou?rs|allegations|stories|statements|details|figures))\b"
    r"|^(?:none|neither|not one|few)\b|\b(?:for|of|in) (?:any|either)\b"
    r"|\b(?:verif(?:y|ied)|confirm(?:ed|ation)?|corroborated?|authenticated?|(?:false alarm|drill|hoax|spoof|parody"
    r"|satire|script|plot|synopsis|jok(?:e|ing)|kidding|april fool)s?|rehears\w+)\b",
    re.IGNORECASE,
)
"""What in such a sentence says that it speaks of all before it in its paragraph: of many, or of what nobody knows."""
_ASCRIBING = re.compile(
    r"(?:at least,? )?(?:that|this|these|those|such|it)(?:,? (?:at least|anyway|however|in any case|too),?)? ?"
    r"(?:['’]s|is|was|were|are)(?:,? (?:at least|anyway),?)? (?:"
    r"(?!(?:the|a|an|its|one) (?:\w+ )?(?:first|second|third|\w+th|last|next|only|same|such|\w+est|most)\b)"
    rf"(?:the|a|an|one|his|her|their|its|among the)(?: [\w-]+){{0,2}} (?:{_CLAIM}|words)\b"
    r"|what (?!happen|follow|come)"
    r"|(?-i:[A-Z])[\w.'’-]*(?: (?-i:[A-Z])[\w.'’-]*){0,4}"
    r" (?:at (?:noon|midnight|\d)|yesterday|earlier|last|on \w+day)\b"
    r"|how (?:the |an? |one )?(?:[\w-]+ ){1,4}"
    r"(?:put|sums?|summed|answer\w*|describ\w+|sees|saw|explain\w*|respond\w*|react\w*)\b"
    r"|according to|as (?:far as|told)|(?:reported|claimed|announced|said|posted) by"
    r"|(?-i:[A-Z])[\w.'’-]*(?: (?-i:[A-Z])[\w.'’-]*){1,4},)"
    r"|(?:(?:the|these|those) (?:figures|numbers|details|claims?|reports?|news|word)|that)"
    r"(?:['’]s| is| (?:comes?|came|are)) (?:from|via)\b"  # "This is from" points ahead
    r"|(?:it|this) (?:comes?|came) from (?!behind|under|nowhere|all|across)"
    r"|(?:the |their |its )?source(?: (?:is|was|for)\b| ?:)|or so\b.{2,60}\b(?:say|claim|report|insist)"
    r"|so,? at least,?|or (?:that is|so it is) what\b"
    r"|(?:so|thus) (?:said|says?|claims?|claimed|goes|went|runs?|argues?|reads?)\b"
    r"|so (?:the |an? )?(?:[\w-]+ ){1,4}(?:said|says|claimed)(?=[,.;]| (?:at|on|in|earlier)\b)"
    r"|with (?:these|those) words\b|at least,? (?:according to|that['’]?s|that is|so)\b"
    r"|(?:the|an?|its|his|her) [\w'’ -]{2,50} made (?:the|this|that|these|those) (?:claim|remark|comment|allegation"
    r"|accusation|threat)s?\b"
    r"|.{2,60},? (?:carried|published|ran|aired|broadcast) the (?:news|report|story|claim|footage)\b"
    r"|.{2,60} (?:received|got|shared|forwarded|spread|posted) this (?:text|message|post|warning|clip|image|voice)\b"
    r"|.{2,60}\bheard this from\b|.{2,40} begs? to differ\b"
    r"|(?:that|this) depends on\b"
    r"|that was (?:the |our )?(?-i:[A-Z])[\w.'’-]*(?: (?-i:[A-Z])[\w.'’-]*){0,3}"
    r" (?:at|on|this|last|yesterday|earlier)\b",
    re.IGNORECASE | re.DOTALL,
)
"""A sentence that says whose words those before it are."""


def sets_right(text: str) -> bool:
    """Whether a sentence quotes what was wrong, in order to correct it: alone it would spread it.

    >>> sets_right("An earlier version of this post said the bridge fell."), sets_right("Myth: the sea is sweet.")
    (True, True)
    >>> sets_right("The earlier version of the treaty was signed in Osk."), sets_right("In a post on X, Venn said no.")
    (False, False)
    """
    return _SETTING_RIGHT.match(text) is not None or begins_with_own(text)


@remembered
def undoes(text: str) -> bool:
    """Whether a sentence says of the one before that it is not so, or not known to be.

    >>> undoes("They are not true, the mayor said."), undoes("It was not the first to do so.")
    (True, False)
    """
    return any(_UNDOING.match(part) or _TAKING_BACK.match(part) for part in _heads(text))


def _heads(text: str) -> Iterator[str]:
    """Where a denial may begin: at the sentence's first word, or behind who says it and a colon."""
    yield text.lstrip(OPENERS)
    label = _WHOSE.match(text)
    if label:
        yield text[label.end() :].lstrip(OPENERS)


def corrects_itself(text: str) -> bool:
    """Whether a sentence corrects the one before it in the same breath.

    >>> corrects_itself("Correction, they have initialled one."), corrects_itself("Correction: our post was wrong.")
    (True, False)
    """
    return _CORRECTING.match(text) is not None


def may_deny(text: str, claim: str) -> bool:
    """Whether a claim has the verb that a sentence that undoes leaves out; true if it leaves none out.

    >>> may_deny("It has not.", "Thousands are fleeing."), may_deny("It has not.", "The dam has burst.")
    (False, True)
    """
    bare = _BARE.match(text.lstrip(OPENERS))
    return bare is None or re.search(rf"\b{bare['aux']}\b", claim, re.IGNORECASE) is not None


@remembered
def ascribes(text: str) -> bool:
    """Whether a sentence says whose words those before it are.

    >>> ascribes("That, at least, is what the ministry says."), ascribes("That is the third ferry.")
    (True, False)
    """
    return _ASCRIBING.match(text) is not None


def speaks_of_many(text: str) -> bool:
    """Whether a sentence that undoes speaks of all before it in its paragraph: of many, or of what nobody knows.

    >>> speaks_of_many("None of these reports is true."), speaks_of_many("He denies it.")
    (True, False)
    """
    return _OF_MANY.search(text) is not None
