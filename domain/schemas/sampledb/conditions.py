"""Conditions: whether a property may be there, by what its siblings say.

Source: the SampleDB specification, 4.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import refuse
from domain.schemas.sampledb.reading import Json

Holds = Callable[[Json], bool]

# Of a condition on one property: the key that says what it equals, the types the property may
# have, how that is said when it has another, and what the value must be.
_EQUALS: dict[str, tuple[str, frozenset[str], str]] = {
    "choice_equals": ("choice", frozenset({"text"}), "unknown choice"),
    "user_equals": (
        "user_id",
        frozenset({"user"}),
        "property_name does not belong to a user property",
    ),
    "bool_equals": (
        "value",
        frozenset({"bool"}),
        "property_name does not belong to a bool property",
    ),
    "object_equals": (
        "object_id",
        frozenset({"object_reference", "sample", "measurement"}),
        "property_name does not belong to a object_reference, sample or measurement property",
    ),
}


def check(condition: Any, properties: Json, path: Path) -> None:
    """Pass when a condition is one on the properties beside it. Raises Invalid."""
    if not isinstance(condition, dict) or not isinstance(condition.get("type"), str):
        refuse("condition must be a dict containing the key type", path)
    kind = condition["type"]
    if kind in _EQUALS:
        _check_equals(condition, properties, path)
    elif kind in ("any", "all"):
        _require_keys(condition, {"type", "conditions"}, "type and conditions", path)
        if not isinstance(condition["conditions"], list):
            refuse("conditions must be list", path)
        for place, each in enumerate(condition["conditions"]):
            check(each, properties, (*path, place))
    elif kind == "not":
        _require_keys(condition, {"type", "condition"}, "type and condition", path)
        check(condition["condition"], properties, (*path, "condition"))
    else:
        refuse("unknown condition type", path)


def _check_equals(condition: Json, properties: Json, path: Path) -> None:
    key, types, message = _EQUALS[condition["type"]]
    _require_keys(condition, {"type", "property_name", key}, f"type, property_name and {key}", path)
    name, wanted = condition["property_name"], condition[key]
    if not isinstance(name, str) or name not in properties:
        refuse("unknown property_name", path)
    if properties[name]["type"] not in types:
        refuse(message, path)
    if key == "choice":
        if wanted is not None and wanted not in properties[name].get("choices", []):
            refuse("unknown choice", path)
    elif key == "value":
        if not isinstance(wanted, bool):
            refuse("value must be boolean", path)
    elif wanted is not None and not isinstance(wanted, int):
        refuse(f"{key} must be integer or None", path)


def _require_keys(condition: Json, wanted: set[str], said: str, path: Path) -> None:
    if condition.keys() != wanted:
        refuse(f"expected {said} in condition", path)


def compile_all(conditions: list[Json]) -> Holds:
    """Return what says of an object whether all conditions hold in it."""
    return _all([_compile(each) for each in conditions])


def _compile(condition: Json) -> Holds:
    match condition["type"]:
        case "any":
            inside = [_compile(each) for each in condition["conditions"]]
            return lambda instance: any(holds(instance) for holds in inside)
        case "all":
            return _all([_compile(each) for each in condition["conditions"]])
        case "not":
            negated = _compile(condition["condition"])
            return lambda instance: not negated(instance)
    return _equals(condition)


def _all(inside: list[Holds]) -> Holds:
    if len(inside) == 1:
        return inside[0]
    return lambda instance: all(holds(instance) for holds in inside)


def _equals(condition: Json) -> Holds:
    key = _EQUALS[condition["type"]][0]
    name, wanted = condition["property_name"], condition[key]
    if wanted is None:
        return lambda instance: name not in instance
    if key == "choice":
        wanted = plain(wanted)

        def chosen(instance: Json) -> bool:
            value = instance.get(name)
            return isinstance(value, dict) and "text" in value and plain(value["text"]) == wanted

        return chosen

    def equal(instance: Json) -> bool:
        value = instance.get(name)
        return isinstance(value, dict) and value.get(key) == wanted

    return equal


def plain(text: Any) -> Any:
    """Return a text in the form that it shares with its only, English translation."""
    return text["en"] if isinstance(text, dict) and text.keys() == {"en"} else text
