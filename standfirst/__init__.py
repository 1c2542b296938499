r"""Standfirst reads a live blog: what each paragraph is about, and what it says in a line.

>>> import standfirst
>>> blog = standfirst.parse("Storm Orla live\n\nFerries stopped at noon, the harbour master said.")
>>> blog.title
'Storm Orla live'
"""

from typing import TYPE_CHECKING, Any

from standfirst.errors import StandfirstError

# Imported here and not on demand: the function has the name of its package, and whichever is bound last wins.
from standfirst.parse import parse

if TYPE_CHECKING:
    from standfirst.reader import Reader, load

__version__ = "0.1.0"
__all__ = ["Reader", "StandfirstError", "__version__", "load", "parse"]


def __getattr__(name: str) -> Any:
    """Import the models' runtime when it is first asked for."""
    if name in ("Reader", "load"):
        from standfirst import reader

        return getattr(reader, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
