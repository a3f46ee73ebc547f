"""What the words of a query stand for, and what a comparison of two of them is as a condition."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import cast

from msgspec import Struct

from projections.conditions import (
    Always,
    Comparison,
    Condition,
    Either,
    HasFile,
    HasText,
    IsBool,
    IsDay,
    IsMagnitude,
    IsSet,
    IsText,
    Path,
    RefersTo,
    Same,
)

FILE_NAME = "file_name"  # a property of this name is also the name of a file

_SWAPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_ORDERED: dict[str, Callable[[Decimal | int, Decimal | int], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


class Text(Struct, frozen=True):
    """A text in quotes."""

    value: str


class Quantity(Struct, frozen=True):
    """A magnitude in base units."""

    magnitude: Decimal
    dimensionality: str


class Date(Struct, frozen=True):
    """A day, as a number: 20261121."""

    day: int


class Bool(Struct, frozen=True):
    """True or False."""

    value: bool


class Null(Struct, frozen=True):
    """null."""


class Number(Struct, frozen=True):
    """The number of an object or a user, as in #15."""

    value: int


Operand = Text | Quantity | Date | Bool | Null | Number | Path


def compare(one: Operand, operator: str, other: Operand) -> Condition | None:
    """Return two operands compared; None where they cannot be, so."""
    if operator == "in":
        return _within(one, other)
    if operator in ("before", "after", "on"):
        if not isinstance(one, Date) and not isinstance(other, Date):
            return None
        operator = {"before": "<", "after": ">", "on": "=="}[operator]
    elif operator == "=":
        operator = "=="
    if isinstance(other, Path) and not isinstance(one, Path):
        one, other, operator = other, one, _SWAPPED.get(operator, operator)
    comparison = cast("Comparison", operator)
    if isinstance(one, Path):
        return _of_property(one, comparison, other)
    return _of_values(one, comparison, other)


def _of_property(path: Path, comparison: Comparison, value: Operand) -> Condition | None:
    match value:
        case Quantity():
            return IsMagnitude(path, comparison, value.magnitude, value.dimensionality)
        case Date():
            return IsDay(path, comparison, value.day)
    if comparison not in ("==", "!="):
        return None
    equal = comparison == "=="
    match value:
        case Text():
            found: Condition = IsText(path, value.value, comparison)
            return _or_file(path, found, value.value, whole=True) if equal else found
        case Bool():
            return IsBool(path, value.value is equal)
        case Number():
            return RefersTo(path, value.value, comparison)
        case Null():
            return IsSet(path, not equal)
        case Path():
            return Same(path, value, comparison)
    return None


def _of_values(one: Operand, comparison: Comparison, other: Operand) -> Condition | None:
    """Return what holds of two values, whatever the document."""
    match one, other:
        case Quantity(), Quantity():
            if one.dimensionality != other.dimensionality:
                return Always(comparison == "!=")
            return Always(_ORDERED[comparison](one.magnitude, other.magnitude))
        case Date(), Date():
            return Always(_ORDERED[comparison](one.day, other.day))
        case (Text(), Text()) | (Bool(), Bool()) | (Number(), Number()) | (Null(), Null()):
            if comparison in ("==", "!="):
                return Always((one == other) is (comparison == "=="))
    return None


def _within(part: Operand, whole: Operand) -> Condition | None:
    match part, whole:
        case Text(), Path():
            return _or_file(whole, HasText(whole, part.value), part.value, whole=False)
        case Text(), Text():
            return Always(part.value in whole.value)
    return None


def _or_file(path: Path, condition: Condition, text: str, *, whole: bool) -> Condition:
    if len(path.steps) == 1 and path.steps[0].to == FILE_NAME and path.is_plain:
        return Either((HasFile(text, whole), condition))
    return condition
