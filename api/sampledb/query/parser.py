"""A query's text → a condition on documents.

The grammar is grammar.lark's; what its words stand for and which of them may be compared: tree.py.
A condition is made from below while the text is read, so that no text is too deep for the reading.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from msgspec import Struct

from api.sampledb.query.tree import Bool, Date, Null, Number, Operand, Quantity, Text, compare
from domain.errors import Invalid
from domain.schemas.sampledb.units import unit
from projections.conditions import (
    Alike,
    All,
    Always,
    Condition,
    Either,
    HasWords,
    IsBool,
    Not,
    Path,
    Step,
    Tagged,
)

LONGEST = 2_000  # characters
DEEPEST = 50  # of parts within one another
STEPS = 20  # of a path
NOBODY = 10**18  # no object and no user has this number
_NUMBER = re.compile(r"(-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+(?![0-9.]))?)\s*(.*)", re.S)
_TAG = re.compile(r"[a-z0-9_\-äöüß]+")
_REFERENCE = re.compile(r"0|[1-9][0-9]*")


class Part(Struct, frozen=True):
    """A condition, and how many others are within one another in it."""

    condition: Condition
    depth: int = 1


def parse(text: str) -> Condition:
    """Return what an advanced search asks for. Raises Invalid, saying what is wrong and where."""
    _require_text(text)
    try:
        found: Operand | Part = _parser().parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise Invalid(_fault(text, error)) from None
    return _held(found).condition


def words(text: str) -> Condition:
    """Return what a text search asks for. Raises Invalid."""
    _require_text(text)
    return HasWords(text)


def _require_text(text: str) -> None:
    if len(text) > LONGEST:
        raise Invalid(f"The query has {len(text):,} characters; {LONGEST:,} are the most.")
    if any(each == "\0" or "\ud800" <= each <= "\udfff" for each in text):
        raise Invalid("The query has a character that no text can have.")


@v_args(inline=True)
class _Maker(Transformer[Token, "Operand | Part"]):
    """Makes the parts of a condition. It has no state: one serves every thread."""

    def text(self, token: Token) -> Operand:
        return Text(token[1:-1])

    def hash(self, token: Token) -> Operand | Part:
        name = token[1:]
        if _REFERENCE.fullmatch(name):
            return Number(min(int(name), NOBODY))
        if not _TAG.fullmatch(name):
            raise Invalid(f"{_quoted(token)} is no tag.")
        return Part(Tagged(name))

    def date(self, token: Token) -> Operand:
        year, month, day = map(int, token.split("-"))
        try:
            date(year, month, day)
        except ValueError:
            raise Invalid(f"There is no day {token}.") from None
        return Date(year * 10000 + month * 100 + day)

    def quantity(self, token: Token) -> Operand:
        match = _NUMBER.fullmatch(token)
        assert match is not None  # noqa: S101 - the token begins so
        known = unit(match[2].strip())
        if known is None:
            raise Invalid(f"{_quoted(match[2])} is no unit that is known.")
        magnitude = known.to_base(float(match[1]))
        if not math.isfinite(magnitude):
            raise Invalid(f"{_quoted(token)} is too large.")
        return Quantity(Decimal(repr(magnitude)), known.dimensionality)

    def bool(self, token: Token) -> Operand:
        return Bool(token.lower() == "true")

    def null(self, _token: Token) -> Operand:
        return Null()

    def path(self, token: Token) -> Operand:
        names = token.split(".")
        if len(names) > STEPS:
            raise Invalid(f"A path has at most {STEPS} steps.")
        return Path(tuple(map(_step, names)))

    def compared(self, one: Operand | Part, operator: Token, other: Operand | Part) -> Part:
        if isinstance(one, Part) and isinstance(other, Part):
            if operator in ("==", "=", "!="):
                alike = Alike(one.condition, other.condition)
                return _deeper(alike if operator != "!=" else Not(alike), one, other)
        elif not isinstance(one, Part) and not isinstance(other, Part):
            condition = compare(one, str(operator), other)
            if condition is not None:
                return Part(condition)
        raise Invalid(
            f"{operator} cannot compare what stands beside it (at character {_at(operator)})."
        )

    def negated(self, part: Operand | Part) -> Part:
        if isinstance(part, Path):
            return Part(IsBool(part, False))
        held = _held(part)
        return _deeper(Not(held.condition), held)

    def both(self, *parts: Operand | Part) -> Part:
        held = [*map(_held, parts)]
        return _deeper(All(tuple(each.condition for each in held)), *held)

    def either(self, *parts: Operand | Part) -> Part:
        held = [*map(_held, parts)]
        return _deeper(Either(tuple(each.condition for each in held)), *held)


def _held(part: Operand | Part) -> Part:
    """Return an operand as a condition of its own. Raises Invalid for what is none."""
    match part:
        case Part():
            return part
        case Path():
            return Part(IsBool(part, True))
        case Bool():
            return Part(Always(part.value))
    raise Invalid(
        "A text, a number, a date, null or a reference is no condition: compare it with a property."
        " A text search is asked for with use_advanced_search=false."
    )


def _deeper(condition: Condition, *parts: Part) -> Part:
    depth = max(each.depth for each in parts) + 1
    if depth > DEEPEST:
        raise Invalid(f"The query has more than {DEEPEST} conditions within one another.")
    return Part(condition, depth)


def _step(name: str) -> Step:
    follow = name.startswith("*")
    name = name.removeprefix("*")
    if name == "?":
        return Step(None, follow)
    return Step(int(name) if name.isdecimal() else name, follow)


def _fault(text: str, error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        if text[at] == '"':
            return f"The text that begins at character {at + 1} of the query has no end."
        return f"The query cannot be read from character {at + 1} on: {_quoted(text[at:])}."
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        token = error.token
        return f"{_quoted(token)} is out of place in the query (at character {_at(token)})."
    if isinstance(error, UnexpectedToken | UnexpectedEOF):
        return "The query ends too early."
    return "The query cannot be read."


def _at(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _quoted(text: str) -> str:
    return repr(str(text[:40]))


@cache
def _parser() -> Lark:
    grammar = files("api.sampledb.query").joinpath("grammar.lark").read_text("utf-8")
    maker: Callable[[], _Maker] = _Maker
    return Lark(grammar, parser="lalr", transformer=maker(), maybe_placeholders=False)
