"""Label sets: what a newsroom wants to find, as data.

A label set is a TOML file::

    name = "topics"
    version = "1"
    multi_label = true

    [[label]]
    name = "aid"
    definition = "material help asked for, pledged, sent ..."
    examples = ["Norra pledges 40 field kitchens"]
    medtop = "20000643"            # optional: nearest IPTC Media Topic, its name, and where it does not quite fit
    medtop_name = "foreign aid"
    medtop_note = "leaves out help that does not cross a border"
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from standfirst.errors import RecipeError
from standfirst.settings import checked_keys

_LABEL_KEYS = frozenset({"name", "definition", "excludes", "examples", "medtop", "medtop_name", "medtop_note"})
MEDIA_TOPICS = "http://cv.iptc.org/newscodes/mediatopic/"
"""What the URI of each IPTC Media Topic begins with (https://iptc.org/standards/media-topics)."""

_MEDTOP = re.compile(r"\d{8}")
_SET_KEYS = frozenset({"name", "version", "multi_label", "label"})


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its name, what it means, what it does not, and its nearest IPTC Media Topic.

    ``medtop`` is the topic's code and ``medtop_name`` its English name; ``medtop_note`` says where the topic does
    not quite fit, and is empty where it does.
    """

    name: str
    definition: str = ""
    excludes: str = ""
    examples: tuple[str, ...] = ()
    medtop: str | None = None
    medtop_note: str = ""
    medtop_name: str = ""

    @property
    def medtop_uri(self) -> str | None:
        """The Media Topic's URI, or ``None``."""
        return self.medtop and MEDIA_TOPICS + self.medtop


@dataclass(frozen=True)
class LabelSet:
    """Labels in a fixed order, which is the order of a model's outputs.

    ``multi_label`` says whether a text may carry several of them or none; if it is false, a text carries
    exactly one.
    """

    name: str
    version: str
    labels: tuple[Label, ...]
    multi_label: bool = True

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in order."""
        return tuple(label.name for label in self.labels)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The position of each name."""
        return {name: i for i, name in enumerate(self.names)}

    @property
    def tag(self) -> str:
        """Name and version, as written in answers and manifests."""
        return f"{self.name}-{self.version}"


def load_labels(path: Path) -> LabelSet:
    """Read a label set.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, has an unknown key, or names a label twice or not at all.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError("there is no such label set", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"the label set is no TOML: {error}", where=str(path)) from None
    return parse_labels(table, where=str(path))


def parse_labels(table: Mapping[str, Any], *, where: str = "labels") -> LabelSet:
    """Make a label set of a TOML table; raises as ``load_labels`` does."""
    checked_keys(table, _SET_KEYS, where)
    rows = table.get("label", [])
    if not isinstance(rows, list) or not rows:
        raise RecipeError("a label set needs at least one [[label]] table", where=where)
    labels = tuple(_parse_label(row, f"{where}: label {i + 1}") for i, row in enumerate(rows))
    names = [label.name for label in labels]
    for name in names:
        if names.count(name) > 1:
            raise RecipeError(f"label {name!r} is named {names.count(name)} times", where=where)
    multi_label = table.get("multi_label", True)
    if not isinstance(multi_label, bool):
        raise RecipeError("multi_label is true or false, without quotation marks", where=where)
    return LabelSet(
        name=str(table.get("name", "labels")),
        version=str(table.get("version", "1")),
        labels=labels,
        multi_label=multi_label,
    )


def _parse_label(row: Any, where: str) -> Label:
    if not isinstance(row, Mapping):
        raise RecipeError("each [[label]] is a table", where=where)
    checked_keys(row, _LABEL_KEYS, where)
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise RecipeError("each [[label]] needs a name", where=where)
    examples = row.get("examples", [])
    if not isinstance(examples, list):
        raise RecipeError("examples is a list of strings", where=where)
    texts = {k: str(row[k]) for k in ("definition", "excludes", "medtop", "medtop_name", "medtop_note") if k in row}
    if not _MEDTOP.fullmatch(texts.get("medtop", "0" * 8)):
        raise RecipeError("medtop is the eight digits of an IPTC Media Topic, such as 20000643", where=where)
    return Label(name=name, examples=tuple(map(str, examples)), **texts)
