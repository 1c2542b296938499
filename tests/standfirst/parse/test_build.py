import pytest

from standfirst.parse import parse
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate, build, words_of


def ids(blog):
    return {u.id: [p.id for p in u] for u in blog.updates}


def blog_of(*parts):
    updates = [
        DraftUpdate(DraftParagraph(head, "headline") if head else None, [DraftParagraph(t) for t in texts])
        for head, *texts in parts
    ]
    return build(DraftBlog(updates=updates), "text")


A = ("Minister walks out of talks at noon", "She left before four.", "She said nothing.")
B = ("Summary", "Nine days without a ferry.")
C = ("Summary", "Eight days without a ferry.")
D = (None, "The delegations arrive.")


@pytest.mark.parametrize("grown", [(D, A, B, C), (A, D, B, C), (A, B, C, D), (B, A, C)])
def test_ids_do_not_change_when_a_blog_grows(grown):
    before = ids(blog_of(A, B, C))
    assert before.items() <= ids(blog_of(*grown)).items()


def test_an_update_keeps_its_ids_when_it_grows_or_a_comma_moves():
    before = blog_of(A).updates[0]
    after = blog_of((A[0], "New first paragraph.", "She left, before four!", A[2])).updates[0]
    assert after.id == before.id
    assert {p.id for p in before} <= {p.id for p in after}


def test_true_duplicates_have_different_ids():
    blog = blog_of((A[0], "Read more:", "Read more:"), A, A)
    everything = [p.id for p in blog.paragraphs()]
    assert len(set(everything)) == len(everything)
    assert len({u.id for u in blog.updates}) == 3


def test_equal_updates_are_counted_from_the_bottom():
    old = ids(blog_of(A, A))
    assert old.items() <= ids(blog_of(A, A, A)).items()


def test_the_title_may_change():
    old, new = parse("Ferry strike live\nIt goes on."), parse("Ferry strike over\nIt goes on.")
    assert old.opening.id == new.opening.id == "opening"
    assert old.opening.paragraphs[0].id == new.opening.paragraphs[0].id


def test_repeats_point_at_the_first():
    blog = blog_of(
        A, ("Other headline of the day here", "SHE LEFT — before four", "She said nothing.", "She left before")
    )
    first, second = blog.updates
    assert second.paragraphs[0].repeat_of == first.paragraphs[0].id
    assert second.paragraphs[1].repeat_of is None  # too short to be a repeat
    assert second.paragraphs[2].repeat_of is None
    assert first.paragraphs[0].repeat_of is None


def test_pointers_are_never_repeats():
    text = "Read the full story on the website here:"
    updates = [
        DraftUpdate(None, [DraftParagraph(f"Text number {i}."), DraftParagraph(text, "pointer")]) for i in range(2)
    ]
    assert {p.repeat_of for p in build(DraftBlog(updates=updates), "text").paragraphs()} == {None}


def test_extracted_text_is_laid_out_and_cleaned():
    blog = blog_of(("A \n b", " x\ty ", "  ", "\ud800"), (None, " "))
    assert blog.source == "A b\nx y\n\ufffd"
    assert all(blog.source[p.start : p.end] == p.text for p in blog.paragraphs())
    assert len(blog.updates) == 1


def test_words():
    assert words_of("“Größe”, ÉTÉ_2!") == "grösse été 2"
