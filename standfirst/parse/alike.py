"""The containers of a page's updates, told by what they have in common.

Alike are those of one tag and one first class, each with a heading or a time. Of the kinds that hold at least half as
much text as the fullest kind the one with the most members is taken, together with what stands beside these and shares
a class with all of them; or the containers around them, if each has one of its own and a heading stands there.
"""

from collections import defaultdict
from collections.abc import Sequence

from standfirst.parse.elements import HEADINGS
from standfirst.parse.moments import is_time_line
from standfirst.parse.page import Box, Page

MIN_ALIKE = 2
MAX_BOXES_ABOVE = 50
"""How far up an alike box is looked for; keeps the time linear in pages made to waste it."""


def owners_of(page: Page) -> list[int]:
    """Return, for each box, the update it belongs to: the outermost chosen box around it, or 0."""
    chosen = {i for i, box in enumerate(page.boxes) if box.is_update} or _alike(page)
    return _outermost(page.boxes, chosen)


def _outermost(boxes: Sequence[Box], chosen: set[int]) -> list[int]:
    owners = [0] * len(boxes)
    for i, box in enumerate(boxes[1:], start=1):
        owners[i] = owners[box.parent] or (i if i in chosen else 0)
    return owners


def _alike(page: Page) -> set[int]:
    """Choose the kind of container that holds the updates."""
    n_chars = [0] * len(page.boxes)
    marked = ["datePublished" in box.properties for box in page.boxes]
    for block in page.blocks:
        if block.tag in HEADINGS:
            marked[block.box] = True
        else:
            marked[block.box] |= block.tag == "time" or is_time_line(block.text)
            n_chars[block.box] += len(block.text)
    own = list(marked)
    for i in range(len(page.boxes) - 1, 0, -1):  # children stand after their parents
        n_chars[page.boxes[i].parent] += n_chars[i]
        marked[page.boxes[i].parent] |= marked[i]
    kinds: dict[str, list[int]] = defaultdict(list)
    for i, box in enumerate(page.boxes[1:], start=1):
        if marked[i] and n_chars[i]:
            kinds[box.look].append(i)
    members = {look: {i for i in kind if _is_outermost(page.boxes, i)} for look, kind in kinds.items()}
    members = {look: kind for look, kind in members.items() if len(kind) >= MIN_ALIKE}
    sizes = {look: sum(n_chars[i] for i in kind) for look, kind in members.items()}
    fullest = max(sizes.values(), default=0)
    full = [look for look in members if sizes[look] >= 0.5 * fullest]
    if not full:
        return set()
    chosen = members[max(full, key=lambda look: len(members[look]))]
    able = {i for i in range(1, len(page.boxes)) if marked[i] and n_chars[i]}
    return _around(page.boxes, chosen | _beside(page.boxes, chosen, able), own)


def _beside(boxes: Sequence[Box], chosen: set[int], able: set[int]) -> set[int]:
    """Return the boxes beside the chosen ones that have a tag and a class of all of these."""
    shared: dict[tuple[int, str], frozenset[str]] = {}
    for i in chosen:
        place = (boxes[i].parent, boxes[i].look.partition(".")[0])
        shared[place] = shared.get(place, boxes[i].classes) & boxes[i].classes
    return {
        i
        for i in able - chosen
        if shared.get((boxes[i].parent, boxes[i].look.partition(".")[0]), frozenset()) & boxes[i].classes
    }


def _around(boxes: Sequence[Box], chosen: set[int], marked: Sequence[bool]) -> set[int]:
    """Return the boxes around the chosen ones if each has one to itself and a heading or a time stands right in it."""
    above = {boxes[i].parent for i in chosen}
    is_own = len(above) == len(chosen) and 0 not in above and any(marked[i] for i in above)
    return above if is_own and len({boxes[i].look.partition(".")[0] for i in above}) == 1 else chosen


def _is_outermost(boxes: Sequence[Box], i: int) -> bool:
    """Tell if a box stands in no other one that looks alike."""
    above = boxes[i].parent
    for _ in range(MAX_BOXES_ABOVE):
        if above == 0:
            return True
        if boxes[above].look == boxes[i].look:
            return False
        above = boxes[above].parent
    return True
