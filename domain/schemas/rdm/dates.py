"""Dates and intervals of EDTF level 0: `2020`, `2020-11`, `2020-11-10`, `1939/1945`.

Each end of an interval has its own precision; it ends no earlier than it begins. There are no
times. The level is three patterns and a calendar, so it is read here: the edtf library takes 6 ms
for an interval, which a list of a thousand dates would make seconds. The tests hold what is
accepted here to what that library accepts. Source: the InvenioRDM specification, 5; Library of
Congress, "Extended Date/Time Format (EDTF) Specification".
"""

from __future__ import annotations

import re
from calendar import monthrange
from typing import Any, NamedTuple

from domain.schemas.rdm.reading import MISSING, Reading

LONGEST = len("2020-11-10/2020-11-10")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class Day(NamedTuple):
    """A date; a month or a day that is None was not said."""

    year: int
    month: int | None
    day: int | None

    @property
    def first(self) -> tuple[int, int, int]:
        """The first day it may be."""
        return self.year, self.month or 1, self.day or 1

    @property
    def last(self) -> tuple[int, int, int]:
        """The last day it may be."""
        month = self.month or 12
        return self.year, month, self.day or days(self.year, month)


def days(year: int, month: int) -> int:
    """Return how many days a month has, in the Gregorian calendar of all years."""
    return monthrange(year, month)[1]


def parse(value: str) -> tuple[Day, ...]:
    """Return the one date or the two ends of the interval that a text is; none when it is not."""
    if len(value) > LONGEST:
        return ()
    ends = [_day(each) for each in value.split("/")]
    found = tuple(end for end in ends if end is not None)
    if len(found) < len(ends) or len(found) > 2 or found[0].first > found[-1].last:
        return ()
    return found


def _day(value: str) -> Day | None:
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = (None if part is None else int(part) for part in match.groups())
    if year is None or (month is not None and not 1 <= month <= 12):
        return None
    if month is not None and day is not None and not 1 <= day <= days(year, month):
        return None
    return Day(year, month, day)


def date(value: Any, reading: Reading) -> Any:
    """Read a date or an interval."""
    if not isinstance(value, str):
        reading.fault("Not a valid string.")
        return MISSING
    if not parse(value):
        reading.fault("Please provide a valid date or interval.")
        return MISSING
    return value
