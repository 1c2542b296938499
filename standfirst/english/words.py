"""The closed classes of English by which a sentence is read, and what may be struck out of it; all are lower-cased."""

from collections.abc import Iterable


def set_of(*lines: str) -> frozenset[str]:
    """The words of some lines."""
    return frozenset(word for line in lines for word in line.split())


NEGATIONS = set_of(
    "not no never none nobody nothing nowhere neither nor cannot without n't denied denies deny denying denial",
    "refused refuses refuse refusing refusal rejected rejects reject rejecting failed fails fail failing failure ruled",
    "stopped stops banned bans ban prevented prevents prevent preventing blocked blocks halted avoided avoid avoids",
    "cancelled canceled postponed suspended withdrew withdrawn lacks lack lacking hardly barely scarcely unable",
    "unlikely false untrue fake hoax averted foiled thwarted dismissed dismisses disputed disputes doubt doubts",
    "yet unless except excluding instead rather ain't abandoned dropped scrapped quashed overturned",
)
HEDGES = set_of(
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
CONDITIONS = set_of(
    "if unless whether provided providing assuming once until till depending otherwise should subject pending case",
)
CLAIMS = set_of("claims reports rumours rumors speculation suggestions allegations fears hopes news word belief idea")
"""Nouns whose "that" holds a clause: "Reports that the king has died spread"."""

FRAMES = set_of(
    "parody satire satirical spoof sketch jest joke jokes dream dreams fiction fictional fictitious imaginary novel",
    "film movie drama episode sitcom script rehearsal rehearsals drill drills exercise exercises simulation",
    "simulated game wargame theory principle case event future paper effect poll polls polling fool fool's fools",
    "exception exceptions",
    "approval consent permission blessing caveat caveats proviso condition conditions",
)
"""What is not, or not quite, so: "in a parody", "during a drill", "in the polls", "with the approval of parliament"."""

REVERSALS = set_of(
    "later subsequently eventually withdraw withdraws withdrew withdrawn correct corrects corrected correction",
    "retract retracts retracted annul annuls annulled overturn overturns overturned quash quashes quashed",
    "reverse reversed veto vetoed disallow disallowed void voided false wrong wrongly untrue error mistake mistaken",
    "incorrect cleared",
    "acquitted apologise apologised apologize apologized denied disputed lost dropped revoked repealed reinstated",
    "since now then appeal appeals appealing appealed retrial pardoned maintains pleads pleaded innocent",
    "innocence forged staged lie lies prank hoax myth freed released deleted faces awaits owned funded paid run backed",
    "rescinded recanted backtracked broke broken collapsed failed ended expired resigned died cancelled suspended",
)
"""What takes back, or outdates, what a sentence says: "which the court later annulled"."""

SPEECH = set_of(
    "said says say saying claims claimed claim claiming told tells tell telling reported reports report reporting",
    "announced announces announce announcing according citing cited cites quoted quoting insisted insists insist",
    "argued argues argue stated states stating statement added adds adding tweeted tweets wrote writes writing",
    "alleges alleging accused accuses accuse accusing suggested suggests suggest suggesting admitted admits admit",
    "confirms confirming confirm declared declares declare explained explains noted notes warned warns warning",
    "acknowledged acknowledges maintained maintains predicted predicts posted posts asked asks promised promises",
    "pledged pledges vowed vows urged urges called calls describing described describes sources source via per",
    "admitting pledging vowing urging acknowledging conceding insisting arguing explaining noting declaring testifying",
    "estimates understands learned reckons conceded concedes testified ruled recalls recalled thinks believes",
    "confirmed confirmation indicates indicated indicating suggestion suggestions accusation accusations",
)
LIMITS = set_of(
    "impossible unable difficult hard harder unlikely illegal forbidden banned",
    "only all every each any both first last final sole solely exclusively entire whole always few fewer",
    "little least most than best worst record same enough ever anyone anything anybody",
    "anywhere everyone everybody everything whoever whatever second third half majority minority per percent",
)
"""Words under which leaving a restriction out may say more than the source did ("no strikes in May")."""

NUMBERS = set_of(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen",
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands",
    "million millions billion billions trillion dozen dozens scores half third quarter twice double triple several",
    "many few both pair couple percent per cent single",
)
ARTICLES = set_of("a an the his her its their our my your this that these those some any no every each")
PREPOSITIONS = set_of(
    "of in on at by for from to with without into onto upon over under above below near between among amongst against",
    "during after before since until till amid amidst following towards toward through throughout across along",
    "around behind beside beyond alongside despite inside outside off about as per via within like than up down out",
)
CONJUNCTIONS = set_of(
    "and or but nor so yet while whereas because although though when where who which that whose whom"
)
VERBS = set_of(
    "became becomes began begins broke brought brings built came comes caught chose cut drew drove fell falls felt",
    "fled flew found finds fought gave gives got gets went goes grew held holds hit hits hurt kept keeps knew knows",
    "laid led leads left leaves lost loses made makes meant means met meets paid pays put puts ran runs rose rises",
    "saw sees sent sends shot shook shut sold spoke speaks spent stood stands stole struck strikes swore took takes",
    "taught threw understood won wins wrote rejects faces wants needs remains insists continues includes plans hopes",
    "says said told tells claims reports warns urges calls adds asks thinks believes expects denies confirms",
    "announces arrives launches visits opens closes returns resigns dies died kills",
    "belongs seems appears allows follows requires provides helps seeks agrees accuses considers receives",
    "refuses argues exists occurs depends involves contains represents suggests indicates proves serves threatens",
    "prevents gains",
)
REPORTING = set_of(
    "said says told claimed claims reported reports announced added tweeted wrote insisted stated warned"
)
RELATIVES = set_of("who which whose whom where")
CLAUSES = set_of("as while amid amidst after before following during since when where with despite although though")
CIRCUMSTANCES = set_of("amid amidst during where")
"""What may begin an addition to the news. The rest of the clauses are the news itself, set against it ("with his own
deputies disowning the result"), or say in whose eyes it is so."""
PRONOUNS = set_of("he she they it we i you")
POINTERS = set_of("he she him her his they them their it its")
OPENINGS = set_of(
    "on in at during after before following amid meanwhile however earlier later separately elsewhere today yesterday",
    "tonight overnight moreover additionally also furthermore afterwards nevertheless nonetheless overall incidentally",
)
CONNECTIVES = set_of(
    "meanwhile however also moreover additionally furthermore nevertheless nonetheless overall separately incidentally",
    "and but",
)
ADVERBS = set_of("also currently meanwhile however indeed")
DEGREES = set_of("very really extremely")
PARTICIPLES = set_of(
    "forcing leaving causing raising threatening prompting sparking making bringing allowing",
    "hitting damaging destroying",
    "cutting putting giving sending pushing plunging triggering creating marking becoming killing injuring wounding",
    "ending opening closing taking turning setting drawing adding reaching winning losing joining meeting following",
    "fuelling fueling deepening worsening easing blocking halting striking targeting angering dashing paving beginning",
)
SUPERLATIVE_LIKE = set_of(
    "protest request arrest interest invest forest suggest west southwest northwest test guest",
    "harvest contest conquest",
    "honest modest rest digest nest chest quest midwest south-west north-west latest disinterest unrest budapest",
)
AUXILIARIES = set_of(
    "is was are were be been being am has have had do does did will would shall should can could may might must",
    "isn't wasn't aren't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't couldn't",
)
STILL = set_of("still already yet just ever even back away out up down off over")
WEEKDAYS = set_of("monday tuesday wednesday thursday friday saturday sunday")
DAYPARTS = set_of("morning afternoon evening night lunchtime")
MONTHS = set_of("january february march april may june july august september october november december")
PARTIES = set_of(
    "d r i ind con lab lib ld dem rep snp dup sdlp uup plaid green reform conservative labour democrat republican",
    "independent",
)
LEANERS = set_of(
    "ago them him her us it earlier later early late another others one those such other so as soon right back out"
)
"""Words that the next one may belong to: what stands behind them is not cut off."""
TAILS = set_of("in at near amid outside alongside")
PRESENT = set_of("is are am isn't aren't has have hasn't haven't do does will would can could shall may might must")
SCOPED = set_of(
    "won wins lost loses led leads gained holds held law laws tax taxes election elections vote votes power seats seat",
    "legal illegal crime ban control majority rate rates",
)
"""Beside these a place says where something is so, and not only where it happened."""
COMPLEMENTED = set_of(
    "surge jump spike delay pause breakthrough crisis trust faith experience expert degree hand hole link look looked",
    "participate stuck play plays played exist exists existed attempt attempts bid bids try tries pop",
    "rise fall increase decrease drop growth decline interest role confidence involved involvement participation",
    "attack attacks ban pressure vote talks impact focus tax war strike raid raids strikes based located accused rely",
    "depend depends focused aimed engaged interested living live lives stay stays staying happened take takes took",
    "remain remained stand stands stood sit sits sat lie lies lay held holding keep keeps kept years months weeks days",
    "hours minutes",
    "membership situation place part stake share change changes cut cuts invest believe",
    "results result resulted resulting way ways strength weakness hangs hang hung comes come goes go rests rest ends",
    "end starts start begins begin runs run appears appear",
)
"""Words that ask for what follows them: a phrase behind one is no free addition."""

DETERMINERS = set_of("a an the his her its their our my your this that these those")
OFFICES = set_of(
    "minister president secretary chancellor premier chief head chairman chairwoman chair director commander general",
    "governor mayor spokesman spokeswoman spokesperson leader senator ambassador envoy editor correspondent reporter",
    "founder owner boss manager captain coach lawyer prosecutor analyst professor economist commissioner adviser",
    "advisor co-founder co-owner executive officer mp mep councillor congressman congresswoman bishop archbishop judge",
)
"""Nouns of office, one person each; they are no names, whatever their capitals."""
OFFICE_PARTS = set_of(
    "foreign defence defense health prime vice chief executive education home interior finance justice labour",
    "conservative tory democratic republican us uk eu un transport trade energy environment culture party",
    "police army navy military senior press political government regional business economics security nato",
)
"""What stands in front of such a noun as a part of the title; "former", "acting" and "shadow" are none."""
VENUES = set_of(
    "statement tweet post interview briefing conference speech address telegram twitter facebook message letter",
    "visit meeting summit television tv radio broadcast podcast instagram presser session committee",
)
"""Where somebody spoke: "said in a statement on Telegram that". A video shows people who do not speak freely."""
NEUTRAL = set_of(
    "a an the his her its their televised brief short lengthy long live daily nightly weekly regular joint written",
    "video online press news media social morning evening",
)
"""What may stand in front of them and says nothing of what the words are worth."""
POINTING = set_of("see details detail more read click full")
"""How a bracket begins that only sends readers elsewhere: "(see earlier)", "(full story here)"."""
POINTED_AT = set_of("here below above earlier later post blog link previous")
"""Where it sends them."""
AUDIENCES = set_of(
    "reporters journalists media press crews troops supporters delegates lawmakers mps parliament congress"
)
TELLING = set_of("said says wrote writes announced tweeted added")
THAT_TAKERS = set_of("said says claimed claims insisted insists believes believe hope")
PASTS = set_of(
    "was were had did became began broke brought built came caught chose cut drew drove fell felt fled flew found",
    "fought gave got went grew held hit hurt kept knew laid led left lost made meant met paid put ran rose saw sent",
    "shot shook shut sold spoke spent stood stole struck swore took taught threw understood won beat bought forgot",
    "froze hid hung lent lit rode rang sank sang slept stuck swept swung tore wore woke wrote sought dealt spread",
    "burst died ate bit blew bore bred clung crept dug drank fed heard knelt lay leapt learnt lied sat shone shrank",
    "slid sped spun sprang stung strode swam told thought wept withdrew dived hanged used owed tied",
)
MEANT = set_of(
    "agreed decided ordered offered invited demanded sought scheduled moved approved backed supported allowed",
    "permitted considered discussed delayed voted convened summoned booked arranged advised recommended",
    "threatened opted needed favoured favored authorised authorized wanted rescheduled",
)
"""Behind these, and behind what is guarded, a day may be that of what is decided: "approved a march on Monday"."""
NO_PARTICIPLE_PASTS = set_of(
    "was were had did became began broke came chose drew drove fell fled flew forgot froze gave got went grew knew ran",
    "rose rode rang sank sang saw shook spoke stole swore took tore threw woke wore wrote ate bit blew drank shrank",
    "sprang strode swam died arrived collapsed resigned happened erupted",
)
"""Pasts that do not describe a noun: "crews fell in Osk" is told, "crews trapped in Osk" may go on."""
MODALS = set_of("will would shall should can could may might must 'll to won't wouldn't can't couldn't let if")
BE = set_of("is was are were be been being")
STANDING = set_of(
    "arrested killed injured hurt wounded jailed detained evacuated closed reopened delayed damaged destroyed rescued",
    "airlifted stabbed shot attacked robbed stolen opened launched released published approved sacked flooded burned",
)
"""What was done to somebody, and is whole without where and when."""
NO_PARTICIPLES = set_of(
    "during including according following morning evening building meeting nothing something anything everything",
    "king being having regarding concerning pending excluding notwithstanding citing quoting beijing providing",
    "losing awaiting wielding assuming considering barring depending training housing ceiling briefing hearing funding",
    "spending",
    "feeling warning wedding killing bombing shooting hoping seeking wanting looking trying expecting",
)
"""Words in -ing behind a comma that begin no circumstance: nouns, prepositions, and what is only wanted."""
SAYING = set_of("saying adding stressing insisting arguing claiming noting explaining")
SPEAKING = set_of("speaking addressing arriving visiting opening")
BEFORE_TIMES = set_of(
    "day morning night week month year time moment shortly soon just long right immediately even only especially",
    "particularly mainly partly days weeks months years hours minutes seconds again ever",
)
PLACERS = set_of(
    "left leave leaves leaving kept keep keeps keeping put puts putting placed place places placing held hold holds",
    "turn turns turned turning convert converts converted converting transform transforms transformed",
    "help helps helped helping let lets make makes made see sees saw watch watched hear hears heard bring brings",
    "brought",
)
"""Verbs that ask for a place or a second verb behind their object: "left a man in pain", "help patients in Osk get"."""


def is_past(word: str, low: str) -> bool:
    """Whether a word looks like the past of a verb: "was", "broke", "opened"."""
    return low in PASTS or (word == low and len(low) > 4 and low.endswith("ed") and "-" not in low)


def is_verb(word: str, low: str) -> bool:
    """Whether a word looks like a finite verb or participle that may go on with a clause."""
    return low in AUXILIARIES or low in VERBS or (word == low and len(low) > 4 and low.endswith("ed"))


def any_of(words: Iterable[str], *classes: frozenset[str]) -> bool:
    """Whether a word of ``words`` is in one of the classes."""
    return any(word in group for word in words for group in classes)
