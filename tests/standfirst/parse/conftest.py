"""Documents and a short form of what was read from them."""

from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).parents[2] / "fixtures" / "documents"


@pytest.fixture
def document():
    """Return a function from a fixture's name to its bytes."""
    return lambda name: (DOCUMENTS / name).read_bytes()


@pytest.fixture
def kinds():
    """Return a function from an update to its (kind, text) pairs."""
    return lambda update: [(p.kind, p.text) for p in update]
