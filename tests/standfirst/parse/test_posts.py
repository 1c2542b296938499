import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfirst.errors import NotALiveBlog, Withheld
from standfirst.parse.build import DraftBlog, DraftParagraph, DraftUpdate
from standfirst.parse.posts import Post, read_current, refuse_if_empty


def update(text="Rain fell."):
    return DraftUpdate(paragraphs=[DraftParagraph(text)])


def post(key, text="Rain fell.", version=(), left_out="", final=False):
    def read():
        assert not left_out, "what is left out is not even looked at"
        return update(text)

    return Post(key, read, version, left_out, final)


def texts(posts):
    return [u.paragraphs[0].text for u in read_current(posts)[0]]


OTHER = post("other", "Other.")


def test_the_latest_version_is_read_wherever_it_stands():
    versions = [post("a", "First.", (1.0,)), post("a", "Third.", (3.0,)), post("a", "Second.", (2.0,))]
    for order in itertools.permutations(versions):
        assert texts([*order, OTHER]) == ["Third.", "Other."]
    assert read_current(versions)[1] == ["Older or repeated versions of posts not read: 2."]


def test_a_post_stands_where_its_first_version_stood():
    assert texts([post("a", "A.", (1.0,)), OTHER, post("a", "A, mended.", (2.0,))]) == ["A, mended.", "Other."]


def test_a_withheld_latest_version_keeps_the_older_ones_out():
    versions = [post("a", version=(1.0,)), post("a", version=(2.0,), left_out="withheld")]
    for order in itertools.permutations(versions):
        assert texts([*order, OTHER]) == ["Other."]


def test_a_post_that_was_let_out_again_is_read():
    assert texts([post("a", "Again.", (2.0,)), post("a", version=(1.0,), left_out="withheld")]) == ["Again."]


def test_a_final_deletion_holds_for_later_versions_too():
    versions = [post("a", version=(9.0,)), post("a", version=(1.0,), left_out="deleted", final=True)]
    for order in itertools.permutations(versions):
        assert texts([*order, OTHER]) == ["Other."]


@pytest.mark.parametrize("others", [(None,), (), (None, 3.0)])
def test_without_an_order_what_is_withheld_keeps_all_out(others):
    versions = [post("a", version=(2.0,)), post("a", version=others, left_out="withheld")]
    for order in itertools.permutations(versions):
        assert texts([*order, OTHER]) == ["Other."]


def test_without_an_order_the_last_one_is_read():
    assert texts([post("a", "One."), post("a", "Two.")]) == ["Two."]


def test_of_versions_of_one_moment_the_withheld_one_decides():
    versions = [post("a", version=(2.0,), left_out="withheld"), post("a", version=(2.0,))]
    for order in itertools.permutations(versions):
        assert texts([*order, OTHER]) == ["Other."]


def test_posts_without_a_key_are_posts_of_their_own():
    assert texts([post("", "One."), post("", "Two.")]) == ["One.", "Two."]
    assert texts([post("number 1", "One."), post("", "Two.")]) == ["One.", "Two."]


def test_notes_count_by_reason():
    posts = [post("a", left_out="deleted"), post("b", left_out="drafts"), post("c", left_out="deleted"), OTHER]
    blank = Post("d", lambda: update(" \n"))
    assert read_current([*posts, blank])[1] == [
        "Posts not read, as they are deleted: 2.",
        "Posts not read, as they are drafts: 1.",
        "Posts left out, as they hold no text that can be read: 1.",
    ]


def test_nothing_but_withheld_posts_is_an_error_of_its_own():
    with pytest.raises(Withheld, match="all 2 posts are deleted, drafts. Send"):
        read_current([post("a", left_out="deleted"), post("b", left_out="drafts")])
    assert read_current([]) == ([], [])


def test_an_empty_blog_is_refused():
    with pytest.raises(NotALiveBlog, match="The feed holds no post .* It rained."):
        refuse_if_empty(DraftBlog(notes=["It rained."]), "The feed")
    blog = DraftBlog(updates=[update()])
    assert refuse_if_empty(blog, "The feed") is blog


versions = st.tuples(st.none() | st.sampled_from([1.0, 2.0, 3.0]), st.none() | st.sampled_from([1.0, 2.0]))
anything = st.builds(
    post,
    key=st.sampled_from(["a", "b", ""]),
    version=versions | st.just(()),
    left_out=st.sampled_from(["", "", "deleted", "drafts"]),
    final=st.booleans(),
)


@given(st.lists(anything, max_size=8))
def test_no_order_of_posts_reads_what_is_deleted_for_good(posts):
    try:
        kept, _ = read_current(posts)
    except Withheld:
        assert posts
        return
    gone = {p.key for p in posts if p.key and p.final and p.left_out}
    keys = {p.key for p in posts if p.key and not p.left_out} - gone
    n_nameless = sum(not p.key and not p.left_out for p in posts)
    assert len(kept) <= len(keys) + n_nameless
    assert len(kept) >= n_nameless
