"""Posts as systems hand them out: in several versions, some deleted, some not to be read yet.

What an editor took back is never read, and neither is an older version of it:

* of several versions of a post the latest decides, and it alone is read;
* a deletion that its format calls final holds for all versions, wherever it stands in the document;
* where the versions cannot be put in order, a version that may not be read keeps all of them out.

The text of a version that is left out is not even looked at: ``Post.read`` is never called for it.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse.build import DraftBlog, DraftUpdate, clean

Version = tuple[float | None, ...]
"""What orders versions, the most telling first; ``None`` where the document does not say."""


@dataclass(frozen=True, slots=True)
class Post:
    """One version of a post.

    ``key`` is what all versions of it share ("" if the document gives no id). ``left_out`` says why it may not
    be read, in the words of a note ("deleted"), and is empty if it may. ``final`` extends that to all versions.
    """

    key: str
    read: Callable[[], DraftUpdate | None]
    version: Version = ()
    left_out: str = ""
    final: bool = False


def seconds(moment: datetime | None) -> float | None:
    """Return a moment as a part of a version."""
    return None if moment is None else moment.timestamp()


def read_current(posts: Iterable[Post]) -> tuple[list[DraftUpdate], list[str]]:
    """Read the latest version of each post, in the document's order, and say in notes what was not read.

    Raises
    ------
    Withheld
        If there are posts and not one of them may be read.
    """
    groups: dict[str, list[Post]] = {}
    for number, post in enumerate(posts):
        groups.setdefault(f"id {post.key}" if post.key else f"number {number}", []).append(post)
    chosen = [deciding(versions) for versions in groups.values()]
    n_older = sum(map(len, groups.values())) - len(chosen)
    if chosen and all(post.left_out for post in chosen):
        found = ", ".join(sorted({post.left_out for post in chosen}))
        raise Withheld(f"Nothing may be read: all {len(chosen)} posts are {found}. Send what is published.")
    drafts = [post.read() for post in chosen if not post.left_out]
    kept = [draft for draft in drafts if draft is not None and has_words(draft)]
    reasons = Counter(post.left_out for post in chosen if post.left_out)
    n_empty = sum(draft is not None for draft in drafts) - len(kept)
    notes = [f"Posts not read, as they are {reason}: {n}." for reason, n in sorted(reasons.items())]
    if n_older:
        notes.append(f"Older or repeated versions of posts not read: {n_older}.")
    if n_empty:
        notes.append(f"Posts left out, as they hold no text that can be read: {n_empty}.")
    return kept, notes


def refuse_if_empty(blog: DraftBlog, what: str) -> DraftBlog:
    """Return a blog that holds a post.

    Raises
    ------
    NotALiveBlog
        If it holds none; the message ends with its notes.
    """
    if blog.updates:
        return blog
    raise NotALiveBlog(" ".join([f"{what} holds no post that can be read. Send one with posts.", *blog.notes]))


def has_words(update: DraftUpdate) -> bool:
    """Tell if anything is left of an update once its white space is collapsed."""
    return any(clean(paragraph.text) for paragraph in update)


def deciding(versions: list[Post]) -> Post:
    """Choose the version of a post that decides whether it is read, and as what."""
    for post in versions:
        if post.final and post.left_out:
            return post
    if _are_ordered(versions):
        latest = max(post.version for post in versions)
        versions = [post for post in versions if post.version == latest]
    return next((post for post in versions if post.left_out), versions[-1])


def _are_ordered(versions: list[Post]) -> bool:
    """Tell if all versions state the same things about their place in the order, and at least one."""
    stated = {tuple(part is not None for part in post.version) for post in versions}
    return len(stated) == 1 and any(next(iter(stated)))
