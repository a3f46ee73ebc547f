"""Kept: values up to a weight, the last used longest."""

from __future__ import annotations

from domain.kept import Kept


def test_what_was_not_used_for_longest_goes_first() -> None:
    """A value that was asked for stays before one that was not."""
    kept: Kept[str, int] = Kept(30)
    for key in "abc":
        kept.put(key, ord(key), 10)

    kept.get("a")
    kept.put("d", ord("d"), 10)

    assert [kept.get(key) for key in "abcd"] == [ord("a"), None, ord("c"), ord("d")]


def test_one_value_is_kept_whatever_it_weighs() -> None:
    """It takes the place of all others, until the next one comes."""
    kept: Kept[str, int] = Kept(30)
    kept.put("a", 1, 10)

    kept.put("huge", 2, 1000)
    assert (kept.get("a"), kept.get("huge")) == (None, 2)

    kept.put("b", 3, 10)
    assert (kept.get("huge"), kept.get("b")) == (None, 3)


def test_a_value_put_again_weighs_once() -> None:
    """And the new one is given."""
    kept: Kept[str, int] = Kept(30)
    kept.put("a", 1, 10)
    for value in range(10):
        kept.put("b", value, 20)

    assert (kept.get("a"), kept.get("b")) == (1, 9)
