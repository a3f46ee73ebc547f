"""timeseries: rows of a time, a magnitude, and the magnitude in base units, which is completed."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import USUAL, Kind, Making, refuse
from domain.schemas.sampledb.quantity import TOLERANCE, check_digits, check_units
from domain.schemas.sampledb.reading import Added, Json, Leaf, Node, Reading, Replaced
from domain.schemas.sampledb.units import Unit, unit

FORMAT = "%Y-%m-%d %H:%M:%S.%f"
STATISTICS = frozenset({"average", "stddev", "min", "max", "count", "first", "last"})
_NUMBERS = (int, float)


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type. Raises Invalid."""
    making.known(schema, path)
    check_units(schema, path)
    check_digits(schema, path, strict=making.strict)
    statistics = schema.get("statistics", [])
    if not isinstance(statistics, list):
        refuse("statistics must be a list of strings", path)
    if not all(isinstance(each, str) and each in STATISTICS for each in statistics):
        listed = ", ".join(map(repr, sorted(STATISTICS)))
        refuse(f"statistics keys each have to be one of the following: {listed}", path)


class Timeseries(Leaf):
    """Reads rows: all times are texts, or all are numbers (seconds)."""

    type = "timeseries"
    needed = frozenset({"_type", "data"})

    def __init__(self, schema: Json) -> None:
        super().__init__(frozenset({"units", "dimensionality"}))
        units = schema["units"]
        self.own: str | None = units if isinstance(units, str) else None
        self.expected = units if isinstance(units, str) else f"one of {', '.join(units)}"
        known = unit(units if isinstance(units, str) else units[0])
        assert known is not None  # noqa: S101 - the schema was checked
        self.dimensionality = known.dimensionality

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the units, then the rows, and complete both."""
        text = value.get("units", self.own)
        known = unit(text) if isinstance(text, str) else None
        message = self._wrong(value, text, known)
        missing: list[tuple[int, list[Any]]] = []
        if message is None:
            assert known is not None  # noqa: S101 - else there is something wrong
            rows = value["data"]
            message = _faulty(rows)
            if message is None:
                message = _read(rows, known, missing)
        if message is not None:
            reading.fault(path, message)
            return
        for place, row in missing:
            reading.edits[*path, "data", place] = Replaced(row)
        whole = {"units": text, "dimensionality": self.dimensionality}
        if added := {key: whole[key] for key in whole if key not in value}:
            reading.edits[path] = Added(added)

    def _wrong(self, value: Json, text: Any, known: Unit | None) -> str | None:
        dimensionality = value.get("dimensionality", self.dimensionality)
        if not isinstance(text, str):
            return "units must be str"
        if known is None:
            return "Invalid/Unknown units"
        if known.dimensionality != self.dimensionality:
            return f"Invalid units, expected {self.expected}"
        if not isinstance(dimensionality, str):
            return "dimensionality must be str"
        if dimensionality != self.dimensionality:
            return "dimensionality must match units"
        return None if isinstance(value["data"], list) else "data must be list"


def _faulty(rows: list[Any]) -> str | None:
    """Return what is wrong with the form of the rows."""
    first = rows[0] if rows else None
    relative = isinstance(first, list) and bool(first) and type(first[0]) in _NUMBERS
    times = _NUMBERS if relative else (str,)
    for row in rows:
        if (
            type(row) is not list
            or not 2 <= len(row) <= 3
            or type(row[0]) not in times
            or type(row[1]) not in _NUMBERS
            or type(row[-1]) not in _NUMBERS
        ):
            return (
                "data must be list of lists containing either a datetime string"
                " or relative time in seconds, and 1 or 2 numbers"
            )
    return None


def _read(rows: list[Any], known: Unit, missing: list[tuple[int, list[Any]]]) -> str | None:
    """Return the first fault of the rows; note those that lack their third value, completed."""
    seen: set[Any] = set()
    for place, row in enumerate(rows):
        time, magnitude = row[0], row[1]
        if time in seen:
            return "duplicate point in timeseries"
        if isinstance(time, str) and not _is_time(time):
            return "invalid datetime in timeseries, expected format: YYYY-MM-DD hh:mm:ss.ffffff"
        seen.add(time)
        base = known.to_base(magnitude)
        if not math.isfinite(base):
            return "magnitude_in_base_units must be finite"
        if len(row) == 2:
            missing.append((place, [time, float(magnitude), base]))
        elif not math.isclose(base, row[2], rel_tol=TOLERANCE):
            return "magnitude_in_base_units and magnitude do not match"
    return None


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, FORMAT)
    except ValueError:
        return False
    return True


def build(schema: Json, _making: Making) -> Node:
    """Return what reads timeseries."""
    return Timeseries(schema)


KIND = Kind(
    USUAL | {"units", "display_digits", "statistics"}, check, build, needed=frozenset({"units"})
)
