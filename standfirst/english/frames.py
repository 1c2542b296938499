"""Lines that say only where they stand: greetings, labels, the names of texts that follow."""

import re

_TEXTS = r"(?:statement|speech|address|letter|e-?mail|remarks|interview|transcript|text|tribute|ruling|judgment)"
_KNOWN = r"what we (?:do )?know(?: so far)?(?:,? and (?:what )?(?:we )?(?:do(?:n['’]t| not))(?: know)?)?"
_FRAME = re.compile(
    r"good (?:morning|afternoon|evening|night)(?: from .*|[:,]?(?: -)? (?:and )?(?:join|welcome)\b.*| \w+)?"
    r"|welcome(?: back)?(?: to (?!.* of ).*\b(?:live|page|blog|updates|coverage)\b.*)?|hello|goodbye"
    r"|thanks for \w+(?: us\b.*)?|(?:right, )?that['’]s all (?:for|from) .*|we['’]ll be back (?:at|from|tomorrow)\b.*"
    r"|(?:join us for )?(?:our|today['’]s) (?:live )?(?:news )?(?:coverage|updates)"
    r"(?: (?:today|across|through|for) .*)?"
    r"|live (?:updates|coverage) (?:for|has finished|have finished) .*"
    r"|get (?:involved|in touch)(?:[ :–-]*(?:(?:by|via|with us|text|e-?mail|tweet|call|whatsapp|using)\b.*)?)?"
    r"|we(?:['’]ll be|['’]re| are| will be)? (?:now )?(?:paus|clos|wrapp|end)ing (?:up )?(?:our|this|the) (?:live )?"
    r"(?:coverage|blog|page|updates)\b.*"
    r"|(?:\w+ )?(?:summary|recap)|(?:the )?(?:agenda|diary|reality check|fact check|verdict)"
    r"|here(?:['’]s| is| are) .*\b(?:pictures|images|photos|map)\b.*"
    rf"|(?:\w+ )?key (?:points|events)|{_KNOWN}(?: about .*)?"
    r"|(?:analysis|explainer): (?:why|how|what) .*|breaking(?: news)?"
    r"|(?:(?:here (?:are|is) )?(?:your|our|the|latest|[\w ]+['’]s)(?: [\w&-]+){0,3} )?"
    r"(?:headlines|top stories)(?: (?:this|for|from|in|on|at|across) [^:;]*)?"
    r"|(?:we|i) apologi[sz]e(?: for (?:the|this|that|any|our|my) (?:mistake|error|confusion|slip)\b.*)?"
    rf"|(?=[^:;,]* in full$)(?:[^:;,]* )?{_TEXTS}(?: [^:;,]*)? in full"
    r"|in full: .*"
    r"|coming up(?: (?:on|at|in|this|tonight)[^:;]*)?|five things we(?:['’]ve)? learned(?: today)?",
    re.IGNORECASE,
)
"""A line of this alone frames the blog or the programme around it: of about 1,000 such lines in 450 BBC and Guardian
training blogs editors took 1 in 50 into their summaries."""
_LISTS = re.compile(
    rf"(?:here['’]s |here is )?(?:{_KNOWN}|what has happened(?: so far)?)(?: about .*)?"
    r"|(?:the )?(?:latest|story so far)"
    r"|where (?:things|we) stand.*|(?:the )?(?:main|key) (?:points|facts)",
    re.IGNORECASE,
)
"""No summary or recap of a day: it repeats what the updates before it tell."""


def is_frame(line: str) -> bool:
    """Whether a line says nothing but where it stands.

    >>> [is_frame(line) for line in ("Evening summary:", "Your headlines this morning", "Good morning from Osk")]
    [True, True, True]
    >>> [is_frame(line) for line in ("Summary of the verdict", "Good morning for Labour", "Headlines: bank cuts rates")]
    [False, False, False]
    """
    return _FRAME.fullmatch(" ".join(line.split()).strip(" .:!–-")) is not None


def lists_news(headline: str) -> bool:
    """Whether a headline says only that the news stands below it, in short.

    >>> lists_news("What we know and don't know"), lists_news("Analysis: why the talks failed")
    (True, False)
    """
    return _LISTS.fullmatch(headline.strip(" .:!–-")) is not None
