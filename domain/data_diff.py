"""SampleDB's own form of a difference: what makes one document of another, nested as they are.

A leaf says what a value was and what it is, `{"_before": …, "_after": …}`, either missing where the
value was or is not there. Members of an object stand under their names. Items of a list stand in a
list, null where nothing changed, or under their indexes: "0", "-1" from the end, "+0" past the end.
A value with a `_type` is one value; of a timeseries the rows can be told as items of a list.

What differs is told by spelling: 1, 1.0 and 1.00 are three documents. What a leaf says a value was
is compared as a number: who read 1.00 and writes 1.0 has seen the same. No number is ever read
as a float. Source: SampleDB, "data_diff"; the SampleDB specification, 2.2.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from msgspec import Struct

from domain.errors import Invalid, Path
from domain.patches import Number, read, same, written

BEFORE, AFTER = "_before", "_after"
_SIDES = frozenset({BEFORE, AFTER})
_INDEX = re.compile(r"[+-]?[1-9][0-9]{0,8}|\+?0")
_NUMBER = re.compile(r"(-?)0*([0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?)0*([0-9]*))?")
_LONG = 18  # digits that an integer, or an exponent, has at most where it is read as one
_ABSENT: Final = object()


class Applied(Struct, frozen=True):
    """What a difference made of a document.

    `claimed` is the document before as the difference says it was, None where it says the truth;
    `unlike` is then a place where it does not. `conflicting`: the document sent beside is another.
    """

    after: bytes
    claimed: bytes | None
    unlike: Path
    conflicting: bool


def difference(before: bytes, after: bytes) -> bytes:
    """Return what makes `after` of `before`, both valid JSON; null when they are the same."""
    return written(_difference(read(before), read(after)))


def apply(before: bytes, diff: bytes, beside: bytes | None = None) -> Applied:
    """Return what a difference makes of `before`. All are valid JSON.

    `beside` is the document that it is said to make. Raises Invalid where the difference does not
    fit the form of the document.
    """
    application = _Application()
    after, claimed = application.apply(read(before), read(diff), ())
    if after is _ABSENT:
        raise unfitting((), "the document cannot be removed")
    return Applied(
        written(after),
        written(claimed) if application.unlike is not None else None,
        application.unlike or (),
        beside is not None and _text(after) != _text(read(beside)),
    )


def equal(one: bytes, other: bytes) -> bool:
    """Whether two documents are the same but for the order of keys and how numbers are spelled."""
    return _text(read(one)) == _text(read(other))


def unfitting(path: Path, what: str) -> Invalid:
    """Return the refusal of a difference that is none of the present version."""
    at = " -> ".join(map(str, path))[:400]
    return Invalid(f"data_diff does not fit the present version: {what}" + (at and f" (at {at})"))


def _difference(before: Any, after: Any) -> Any:
    if isinstance(before, dict) and isinstance(after, dict) and not _is_value(before, after):
        members = {
            key: found
            for key in {**before, **after}
            if (found := _between(before.get(key, _ABSENT), after.get(key, _ABSENT))) is not None
        }
        # Members of these names would be taken for the sides of a leaf.
        return _leaf(before, after) if _SIDES & members.keys() else members or None
    if isinstance(before, list) and isinstance(after, list):
        length = max(len(before), len(after))
        pairs = zip(_filled(before, length), _filled(after, length), strict=True)
        items = [_between(*pair) for pair in pairs]
        return items if any(each is not None for each in items) else None
    return None if same(before, after) else _leaf(before, after)


def _between(before: Any, after: Any) -> Any:
    if before is _ABSENT or after is _ABSENT:
        return _leaf(before, after)
    return _difference(before, after)


def _is_value(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return "_type" in before or "_type" in after


def _filled(items: list[Any], length: int) -> list[Any]:
    return items + [_ABSENT] * (length - len(items))


def _leaf(before: Any, after: Any) -> dict[str, Any]:
    sides = {BEFORE: before, AFTER: after}
    return {side: value for side, value in sides.items() if value is not _ABSENT}


class _Application:
    """One application; `unlike` is the first place where a value was not what a leaf says."""

    def __init__(self) -> None:
        self.unlike: Path | None = None

    def apply(self, before: Any, diff: Any, path: Path) -> tuple[Any, Any]:
        """Return what a value becomes, and what it was as the difference says."""
        if diff is None:
            if before is _ABSENT:
                raise unfitting(path, "there is nothing that stays as it is")
            return before, before
        if not isinstance(diff, dict | list):
            raise unfitting(path, "a difference is an object, a list or null")
        if isinstance(diff, dict) and _SIDES & diff.keys():
            return self._leaf(before, diff, path)
        if _is_timeseries(before) and _is_of_items(diff):
            rows, claimed = self.apply(before["data"], diff, (*path, "data"))
            return {**before, "data": rows}, {**before, "data": claimed}
        if isinstance(before, list):
            items = _by_index(len(before), diff, path) if isinstance(diff, dict) else diff
            return self._items(before, items, path)
        if not isinstance(before, dict) or isinstance(diff, list):
            raise unfitting(path, f"there is no {'list' if isinstance(diff, list) else 'object'}")
        return self._members(before, diff, path)

    def _leaf(self, before: Any, diff: dict[str, Any], path: Path) -> tuple[Any, Any]:
        if len(diff) > len(_SIDES & diff.keys()):
            raise unfitting(path, f"beside {BEFORE} and {AFTER} there is nothing else")
        if BEFORE not in diff and before is not _ABSENT:
            raise unfitting(path, "there is a value already")
        if BEFORE in diff and before is _ABSENT:
            raise unfitting(path, "there is no value")
        claimed = diff.get(BEFORE, _ABSENT)
        if self.unlike is None and claimed is not _ABSENT and _text(claimed) != _text(before):
            self.unlike = path
        return diff.get(AFTER, _ABSENT), claimed

    def _members(self, before: dict[str, Any], diff: dict[str, Any], path: Path) -> tuple[Any, Any]:
        after, claimed = dict(before), dict(before)
        for key, each in diff.items():
            now, then = self.apply(before.get(key, _ABSENT), each, (*path, key))
            for members, value in ((after, now), (claimed, then)):
                if value is _ABSENT:
                    members.pop(key, None)
                else:
                    members[key] = value
        return after, claimed

    def _items(self, before: list[Any], diff: list[Any], path: Path) -> tuple[Any, Any]:
        old = _filled(before, len(diff))
        pairs = [self.apply(old[at], each, (*path, at)) for at, each in enumerate(diff)]
        rest = before[len(diff) :]
        after, claimed = (
            [pair[side] for pair in pairs if pair[side] is not _ABSENT] + rest for side in (0, 1)
        )
        return after, claimed


def _is_timeseries(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("_type") == "timeseries"
        and isinstance(value.get("data"), list)
    )


def _is_of_items(diff: Any) -> bool:
    return isinstance(diff, list) or (bool(diff) and all(map(_INDEX.fullmatch, diff)))


def _by_index(length: int, diff: dict[str, Any], path: Path) -> list[Any]:
    """Return the differences of items in their places; null where nothing is said of one."""
    found: dict[int, Any] = {}
    for key, each in diff.items():
        if not _INDEX.fullmatch(key):
            raise unfitting(path, f"{key[:40]!r} is no index")
        index = int(key) if key[0] not in "+-" else int(key) + length
        if index < 0 or index in found:
            raise unfitting(
                path, f"the index {key} is {'repeated' if index in found else 'too small'}"
            )
        found[index] = each
    size = max(length, 1 + max(found, default=-1))
    if any(index not in found for index in range(length, min(size, length + len(found) + 1))):
        raise unfitting(path, "new items must follow the last one without a gap")
    return [found.get(index) for index in range(size)]


def _text(value: Any) -> bytes:
    """Return JSON that is the same for values that are equal as numbers go."""
    return orjson.dumps(value, _exact, orjson.OPT_SORT_KEYS)


def _exact(value: object) -> orjson.Fragment:
    """Return a number by its value alone, without any loss."""
    if not isinstance(value, Number):
        raise TypeError
    match = _NUMBER.fullmatch(value.text)
    assert match is not None  # noqa: S101 - it was read from valid JSON
    sign, whole, part, up, power = (group or "" for group in match.groups())
    digits = (whole + part).lstrip("0").rstrip("0")
    if not digits:
        return orjson.Fragment("0")
    if len(power) > _LONG:  # beyond what anything could count: by its spelling
        return orjson.Fragment(value.text)
    zeros = len(whole + part) - len((whole + part).rstrip("0"))
    exponent = int(f"{up}{power or 0}") - len(part) + zeros
    if exponent >= 0 and len(digits) + exponent <= _LONG:
        return orjson.Fragment(sign + digits + "0" * exponent)
    return orjson.Fragment(f"{sign}{digits}e{exponent}")
