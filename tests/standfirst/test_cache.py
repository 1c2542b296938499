from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfirst.cache import _ENTRY_BYTES, Cache


def test_what_was_put_is_got() -> None:
    cache = Cache(10_000)
    value = object()
    assert cache.get("a") is None
    cache.put("a", value, 10)
    assert cache.get("a") is value
    assert (cache.hits, cache.misses, len(cache)) == (1, 1, 1)
    assert cache.n_bytes == 10 + _ENTRY_BYTES


@pytest.mark.parametrize("max_bytes", [0, _ENTRY_BYTES + 9])
def test_what_exceeds_the_limit_is_not_kept(max_bytes: int) -> None:
    cache = Cache(max_bytes)
    cache.put("a", 1, 10)
    assert cache.get("a") is None
    assert (len(cache), cache.n_bytes) == (0, 0)


def test_the_limit_itself_fits() -> None:
    cache = Cache(_ENTRY_BYTES + 10)
    cache.put("a", 1, 10)
    assert cache.get("a") == 1


def test_least_recently_used_goes_first() -> None:
    cache = Cache(2 * (_ENTRY_BYTES + 10))
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    cache.get("a")
    cache.put("c", 3, 10)
    assert [cache.get(k) for k in "abc"] == [1, None, 3]


def test_a_key_put_twice_counts_once() -> None:
    cache = Cache(10_000)
    cache.put("a", 1, 10)
    cache.put("a", 2, 30)
    assert cache.get("a") == 2
    assert (len(cache), cache.n_bytes) == (1, 30 + _ENTRY_BYTES)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 900)), max_size=40), st.integers(0, 3000))
@settings(deadline=None, database=None, max_examples=60)
def test_the_limit_always_holds(puts: list[tuple[int, int]], max_bytes: int) -> None:
    cache = Cache(max_bytes)
    for key, size in puts:
        cache.put(key, size, size)
        assert cache.n_bytes <= max_bytes
        if size + _ENTRY_BYTES <= max_bytes:
            assert cache.get(key) == size
    assert cache.n_bytes == sum(cache.get(k) + _ENTRY_BYTES for k in range(10) if cache.get(k) is not None)


def test_threads_share_it() -> None:
    cache = Cache(20 * (_ENTRY_BYTES + 8))

    def work(seed: int) -> int:
        wrong = 0
        for i in range(300):
            key = (seed * 7 + i) % 40
            cache.put(key, f"value {key}", 8)
            got = cache.get((key * 3) % 40)
            wrong += got is not None and got != f"value {(key * 3) % 40}"
        return wrong

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 0
    assert cache.hits + cache.misses == 4 * 300
    assert len(cache) == 20
    assert cache.n_bytes == 20 * (_ENTRY_BYTES + 8)


def test_counts_begin_anew_when_they_were_told() -> None:
    cache = Cache(10_000)
    cache.put("a", 1, 1)
    cache.get("a")
    cache.get("b")
    cache.get("c")
    assert cache.counted() == (1, 2)
    assert cache.counted() == (0, 0)
