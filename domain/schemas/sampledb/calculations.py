"""calculation: which quantities a quantity is calculated from, by a formula for the browser.

Source: the SampleDB specification, 4.1.
"""

from __future__ import annotations

import re
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import is_int, refuse
from domain.schemas.sampledb.reading import Json, keys

KEYS = frozenset({"property_names", "formula", "digits"})
MOST_DIGITS = 15
_ALIAS = re.compile(r"[A-Za-z](?!\w*__)(?:\w*[A-Za-z0-9])?", re.ASCII)
_INDEX = re.compile(r"[-+]?[0-9]+")


def check(calculation: Any, root: Json, path: Path) -> None:
    """Pass when a calculation may stand at a quantity's place. Raises Invalid."""
    if not isinstance(calculation, dict):
        refuse("calculation must be dict", path)
    if unknown := calculation.keys() - KEYS:
        refuse(f"unexpected keys in calculation: {keys(unknown)}", path)
    if missing := {"property_names", "formula"} - calculation.keys():
        refuse(f"missing keys in calculation: {keys(missing)}", path)
    if not _is_fixed(_at(root, path)):
        refuse("quantities with a calculation must have fixed units", path)
    names = calculation["property_names"]
    if not isinstance(names, dict | list):
        refuse("property_names must be dict or list", path)
    if not isinstance(calculation["formula"], str):
        refuse("formula must be string", path)
    digits = calculation.get("digits", 0)
    if not is_int(digits) or not 0 <= digits <= MOST_DIGITS:
        refuse(f"digits must be an integer value between 0 and {MOST_DIGITS}", path)
    for alias, way in names.items() if isinstance(names, dict) else zip(names, names, strict=True):
        _check_name(alias, way, root, path)


def _check_name(alias: Any, way: Any, root: Json, path: Path) -> None:
    if not isinstance(alias, str) or not _ALIAS.fullmatch(alias):
        refuse(f"invalid property alias: {str(alias)[:200]}", path)
    steps = [way] if isinstance(way, str) else way
    if not isinstance(steps, list) or not all(type(step) in (str, int) for step in steps):
        refuse("property_names must lead to properties by strings and integers", path)
    absolute = _simplified((*path[:-1], *steps))
    if absolute is None or "[?]" in steps:
        refuse(f"invalid property path: {str(way)[:200]}", path)
    if absolute == path:
        refuse("quantities with a calculation must not directly depend on themselves", path)
    found = _at(root, absolute)
    if found is None:
        refuse(f"invalid property path: {str(way)[:200]}", path)
    if found.get("type") != "quantity":
        refuse("property_name does not belong to a quantity property", path)
    if not _is_fixed(found):
        refuse(
            "quantities with a calculation must only depend on quantities with fixed units", path
        )


def _simplified(path: Path) -> Path | None:
    """Return a path without its steps back; None when they lead out of the schema."""
    left: list[str | int] = []
    for step in path:
        if step != "..":
            left.append(step)
        elif left:
            left.pop()
        else:
            return None
    return tuple(left)


def _at(root: Json, path: Path) -> Json | None:
    """Return the schema at a place; what lies there may not have been checked yet."""
    schema: Any = root
    for step in map(str, path):
        if not isinstance(schema, dict):
            return None
        if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
            schema = schema["properties"].get(step)
        elif schema.get("type") == "array" and (step == "[?]" or _INDEX.fullmatch(step)):
            schema = schema.get("items")
        else:
            return None
    return schema if isinstance(schema, dict) else None


def _is_fixed(schema: Json | None) -> bool:
    units = (schema or {}).get("units")
    return not isinstance(units, list) or len(units) == 1
