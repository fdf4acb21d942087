"""The cache gives back what was put, and forgets what was longest unused."""

from __future__ import annotations

from explorer.layout.cache import Cache


def test_what_was_put_is_found_under_an_equal_key() -> None:
    cache = Cache[str](bound=10)
    cache.put((1, "a"), "value", weight=3)
    assert cache.get((1, "a")) == "value" and cache.get((1, "b")) is None


def test_the_longest_unused_goes_first() -> None:
    cache = Cache[int](bound=10)
    for key in range(3):
        cache.put(key, key, weight=3)
    cache.get(0)
    cache.put(3, 3, weight=3)
    assert [cache.get(key) for key in range(4)] == [0, None, 2, 3]


def test_one_too_heavy_for_the_bound_is_kept_alone() -> None:
    cache = Cache[int](bound=10)
    cache.put("light", 1, weight=1)
    cache.put("heavy", 2, weight=100)
    assert cache.get("light") is None and cache.get("heavy") == 2
    cache.put("light", 1, weight=1)
    assert cache.get("heavy") is None and cache.get("light") == 1


def test_putting_again_replaces() -> None:
    cache = Cache[int](bound=10)
    for weight in range(1, 9):
        cache.put("key", weight, weight)
    cache.put("other", 0, weight=2)
    assert cache.get("key") == 8 and cache.get("other") == 0
