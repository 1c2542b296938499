"""An update to its standfirst: which sentence, which of its words; or a checkpoint of one's own, and what checks it."""

from standfirst.summarize.summarizer import (
    MAX_WORDS,
    Summarizer,
    Weights,
    check_limit,
    check_lines,
    story_of,
)

__all__ = ["MAX_WORDS", "Summarizer", "Weights", "check_limit", "check_lines", "story_of"]
