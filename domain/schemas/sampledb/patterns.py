r"""Patterns as Python's `re.match` means them, run by the engine that takes linear time.

Python's own parser reads a pattern, and what it read is written again for the engine that
JSON Schemas use: anchored at the start only, `$` also before a last line feed, and classes like
`\d` over all scripts. What needs backtracking is refused. A `$` consumes that line feed, so that
nothing but the end of the pattern can follow it.
Source: the SampleDB specification, 4.1 "text" and 4.2.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import jsonschema_rs

from domain.schemas import patterns as linear
from domain.schemas.structure import PATTERN_WEIGHT

# Python's own way to a parsed pattern, and its names for the parts: it has no public one.
op: Any = import_module("re._constants")
_parser: Any = import_module("re._parser")

_SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORD = {"letter": r"\p{L}", "digit": r"\p{Nd}", "number": r"\p{Nl}\p{No}", "_": "_"}
_UNICODE = {
    op.CATEGORY_DIGIT: r"\p{Nd}",
    op.CATEGORY_SPACE: _SPACE,
    op.CATEGORY_WORD: "".join(_WORD.values()),
}
_ASCII = {
    op.CATEGORY_DIGIT: "0-9",
    op.CATEGORY_SPACE: r"\t-\r\x20",
    op.CATEGORY_WORD: "A-Za-z0-9_",
}
_NEGATED = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}
_BACKTRACKING = frozenset(
    {
        op.ASSERT,
        op.ASSERT_NOT,
        op.GROUPREF,
        op.GROUPREF_EXISTS,
        op.ATOMIC_GROUP,
        op.POSSESSIVE_REPEAT,
    }
)


class Refused(Exception):
    """The pattern cannot be used; the message says why."""


def linearized(pattern: str) -> str:
    """Return a pattern of the linear engine that finds what `re.match` matches. Raises Refused."""
    if linear.weigh(pattern) > PATTERN_WEIGHT:
        raise Refused("pattern is too large")
    try:
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Refused("pattern is no valid regular expression") from error
    try:
        written = f"^(?:{_sequence(parsed, parsed.state.flags)})"
    except RecursionError as error:
        raise Refused("pattern is nested too deeply") from error
    try:
        matcher(written)
    except jsonschema_rs.ValidationError as error:
        raise Refused("pattern is too large, or cannot be run in linear time") from error
    return written


def matcher(written: str) -> jsonschema_rs.Validator:
    """Return what says whether texts match a linearized pattern."""
    return jsonschema_rs.Draft7Validator(
        {"pattern": written}, pattern_options=linear.ENGINE, offline=True
    )


def _sequence(parts: Any, flags: int) -> str:
    return "".join(_part(kind, value, flags) for kind, value in parts)


def _part(kind: Any, value: Any, flags: int) -> str:
    if kind in _BACKTRACKING:
        raise Refused("pattern uses look-around or back-references, which can take for ever")
    if kind is op.LITERAL:
        return _cased(_character(value), flags)
    if kind is op.NOT_LITERAL:
        return _cased(f"[^{_character(value)}]", flags)
    if kind is op.ANY:
        return "(?s:.)" if flags & re.DOTALL else "."
    if kind is op.IN:
        return _cased(_class(value, flags), flags)
    if kind is op.BRANCH:
        return f"(?:{'|'.join(_sequence(each, flags) for each in value[1])})"
    if kind is op.SUBPATTERN:
        _, added, removed, inside = value
        return f"(?:{_sequence(inside, (flags | added) & ~removed)})"
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, most, inside = value
        bound = "" if most is op.MAXREPEAT else str(most)
        lazy = "?" if kind is op.MIN_REPEAT else ""
        return f"(?:{_sequence(inside, flags)}){{{least},{bound}}}{lazy}"
    if kind is op.AT:
        return _anchor(value, flags)
    raise Refused(f"pattern uses {kind}, which cannot be run in linear time")


def _anchor(place: Any, flags: int) -> str:
    by_line = flags & re.MULTILINE
    return {
        op.AT_BEGINNING: "(?m:^)" if by_line else "^",
        op.AT_BEGINNING_STRING: "^",
        op.AT_END: "(?m:$)" if by_line else r"(?:\n?$)",
        op.AT_END_STRING: "$",
        op.AT_BOUNDARY: r"\b",
        op.AT_NON_BOUNDARY: r"\B",
    }[place]


def _class(items: Any, flags: int) -> str:
    """Return a class in brackets: its characters, ranges and categories."""
    categories = _ASCII if flags & re.ASCII else _UNICODE
    inside: list[str] = []
    outside: list[str] = []  # classes of what is not in a category
    negated = False
    for kind, value in items:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            inside.append(_character(value))
        elif kind is op.RANGE:
            inside.append(f"{_character(value[0])}-{_character(value[1])}")
        elif value in _NEGATED:
            outside.append(categories[_NEGATED[value]])
        else:
            inside.append(categories[value])
    if not outside:
        return f"[{'^' if negated else ''}{''.join(inside)}]"
    if not negated:
        classes = [f"[^{each}]" for each in outside] + ([f"[{''.join(inside)}]"] if inside else [])
        return f"(?:{'|'.join(classes)})"
    left = [part for part in _WORD.values() if part not in inside]
    if outside != [_UNICODE[op.CATEGORY_WORD]] or not left or set(inside) - set(_WORD.values()):
        raise Refused(r"pattern excludes what is not in a class, other than [^\W\d_]")
    return f"[{''.join(left)}]"


def _cased(written: str, flags: int) -> str:
    return f"(?i:{written})" if flags & re.IGNORECASE else written


def _character(point: int) -> str:
    character = chr(point)
    if character.isalnum() or character == "_":
        return character
    return f"\\x{point:02x}" if point < 0x80 else character
