"""JSON Patch: what makes one document of another. Source: RFC 6902.

The jsonpatch library finds the operations. It is given only the members that differ: it is then
quicker. Long lists of which much has changed cost it the product of their lengths, so those, and
documents of which very much has changed, are replaced whole: a patch is right whatever it is made
for, and small where a person would read it.

A number is its spelling: 1, 1.0, 1.00 and 1e0 differ here, as the bytes that are kept do, and so
do numbers that no double tells apart.
"""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

import jsonpatch
import orjson

Operation = dict[str, Any]  # op, path, and value or from

LISTS = 10_000_000  # products of the lengths of lists that are compared; a second or so
INTEGER = 18  # digits that an integer has at most where it is read as one
VALUES = 200_000  # values in what differs; two seconds or so


class Number(float):
    """A number that is written as it was spelled: two are the same where their spelling is."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:
        """Keep the spelling beside the value."""
        number = super().__new__(cls, text)
        number.text = text
        return number


def patch(before: bytes, after: bytes) -> list[Operation]:
    """Return the operations that make the document `after` of `before`, both valid JSON.

    Values are as `read` gives them; `written` writes them.
    """
    return _Comparison().operations(read(before), read(after))


def read(raw: bytes) -> Any:
    """Return the value that valid JSON holds, with every number as it is spelled."""
    return json.loads(raw, parse_float=Number, parse_int=_integer)


def _integer(text: str) -> int | Number:
    return int(text) if len(text) <= INTEGER and text != "-0" else Number(text)


class _Comparison:
    """One comparison: what lists may still cost, and which values are replaced whole."""

    def __init__(self) -> None:
        self.lists = LISTS
        self.whole: dict[str, Any] = {}  # by what stands for it until the operations are known

    def operations(self, before: Any, after: Any) -> list[Operation]:
        old, new = self._pair(before, after)
        if _count(old) + _count(new) > VALUES:
            old, new = self._replaced(after)
        found: list[Operation] = list(jsonpatch.JsonPatch.from_diff(old, new, dumps=_text))
        for each in found:
            value = each.get("value")
            if isinstance(value, str) and value in self.whole:
                each["value"] = self.whole[value]
        return found

    def _pair(self, before: Any, after: Any) -> tuple[Any, Any]:
        """Return what the library is to compare instead of two values."""
        if isinstance(before, dict) and isinstance(after, dict):
            return self._members(before, after)
        if isinstance(before, list) and isinstance(after, list):
            cost = _middle(before, after)
            if cost > self.lists:
                return self._replaced(after)
            self.lists -= cost
        return before, after

    def _members(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[Any, Any]:
        old = {key: value for key, value in before.items() if key not in after}
        new = {key: value for key, value in after.items() if key not in before}
        for key, value in before.items():  # in this order: the same question, the same bytes
            if key in after and not same(value, after[key]):
                old[key], new[key] = self._pair(value, after[key])
        return old, new

    def _replaced(self, after: Any) -> tuple[None, str]:
        mark = f"\0{len(self.whole)}"  # no document has NUL in a text (domain/tokens.py)
        self.whole[mark] = after
        return None, mark


def _middle(before: list[Any], after: list[Any]) -> int:
    """Return the product of how much lies between the equal beginnings and ends of two lists."""
    start = _equal(before, after)
    old, new = before[start:], after[start:]
    end = _equal(old[::-1], new[::-1])
    return _count(old[: len(old) - end]) * _count(new[: len(new) - end])


def _equal(one: list[Any], other: list[Any]) -> int:
    return sum(1 for _ in takewhile(lambda pair: same(*pair), zip(one, other, strict=False)))


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where true is not 1."""
    return bool(one == other) and _text(one) == _text(other)


def written(value: Any) -> bytes:
    """Return a value as JSON."""
    return orjson.dumps(value, _spelled)


def indented(value: Any) -> str:
    """Return a value as JSON that a person reads, line by line."""
    return orjson.dumps(value, _spelled, orjson.OPT_INDENT_2).decode()


def _text(value: Any) -> str:
    return orjson.dumps(value, _spelled, orjson.OPT_SORT_KEYS).decode()


def _spelled(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError


def _count(value: Any) -> int:
    """Return how many values are in one."""
    if isinstance(value, dict):
        return 1 + sum(map(_count, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_count, value))
    return 1
