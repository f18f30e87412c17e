"""What is kept of texts, and how much."""

from __future__ import annotations

from mlsense.syntax.cache import TextCache


def test_what_was_put_is_there() -> None:
    cache: TextCache[int] = TextCache(100)
    assert cache.get("a") is None
    assert cache.put("a", 1) == 1
    assert cache.get("a") == 1
    cache.put("a", 2)
    assert cache.get("a") == 2


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: TextCache[int] = TextCache(8)
    cache.put("aaa", 1)
    cache.put("bbb", 2)
    cache.get("aaa")
    cache.put("ccc", 3)
    assert [cache.get(text) for text in ("aaa", "bbb", "ccc")] == [1, None, 3]


def test_long_texts_crowd_out_many_short_ones() -> None:
    cache: TextCache[int] = TextCache(1000)
    for number in range(100):
        cache.put(str(number), number)
    cache.put("x" * 990, 0)
    assert [cache.get(str(number)) for number in range(100)].count(None) >= 95
    assert cache.get("x" * 990) == 0


def test_the_last_text_is_kept_however_long() -> None:
    cache: TextCache[int] = TextCache(10)
    cache.put("x" * 100, 1)
    assert cache.get("x" * 100) == 1
    cache.put("y", 2)
    assert cache.get("x" * 100) is None
