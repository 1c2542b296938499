"""A small student of a topic model, for the fast tier of archive jobs: ``python -m training distill``."""
