"""Other ways to serve the same classifier, each in an environment of its own: see ``benchmarks.service``."""
