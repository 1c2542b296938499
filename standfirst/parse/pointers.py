"""Lines that carry no news: buttons, links and credits (pointers), and who wrote it (bylines)."""

import re

from standfirst.parse.times import parse_time_line

MAX_POINTER_CHARS = 220
MAX_BYLINE_WORDS = 14


def phrases(text: str) -> frozenset[str]:
    """Split a list written with bars and line ends into a set."""
    return frozenset(phrase.strip() for line in text.splitlines() for phrase in line.split("|"))


KEY_LABELS = phrases(
    """key events|key points|key developments|key moments|key takeaways|highlights|at a glance|in brief
    the key points|main points|the main points|what we're covering|what we are covering
    what we're covering here|here's what we're covering"""
)
"""Lines that announce key points in an opening; further down they are headlines."""

END_OF_KEY_POINTS = phrases(
    """show key events only|key events only|show all|show all updates|show all key events
    please turn on javascript to use this feature"""
)

_BUTTONS = END_OF_KEY_POINTS | phrases(
    """share|share this|share this post|share this article|share post|copy link|link copied|copied
    copied to clipboard|share on facebook|share on twitter|share on x|share via email
    share this on facebook|share this on twitter|facebook|twitter|x|email|e-mail|whatsapp|messenger
    linkedin|pinterest|reddit|telegram|flipboard|tweet|retweet|like|reply|embed|print|save|bookmark
    comment|comments|view comments|show comments|post a comment|advertisement|ad|skip advertisement
    article continues below|story continues below|back to top|scroll to top|load more|show more
    view more|see more|more|load more updates|more updates|newest first|oldest first|latest first
    filter|filters|sort by|live|live updates|live feed|live reporting|updating live|pinned|pinned post
    pinned update|refresh|loading|close|menu|related|related articles|related stories|recommended
    most read|getty|getty images|reuters|afp|ap|epa|pa|afp via getty images|new update|new updates
    published|updated|last updated|first published|posted|posted by|this live page is now closed
    this blog is now closed|icymi|in case you missed it|more on this soon|more on this shortly|more to follow
    live coverage
    more to come|more soon|more details soon|more details to follow|more on that soon|more on this as we get it"""
)

_MORE_WORDS = r"(?: [\w'’-]{1,20}){0,8}"
_OPENER = re.compile(
    r"(?:icymi|in case you missed it|more|related|also|see also|also read|background|further reading"
    r"|related article|analysis|opinion|comment|explainer|gallery|in pictures|podcast|video|watch"
    r"|listen|live|breaking|just in|exclusive|(?:the )?full (?:story|report|details)"
    rf"|(?:read|see|watch|listen|find out|learn|click|hear|view|follow){_MORE_WORDS}"
    rf"|more (?:here|on|from|details|to follow|soon|below|about){_MORE_WORDS}"
    rf"|here(?:['’]s| is) (?:more|the (?:full )?(?:story|report)){_MORE_WORDS}"
    rf"|you can (?:read|find|watch|see) (?:more|the|our|his|her|their){_MORE_WORDS})\s*:",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:read more|read also|also read|read next|see also|related|recommended|more on this(?: story)?"
    r"|full story|don['’]t miss|further reading|background)\s?(?:[:|»>]|[-–—]\s)",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"(?:sign up|subscribe|click here|tap here|scroll (?:down|up)|see the video|view video|watch the video"
    r"|view image in fullscreen|you can (?:read|find) more"
    r"|more (?:current|similar|important|such) (?:information|stories|texts))\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"(?:download (?:the|our)|read (?:the (?:full|whole)|more|our|all)|follow (?:our|the|us|all)"
    r"|you can (?:read|follow|find|watch|see|track)|watch (?:live|the)|listen to (?:the|our)"
    r"|join (?:the|us|our)|for more|get (?:the latest|our)|for all the latest)\b",
    re.IGNORECASE,
)
_CALL_END = re.compile(
    r"\b(?:here|below|link|newsletters?|live ?blog|coverage|app|page|website|site|video|inbox|updates|podcast"
    r"|telegram|whatsapp|facebook|story|report|article|channel)\W*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"(?:.{0,200}\b)?(?:photo|photograph|image|picture|illustration|graphic|composite|credit)s?\s?:(?P<who>[^.!?]{0,80})$",
    re.IGNORECASE,
)
_TAKEN_BY = re.compile(
    r"(?:.{0,200}[.!?)\]…]\s)?\(?(?:photo|photograph|image|picture|illustration|graphic)s? by"
    r" (?P<who>[^.!?()]{3,60})\)?$",
    re.IGNORECASE,
)
_AGENCY = re.compile(
    r".{0,200}(?:/|\bvia )\s?(?:AFP|AP|EPA|PA|Reuters|Getty(?: Images)?|Shutterstock|Anadolu|TASS|Sputnik"
    r"|Zuma|AP Photo|Rex|Alamy|Bloomberg)[\w/ ]{0,40}[)\]]?$"
)
_STAMP = re.compile(r"(?:last |first )?(?:updated|published|posted|modified)\b", re.IGNORECASE)
_COUNT = re.compile(
    r"\d[\d,.]*k?\s(?:comments?|shares?|likes?|views?|retweets?|posts?|new (?:updates?|posts?)"
    r"|(?:(?:people|readers|viewers|users) )?(?:are )?(?:(?:now|currently) )?"
    r"(?:viewing|watching|reading|following|online)"
    r"(?: (?:this|now|here|live)(?: (?:page|now|live|blog|story))?)?)\W?$",
    re.IGNORECASE,
)
_ORDER = re.compile(r"(?:sort|sorted|order|filter)(?: by\s?:| by$|\s?:) ?.{0,30}$", re.IGNORECASE)
_FEED_END = re.compile(r"The post (?![a-z]).{1,190} (?:appeared first|first appeared) on .{1,60}$")
_URL = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/|t\.co/)\S+$")

_REPORTS = re.compile(
    r"(?P<who>[^.:!?]{3,90}?),? (?:reports?|writes|explains|reporting"
    r"|ha(?:s|ve) (?:more|this report|the (?:latest|details|story|full (?:story|report))))\b"
    r"(?P<rest>[^.!?:]{0,50})[:.]?$"
)
_BY = re.compile(
    r"(?:by|from|writes|reports"
    r"|(?:posted|written|updated|edited|words|report|reporting) by)\s(?P<who>.{3,120})$",
    re.IGNORECASE,
)
_POSTED_BY = re.compile(r"^(?:posted |written )?by\s+", re.IGNORECASE)
_WHERE = re.compile(r"(?P<who>[^,.:;]{5,60}?),? (?:in|reporting from) (?P<place>[^,.:;]{3,30}?)\s?:?$")
_JOB = re.compile(
    r"(?:[^\W\d_]+(?: [^\W\d_][\w'’-]+){1,2}, )?(?:[\w-]+ ){0,3}"
    r"(?:correspondent|editor|reporter|analyst|political team)(?:,? (?:in|at) .{2,30})?$"
)
_ROLE = re.compile(
    r"(?:[^\W\d_][\w -]{2,20}: )?[^\W\d_][\w'’.-]+(?: [^\W\d_][\w'’.-]+){1,2}, (?:[a-z][\w'’-]* ){0,3}"
    r"[a-z][\w'’-]*(?:er|or|ist|ant|ent|ian|expert)$"
)
_OUTLET = re.compile(
    r"(?:from|by|analysis (?:by|from)) (?:CNN|BBC|AP|AFP|Reuters|NBC|ABC|CBS|NPR|PBS|Sky News|Fox News"
    r"|Al Jazeera)(?:['’]s)?\b(?! (?:to|for) )[^.!?:]{0,90}$",
    re.IGNORECASE,
)
_ON_THE_SPOT = re.compile(r"(?i:reporting|live) from (?P<place>[^,.:;]{3,40})$")
_SHIFT = re.compile(r"[^.:!?]{3,60} \((?:now|earlier)\)")
_NAME = re.compile(r"[^\W\d_]+(?: [^\W\d_]\.)?(?: [^\W\d_][\w'’-]+){1,2}$")
_TWEET = re.compile(r"[—–-]{1,2}\s?\S[^@]{0,80}\(@\w{1,30}\)")
_PLACED = re.compile(r" (?:in|on|at|aboard|outside) ")
_ROLES = re.compile(
    r"\b(?:CNN['’]s|CNN|BBC|AP|AFP|Reuters|the (?:Guardian|Independent|Times|Telegraph)|staff"
    r"|(?:[Oo]ur )?(?:[\w-]+ ){0,3}(?:correspondent|editor|reporter|team)|our)\b|\((?:now|earlier|[Tt]oday)\)"
)
_PARTICLES = phrases("de|del|della|den|der|di|da|dos|du|al|bin|el|la|le|ten|ter|van|von|zu|and|in|for|at|of")
_NOT_NAMES = phrases(
    """monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august
    september|october|november|december|today|tonight|now"""
)


def label_of(line: str) -> str:
    """Return a short line as it stands in the lists: lower case, no closing punctuation; "" if it is long."""
    return line.casefold().replace("’", "'").strip(" .:…![]()") if len(line) < 60 else ""


def is_bare_pointer(line: str) -> bool:
    """Tell if a line announces something that stood below it ("Read more:")."""
    return line.endswith(":") and is_pointer(line)


def is_pointer(line: str) -> bool:
    """Tell if a line leads elsewhere or belongs to the page, not to the story.

    >>> is_pointer("Read more: The bridge in pictures"), is_pointer("ICYMI: The bridge closes")
    (True, False)
    """
    if len(line) > MAX_POINTER_CHARS:
        return False
    if label_of(line) in _BUTTONS or _COUNT.match(line) or _URL.match(line) or _is_stamp(line):
        return True
    if _ORDER.match(line) or _FEED_END.match(line):
        return True
    if _OPENER.fullmatch(line) or _LINK.match(line) or _is_credit(line):
        return True
    return bool(_PROMOTION.match(line) or (_CALL.match(line) and _CALL_END.search(line)))


def _is_stamp(line: str) -> bool:
    """Tell if a line only says at what time something was published or changed."""
    stamp = parse_time_line(line, None) if _STAMP.match(line) else None
    return stamp is not None and stamp.has_clock


def _is_credit(line: str) -> bool:
    """Tell if a line is a picture's caption, which ends with who took it."""
    if ("/" in line or "via " in line) and _AGENCY.match(line):
        return True
    taken = _TAKEN_BY.match(line)
    if taken is not None and ("/" in taken["who"] or _are_names(taken["who"])):
        return True
    credit = _CREDIT.match(line) if ":" in line else None
    return credit is not None and ("/" in credit["who"] or not credit["who"].strip() or _are_names(credit["who"]))


def is_byline(line: str) -> bool:
    """Tell if a line only says who wrote or reported.

    >>> is_byline("By Mara Venn and Tom Oake"), is_byline("By Tuesday the bridge was open")
    (True, False)
    """
    if len(line) > MAX_POINTER_CHARS or len(line.split()) > MAX_BYLINE_WORDS:
        return False
    if is_tweet_credit(line) or (_JOB.match(line) and not line.islower()) or _names_a_role(line):
        return True
    if _SHIFT.match(line):
        return _are_names(line)
    if match := _REPORTS.match(line):
        return _are_names(match["who"]) and (line.endswith(":") or _is_place(match["rest"]))
    if match := _BY.match(line):
        return _are_names(match["who"].rstrip(" .:"))
    match = _WHERE.match(line)
    return bool(match and len(match["who"].split()) > 1 and _are_names(match["who"]) and _are_names(match["place"]))


def _names_a_role(line: str) -> bool:
    """Tell if a line is a name with what its bearer does or whom for, or where from somebody reports."""
    if _OUTLET.match(line):
        return True
    if _ROLE.match(line):
        return _are_names(line.rpartition(": ")[2].partition(",")[0])
    spot = _ON_THE_SPOT.match(line)
    return spot is not None and _are_names(re.sub(r"\b(?:the|near|outside|\w+ing)\b", "", spot["place"]))


def is_tweet_credit(line: str) -> bool:
    """Tell if a line names the author of the post that stands above it."""
    return _TWEET.match(line) is not None


def is_name(line: str) -> bool:
    """Tell if a line may be one person's name; only its place can say that it is."""
    return _NAME.match(line) is not None and _are_names(line)


def names_in(byline: str) -> tuple[str, ...]:
    """Return the names in a byline.

    >>> names_in("Mara Venn and Tom Oake report:")
    ('Mara Venn', 'Tom Oake')
    """
    match = _REPORTS.match(byline) or _BY.match(byline) or _WHERE.match(byline)
    if match is None:
        return ()
    names = (
        re.sub(r"^(?:[a-z]+ )+", "", _PLACED.split(_ROLES.sub("", name))[0].strip(" .:"))
        for name in re.split(r",\s*|\s+and\s+|\s+&\s+", match["who"])
    )
    return tuple(name for name in names if " " in name)


def authors_of(field: str) -> tuple[str, ...]:
    """Return the names in a field that holds an author or a whole byline.

    >>> authors_of("By Mara Venn and Tom Oake"), authors_of("by Reuters"), authors_of("Venn, Mara")
    (('Mara Venn', 'Tom Oake'), ('Reuters',), ('Venn, Mara',))
    """
    rest = _POSTED_BY.sub("", field)
    return names_in(field) or ((rest,) if rest else ())


def _are_names(text: str) -> bool:
    """Tell if a text is a list of names: capitalised words, particles and roles."""
    words = _ROLES.sub("Name", text).replace("&", "and").replace(",", " ").split()
    names = [word for word in words if word not in _PARTICLES]
    return 0 < len(names) <= 10 and all(w[0].isupper() and w.casefold() not in _NOT_NAMES for w in names)


def _is_place(text: str) -> bool:
    """Tell if what follows "reports" is nothing, or where from."""
    words = text.split()
    return not words or (len(words) <= 4 and words[0] in ("from", "in", "for") and _are_names(" ".join(words[1:])))
