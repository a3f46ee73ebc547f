"""Names of fields → places: the ways through a record's JSON, and what the service itself knows."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from domain import metadata
from domain.errors import Invalid
from projections.conditions import (
    All,
    Always,
    Bound,
    Condition,
    Field,
    IsBetween,
    IsKnown,
    IsThere,
    Known,
    KnownMatch,
)
from projections.known import SEVERAL, TYPES

Place = Field | Known

NUMBER = re.compile(r"-?[0-9]{1,50}(\.[0-9]{1,50})?")
DATA = "data"  # where documents of other doors are shown
_DAY = re.compile(r"([0-9]{4})(-[0-9]{2})?(-[0-9]{2})?")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BOOLS = {"true": True, "false": False}


class End(NamedTuple):
    """An end of a range as it is written."""

    text: str
    included: bool


def place(name: str) -> Place | None:
    """Return the place that a field's name leads to, `*` to any member; None: it leads to none."""
    name = unescaped(name)
    if name in TYPES:
        return name
    names = [each for each in name.split(".") if each]
    if names[:1] == [DATA] and len(names) > 1:
        del names[0]
    while names and names[-1] == "*":  # what lies within a place is its own
        names.pop()
    if not names:
        return None
    # Metadata are texts, but for coordinates; elsewhere there may be numbers.
    texts = names[0] == metadata.MEMBER and "locations" not in names[1:2] and "*" not in names[1:2]
    return Field(tuple(None if each == "*" else each for each in names), numbers=not texts)


def unescaped(text: str) -> str:
    """Return a text without the backslashes that stand before its signs."""
    return _ESCAPED.sub(r"\1", text)


def there(at: Place) -> Condition:
    """Return that a place has a value."""
    if isinstance(at, Field):
        return IsThere(at)
    return KnownMatch(at, "") if at in SEVERAL else Always(True)


def equal(known: Known, text: str) -> Condition:
    """Return that what is known is what a text says; of an instant, that it is within a period.

    Raises Invalid for a text that says none.
    """
    if TYPES[known] == "instant":
        return between(known, End(text, True), End(text, True), whole=True)
    return IsKnown(known, "==", _value(known, text))


def between(at: Place, low: End | None, high: End | None, *, whole: bool = False) -> Condition:
    """Return that a place has a value in a range; a missing end is open.

    A year or a month stands for its first day, as in InvenioRDM; with `whole` for all its days.
    Raises Invalid for an end that what is known cannot have.
    """
    if low is None and high is None:
        return there(at)
    if isinstance(at, Field):
        return IsBetween(at, _bound(low), _bound(high))
    ends = (_from(at, low, whole=whole), _to(at, high, whole=whole))
    return All(tuple(each for each in ends if each is not None))


def _from(known: Known, low: End | None, *, whole: bool) -> Condition | None:
    if low is None:
        return None
    if TYPES[known] != "instant":
        return IsKnown(known, ">=" if low.included else ">", _value(known, low.text))
    begins, ends = _period(known, low.text, whole=whole)
    if low.included or begins == ends:
        return IsKnown(known, ">=" if low.included else ">", begins)
    return IsKnown(known, ">=", ends)


def _to(known: Known, high: End | None, *, whole: bool) -> Condition | None:
    if high is None:
        return None
    if TYPES[known] != "instant":
        return IsKnown(known, "<=" if high.included else "<", _value(known, high.text))
    begins, ends = _period(known, high.text, whole=whole)
    if high.included:
        return IsKnown(known, "<=" if begins == ends else "<", ends)
    return IsKnown(known, "<", begins)


def _value(known: Known, text: str) -> str | Decimal | bool:
    match TYPES[known]:
        case "number" if NUMBER.fullmatch(text):
            return Decimal(text)
        case "bool" if text.lower() in _BOOLS:
            return _BOOLS[text.lower()]
        case "text":
            return text.lower()
    raise _wrong(known, text)


def _bound(end: End | None) -> Bound | None:
    if end is None:
        return None
    day = None
    if match := _DAY.fullmatch(end.text[:10] if _INSTANT.fullmatch(end.text) else end.text):
        day = f"{match[1]}{match[2] or '-01'}{match[3] or '-01'}"
    number = Decimal(end.text) if NUMBER.fullmatch(end.text) else None
    return Bound(end.text, end.included, day, number)


def _period(known: Known, text: str, *, whole: bool) -> tuple[datetime, datetime]:
    """Return when a day, UTC, begins and ends, or an instant twice."""
    try:
        if match := _DAY.fullmatch(text):
            year, month, day = (int((part or "1").lstrip("-")) for part in match.groups())
            begins = datetime(year, month, day, tzinfo=UTC)
            days = 1
            if whole and match[3] is None:
                days = monthrange(year, month)[1] if match[2] else 365 + isleap(year)
            return begins, begins + timedelta(days=days)
        if _INSTANT.fullmatch(text):
            instant = datetime.fromisoformat(text)
            instant = instant.replace(tzinfo=instant.tzinfo or UTC)
            return instant, instant
    except (ValueError, OverflowError):
        pass
    raise _wrong(known, text)


def _wrong(known: Known, text: str) -> Invalid:
    kind = {"number": "a number", "bool": "true or false"}.get(TYPES[known], "a date or an instant")
    return Invalid(f"{known} is {kind}, not {text[:40]!r}.")
