"""Units: which texts name one, of what dimension, and how it is reduced to base units.

pint evaluates what it is given, and `9**9**9` never returns. So a text is taken apart first, and
handed over only when it is made of names that pint knows, ones, and small exponents. pint is
imported when a unit is first asked for: it takes a third of a second.
Source: the SampleDB specification, 4.4.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from msgspec import Struct

DEFINITIONS = (  # what SampleDB adds to pint's units
    "sccm = 1 * cm**3 / min",
    "ppmv = 0.000001",
    "ppmw = 0.000001",
    "ppb = 0.000000001",
    "ppbv = 0.000000001",
    "ppbw = 0.000000001",
)
LONGEST = 200  # characters
MOST_POWER = 10_000  # of the exponents in a text with one another
_KEPT = 4096  # unit texts
_TOKEN = re.compile(
    r"\s*(?:(?P<power>\*\*|\^)\s*(?P<exponent>[+-]?\d{1,2}(?:\.\d{1,4})?|\([+-]?\d{1,2}\))"
    r"(?!\s*(?:\*\*|\^|[\d.]))"
    r"|(?P<one>1(?:\.0*)?(?![\d.]))"
    r"|(?P<operator>[/·()]|\*(?!\*))"
    r"|(?P<name>[^\W\d]\w*|[°%µΩÅ]\w*))"
)
_SUPERSCRIPT = re.compile("[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_SIGNS = frozenset({"°", "%", "dimensionless"})  # read by pint before it looks names up
_lock = Lock()


class Unit(Struct, frozen=True):
    """A unit: magnitude in base units = magnitude x factor + offset, or ratio ** magnitude x zero.

    Decimals, as SampleDB computes with them: a stored magnitude is the same to the last digit.
    """

    canonical: str  # equal for two spellings of one unit
    dimensionality: str  # as pint writes it: "[mass] * [length] / [time] ** 2"
    factor: Decimal
    offset: Decimal
    ratio: float | None = None  # of a logarithmic unit; its value at zero is `factor`

    def to_base(self, magnitude: float) -> float:
        """Return a magnitude in base units; infinite when it is too large for a double."""
        if self.ratio is not None:
            return _finite(lambda ratio: float(self.factor) * ratio**magnitude, self.ratio)
        return float(Decimal(magnitude) * self.factor + self.offset)

    def from_base(self, magnitude: float) -> float:
        """Return a magnitude in this unit from one in base units; NaN where there is none."""
        if self.ratio is not None:
            portion = magnitude / float(self.factor)
            return math.log(portion) / math.log(self.ratio) if portion > 0 else math.nan
        return float((Decimal(magnitude) - self.offset) / self.factor)


@lru_cache(_KEPT)
def unit(text: str) -> Unit | None:
    """Return the unit that a text names, or None when it names none that can be used."""
    text = _SUPERSCRIPT.sub(lambda found: f"**{found[0].translate(_PLAIN)}", text.strip())
    if len(text) > LONGEST:
        return None
    names = _names(text)
    if names is None:
        return None
    with _lock:
        known = _registry(Decimal)
        if not all(name in _SIGNS or known.parse_unit_name(name) for name in names):
            return None
        return _reduced(known, text)


def _names(text: str) -> set[str] | None:
    """Return the names in a unit's text; None when anything else stands in it."""
    names: set[str] = set()
    power = 1.0
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        if token["name"]:
            names.add(token["name"])
        if token["power"]:
            power *= max(abs(float(token["exponent"].strip("()"))), 1)
        at = token.end()
    return names if power <= MOST_POWER else None


def _reduced(known: Any, text: str) -> Unit | None:
    try:
        found = known.Unit(text)
        dimensionality = _spelled(found.dimensionality)
        try:
            zero, one = (_base(known, found, Decimal(magnitude)) for magnitude in (0, 1))
        except TypeError:  # a logarithm of a Decimal
            floats = _registry(float)
            zero, one = (_base(floats, floats.Unit(text), float(each)) for each in (0, 1))
            return Unit(str(found), dimensionality, Decimal(zero), Decimal(0), one / zero)
    except Exception:
        return None
    factor = one - zero
    if not 0 < abs(float(factor)) < math.inf:
        return None
    return Unit(str(found), dimensionality, factor, zero)


def _base(known: Any, unit: Any, magnitude: Any) -> Any:
    return known.Quantity(magnitude, unit).to_base_units().magnitude


def _spelled(dimensions: Any) -> str:
    whole = {
        name: int(power) if power == int(power) else float(power)
        for name, power in dimensions.items()
    }
    return str(type(dimensions)(whole))


def _finite(function: Any, value: float) -> float:
    try:
        return float(function(value))
    except OverflowError:
        return math.inf


@cache
def _registry(numbers: type) -> Any:
    import pint

    registry: Any = pint.UnitRegistry(non_int_type=numbers)
    for definition in DEFINITIONS:
        registry.define(definition)
    return registry
