"""The closed classes of English that decide what may be struck out of a sentence; all entries are lower-cased."""

from collections.abc import Iterable


def _set(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


NEGATIONS = _set(
    "not no never none nobody nothing nowhere neither nor cannot without n't denied denies deny denying denial",
    "refused refuses refuse refusing refusal rejected rejects reject rejecting failed fails fail failing failure ruled",
    "stopped stops banned bans ban prevented prevents prevent preventing blocked blocks halted avoided avoid avoids",
    "cancelled canceled postponed suspended withdrew withdrawn lacks lack lacking hardly barely scarcely unable",
    "unlikely false untrue fake hoax averted foiled thwarted dismissed dismisses disputed disputes doubt doubts",
    "yet unless except excluding nor neither instead rather ain't abandoned dropped scrapped quashed overturned",
)
HEDGES = _set(
    "alleged allegedly allegations allegation likely reportedly unconfirmed confirmed suspected suspects suspect",
    "apparently apparent possible possibly probable probably potential potentially perhaps maybe presumably",
    "supposedly supposed purported purportedly rumoured rumored seemingly seems seem seemed appears appear appeared",
    "might may could would should expected expects expect believed believes believe thought thinks think feared fears",
    "estimated estimates estimate about around approximately roughly nearly almost some up least most over under",
    "attempted attempt attempts attempting would-be planned plans plan planning proposed proposes propose proposal",
    "former ex acting interim deputy mock self-proclaimed so-called claimed preliminary provisional initial draft",
    "hopes hope hoped aims aim aimed wants want wanted warned warns warn warning set due poised ready prepared",
    "partly partially largely mostly mainly virtually practically effectively anti pro counter unverified unknown",
)
CONDITIONS = _set(
    "if unless whether provided providing assuming once until till depending otherwise should subject pending case",
)
SPEECH = _set(
    "said says say saying claims claimed claim claiming told tells tell telling reported reports report reporting",
    "announced announces announce announcing according citing cited cites quoted quoting insisted insists insist",
    "argued argues argue stated states stating statement added adds adding tweeted tweets wrote writes writing",
    "alleges alleging accused accuses accuse accusing suggested suggests suggest suggesting admitted admits admit",
    "confirms confirming confirm declared declares declare explained explains noted notes warned warns warning",
    "acknowledged acknowledges maintained maintains predicted predicts posted posts asked asks promised promises",
    "pledged pledges vowed vows urged urges called calls describing described describes sources source via per",
    "admitting pledging vowing urging acknowledging conceding insisting arguing explaining noting declaring testifying",
    "estimates quoted understands learned reckons conceded concedes testified ruled recalls recalled thinks believes",
)
LIMITS = _set(
    "impossible unable difficult hard harder unlikely illegal forbidden banned",
    "only all every each any both first last final sole solely exclusively entire whole always few fewer",
    "little least most than best worst record same enough ever anyone anything anybody",
    "anywhere everyone everybody everything whoever whatever second third half majority minority per percent",
)
"""Words under which leaving a restriction out may say more than the source did ("no strikes in May")."""

NUMBERS = _set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen",
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands",
    "million millions billion billions trillion dozen dozens scores half third quarter twice double triple several",
    "many few both pair couple percent per cent single",
)
ARTICLES = _set("a an the his her its their our my your this that these those some any no every each")
PREPOSITIONS = _set(
    "of in on at by for from to with without into onto upon over under above below near between among amongst against",
    "during after before since until till amid amidst following towards toward through throughout across along",
    "around behind beside beyond despite inside outside off about as per via within like than up down out",
)
CONJUNCTIONS = _set("and or but nor so yet while whereas because although though when where who which that whose whom")
AUXILIARIES = _set(
    "is are was were be been being am has have had having does do did will would can could may might must shall should",
    "isn't aren't wasn't weren't hasn't haven't hadn't doesn't don't didn't won't wouldn't can't couldn't shouldn't",
    "'s 're 've 'll 'd 'm ’s ’re ’ve ’ll ’d ’m",
)
VERBS = _set(
    "became becomes began begins broke brought brings built came comes caught chose cut drew drove fell falls felt",
    "fled flew found finds fought gave gives got gets went goes grew held holds hit hits hurt kept keeps knew knows",
    "laid led leads left leaves lost loses made makes meant means met meets paid pays put puts ran runs rose rises",
    "saw sees sent sends shot shook shut sold spoke speaks spent stood stands stole struck strikes swore took takes",
    "taught threw understood won wins wrote rejects faces wants needs remains insists continues includes plans hopes",
    "says said told tells claims reports warns urges calls adds asks thinks believes expects denies confirms",
    "announces arrives launches visits opens closes returns resigns dies kills",
)
REPORTING = _set("said says told claimed claims reported reports announced added tweeted wrote insisted stated warned")
RELATIVES = _set("who which whose whom where")
CLAUSES = _set("as while amid amidst after before following during since when where with despite although though")
PRONOUNS = _set("he she they it we i you")
POINTERS = _set("he she him her his they them their it its")
OPENINGS = _set(
    "on in at during after before following amid meanwhile however earlier later separately elsewhere today yesterday",
    "tonight overnight moreover additionally also furthermore afterwards nevertheless nonetheless overall",
)
CONNECTIVES = _set(
    "meanwhile however also moreover additionally furthermore nevertheless nonetheless overall separately and but"
)
ADVERBS = _set("also now currently meanwhile however very really quite extremely actually simply indeed")
DEGREES = _set("very really quite extremely")
PARTICIPLES = _set(
    "forcing leaving causing raising threatening prompting sparking making bringing allowing",
    "hitting damaging destroying",
    "cutting putting giving sending pushing plunging triggering creating marking becoming killing injuring wounding",
    "ending opening closing taking turning setting drawing adding reaching winning losing joining meeting following",
    "fuelling fueling deepening worsening easing blocking halting striking targeting angering dashing paving beginning",
)
SUPERLATIVE_LIKE = _set(
    "protest request arrest interest invest forest suggest west southwest northwest test guest",
    "harvest contest conquest",
    "honest modest rest digest nest chest quest midwest south-west north-west latest disinterest unrest budapest",
)
AUXILIARIES = _set(
    "is was are were be been being am has have had do does did will would shall should can could may might must",
    "isn't wasn't aren't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't",
)
STILL = _set("still already yet just ever even back away out up down off over")
TITLES = _set("mr mrs ms miss mr. mrs. ms.")
WEEKDAYS = _set("monday tuesday wednesday thursday friday saturday sunday")
DAYPARTS = _set("morning afternoon evening night lunchtime")
LEANERS = _set(
    "them him her us it earlier later early late another others one those such other so as soon right back out"
)
"""Words that the next one may belong to: what stands behind them is not cut off."""
TAILS = _set("in at near during after before amid following despite since")
COMPLEMENTED = _set(
    "exist exists existed attempt attempts bid bids try tries pop",
    "rise fall increase decrease drop growth decline interest role confidence involved involvement participation",
    "attack attacks ban pressure vote talks impact focus tax war strike raid raids strikes based located accused rely",
    "depend depends focused aimed engaged interested living live lives stay stays staying happened take takes took",
    "remain remained stand stands stood sit sits sat lie lies lay held holding keep keeps kept years months weeks days",
    "hours minutes",
    "membership situation place part stake share change changes cut cuts invest believe",
    "results result resulted resulting way ways",
)
"""Words that ask for what follows them: a phrase behind one is no free addition."""


def is_verb(word: str, low: str) -> bool:
    """Whether a word looks like a finite verb or participle that may go on with a clause."""
    return low in AUXILIARIES or low in VERBS or (word == low and len(low) > 4 and low.endswith("ed"))


def any_of(words: Iterable[str], *classes: frozenset[str]) -> bool:
    """Whether a word of ``words`` is in one of the classes."""
    return any(word in group for word in words for group in classes)
