"""quantity: a magnitude and its unit, in any unit of the schema's dimension.

What a document leaves out is completed: units where the schema has one alone, the magnitude in
base units or the other one, the dimensionality.
"""

from __future__ import annotations

import math
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb import calculations
from domain.schemas.sampledb.making import USUAL, Kind, Making, is_int, refuse, require
from domain.schemas.sampledb.reading import Added, Json, Leaf, Node, Reading
from domain.schemas.sampledb.units import Unit, unit

KEYS = USUAL | {
    "units",
    "default",
    "placeholder",
    "display_digits",
    "min_magnitude",
    "max_magnitude",
    "calculation",
}
MOST_DIGITS = 15
TOLERANCE = 1e-9  # relative
_FINITE = (-math.inf, math.inf)


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type. Raises Invalid."""
    making.known(schema, path)
    check_units(schema, path)
    for key in ("min_magnitude", "max_magnitude"):
        require(schema, key, (int, float), f"{key} must be float or int", path)
    least, most = _bounds(schema)
    if least > most:
        refuse("max_magnitude must be greater than or equal to min_magnitude", path)
    if "default" in schema:
        _check_default(schema, path, making)
    making.text(schema, "placeholder", path)
    check_digits(schema, path, strict=making.strict)
    if "calculation" in schema:
        calculations.check(schema["calculation"], making.root, path)


def check_units(schema: Json, path: Path) -> None:
    """Pass when `units` is one unit, or several of one dimension. Raises Invalid."""
    units = schema["units"]
    if isinstance(units, str):
        if unit(units) is None:
            refuse("invalid units", path)
        return
    if not isinstance(units, list) or not units or not all(isinstance(each, str) for each in units):
        refuse("units must be string or list of strings", path)
    known: list[Unit] = []
    for text in units:
        found = unit(text)
        if found is None:
            refuse("invalid units", path)
        if known and found.dimensionality != known[0].dimensionality:
            refuse("units must be for same dimensionality", path)
        if any(found.canonical == each.canonical for each in known):
            refuse("units must not be duplicate", path)
        known.append(found)


def check_digits(schema: Json, path: Path, *, strict: bool) -> None:
    """Pass when `display_digits` is absent or a count of digits. Raises Invalid."""
    digits = schema.get("display_digits", 0)
    if not is_int(digits) or digits < 0:
        refuse("display_digits must be a non-negative int", path)
    if strict and digits > MOST_DIGITS:
        refuse(f"display_digits must be at most {MOST_DIGITS}", path)


def _check_default(schema: Json, path: Path, making: Making) -> None:
    default = schema["default"]
    if isinstance(default, dict):
        making.default({"_type": "quantity"} | default, schema, (*path, "(default)"))
        return
    if not isinstance(default, int | float):
        refuse("default must be float, int or dict", path)
    least, most = _bounds(schema)
    if default < least:
        refuse("default must be greater than or equal to min_magnitude", path)
    if default > most:
        refuse("default must be less than or equal to max_magnitude", path)


def _bounds(schema: Json) -> tuple[float, float]:
    return schema.get("min_magnitude", _FINITE[0]), schema.get("max_magnitude", _FINITE[1])


class Quantity(Leaf):
    """Reads magnitudes; the unit of each is looked up once in a process."""

    type = "quantity"
    needed = frozenset({"_type"})

    def __init__(self, schema: Json) -> None:
        super().__init__(
            frozenset({"magnitude", "magnitude_in_base_units", "units", "dimensionality"})
        )
        units = schema["units"]
        self.own: str | None = units if isinstance(units, str) else None
        self.shown: str = units if isinstance(units, str) else units[0]
        known = unit(self.shown)
        assert known is not None  # noqa: S101 - the schema was checked
        self.unit = known
        self.least, self.most = _bounds(schema)
        number, text = {"type": "number"}, {"type": "string"}
        self.settle(
            magnitude=number, magnitude_in_base_units=number, units=text, dimensionality=text
        )
        self.lean = Lean(self)

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read units and magnitudes, and complete what is missing."""
        text = value.get("units", self.own)
        if not isinstance(text, str):
            reading.fault(path, "units must be str" if "units" in value else _AMBIGUOUS)
            return
        known = self.unit if text == self.shown else unit(text)
        if known is None:
            reading.fault(path, "Invalid/Unknown units")
            return
        given, in_base = value.get("magnitude"), value.get("magnitude_in_base_units")
        message = _unusable(value) or self._wrong(value, known, given, in_base)
        if message is not None:
            reading.fault(path, message)
        elif len(value) < 5 or not value.keys() >= _COMPLETE:
            reading.edits[path] = Added(_missing(value, text, known, given, in_base))

    def _wrong(self, value: Json, known: Unit, given: Any, in_base: Any) -> str | None:
        base = known.to_base(given) if given is not None else in_base
        if base is None:
            return (
                "missing keys in schema:"
                " either magnitude or magnitude_in_base_units has to be given"
            )
        magnitude = known.from_base(in_base) if in_base is not None else given
        if not math.isfinite(base) or not math.isfinite(magnitude):
            key = "magnitude_in_base_units" if given is None else "magnitude"
            return f"Unable to create quantity based on given {key}"
        both = given is not None and in_base is not None
        if both and not _close(given, magnitude) and not _close(base, in_base):
            return (
                "magnitude and magnitude_in_base_units do not match,"
                " either set only one or make sure both match"
            )
        if base < self.least:
            return f"Must be greater than or equal to {self._bound(self.least)}"
        if base > self.most:
            return f"Must be less than or equal to {self._bound(self.most)}"
        dimensionality = value.get("dimensionality", known.dimensionality)
        if not isinstance(dimensionality, str):
            return "dimensionality must be str"
        if known.dimensionality != self.unit.dimensionality:
            return f'Invalid units, expected units for dimensionality "{self.unit.dimensionality}"'
        if dimensionality != known.dimensionality:
            return f'Invalid dimensionality, expected "{self.unit.dimensionality}"'
        return None

    def _bound(self, in_base: float) -> str:
        magnitude = self.unit.from_base(in_base)
        return f"{magnitude}" if self.shown == "1" else f"{magnitude} {self.shown}"


class Lean(Node):
    """Reads quantities of the right shape: at once those that are whole and in the schema's unit.

    In doubles, which are off by 1e-15: what is near a bound, or near to disagreeing, is left to
    the decimals of the other reader.
    """

    def __init__(self, whole: Quantity) -> None:
        self.lean = self
        self.rules = {}
        self.whole = whole
        own = whole.unit
        self.is_linear = own.ratio is None
        self.factor, self.offset = float(own.factor), float(own.offset)
        self.least = whole.least + abs(whole.least) * TOLERANCE
        self.most = whole.most - abs(whole.most) * TOLERANCE

    def read(self, value: Any, path: Path, reading: Reading) -> None:
        """Read one quantity."""
        if len(value) >= 5 and self.is_linear and value.keys() >= _COMPLETE:
            base = value["magnitude"] * self.factor + self.offset
            given = value["magnitude_in_base_units"]
            if (
                abs(base - given) <= abs(given) * TOLERANCE / 2
                and self.least <= base <= self.most
                and value["units"] == self.whole.shown
                and value["dimensionality"] == self.whole.unit.dimensionality
            ):
                return
        self.whole.inside(value, path, reading)


_AMBIGUOUS = "missing unambiguous units for quantity property with multiple possible units"
_COMPLETE = frozenset({"magnitude", "magnitude_in_base_units", "units", "dimensionality"})


def _unusable(value: Json) -> str | None:
    for key in ("magnitude", "magnitude_in_base_units"):
        if key in value and type(value[key]) not in (float, int, bool):
            return f"{key} must be float or int"
    return None


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=TOLERANCE)


def _missing(value: Json, text: Any, known: Unit, given: Any, in_base: Any) -> Json:
    """Return the members that a value lacks."""
    whole: Json = {"units": text, "dimensionality": known.dimensionality}
    if given is None:
        whole["magnitude"] = known.from_base(in_base)
    if in_base is None:
        whole["magnitude_in_base_units"] = known.to_base(given)
    return {key: whole[key] for key in whole if key not in value}


def build(schema: Json, _making: Making) -> Node:
    """Return what reads quantities."""
    return Quantity(schema)


KIND = Kind(KEYS, check, build, needed=frozenset({"units"}))
