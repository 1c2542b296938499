"""A blog to its digest: what each update offers, what is to be kept of it, and what a correction takes back."""

from standfirst.digest.points import MAX_WORDS, OTHER, TOP, digest

__all__ = ["MAX_WORDS", "OTHER", "TOP", "digest"]
