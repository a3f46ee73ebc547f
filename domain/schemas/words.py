"""What is said about a fault: short, and never the whole of a large value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from domain.errors import Fault, Path

LONGEST = 80  # characters shown of one value


def kind(value: Any) -> str:
    """Return the JSON type of a value, with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a number"
        case str():
            return "text"
        case list():
            return "an array"
    return "an object"


def shown(value: Any) -> str:
    """Return a value as JSON; what is large only as what it is."""
    if isinstance(value, str):
        value = value if len(value) <= LONGEST else value[:LONGEST] + "…"
    elif isinstance(value, dict | list) and len(value) > LONGEST // 4:
        return f"{kind(value)} of {len(value):,}"
    text = orjson.dumps(value).decode()
    return text if len(text) <= 2 * LONGEST else kind(value)


def listed(values: list[Any]) -> str:
    """Return the first few values, and how many more there are."""
    more = f" and {len(values) - 10:,} more" if len(values) > 10 else ""
    return ", ".join(shown(value) for value in values[:10]) + more


def pointer(path: Path) -> str:
    """Return a path as a JSON Pointer; the root is said in words."""
    return "".join(f"/{part}" for part in path)[:400] if path else "the whole"


def sentence(faults: tuple[Fault, ...]) -> str:
    """Return the first fault, with its place, and how many follow it."""
    if not faults:
        return "it is refused as a whole."
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"at {pointer(faults[0].path)}: {faults[0].message}{more}"


def _type(rule: Any, value: Any) -> str:
    return f"is {kind(value)}, not {' or '.join(rule if isinstance(rule, list) else [rule])}"


def _required(rule: list[str], value: dict[str, Any]) -> str:
    return f"lacks required properties: {listed([name for name in rule if name not in value])}"


def _measure(relation: str, unit: str) -> Callable[[Any, Any], str]:
    return lambda rule, value: f"has {len(value):,} {unit}, {relation} {rule}"


def _number(relation: str) -> Callable[[Any, Any], str]:
    return lambda rule, value: f"is {shown(value)}, {relation} {rule}"


ALONE: dict[str, Callable[[Any, Any], str]] = {
    "type": _type,
    "enum": lambda rule, value: f"is {shown(value)}, none of {listed(rule)}",
    "const": lambda rule, value: f"is {shown(value)}, not {shown(rule)}",
    "multipleOf": _number("not a multiple of"),
    "maximum": _number("above the maximum"),
    "exclusiveMaximum": _number("not below"),
    "minimum": _number("below the minimum"),
    "exclusiveMinimum": _number("not above"),
    "maxLength": _measure("more than", "characters"),
    "minLength": _measure("fewer than", "characters"),
    "pattern": lambda rule, value: f"is {shown(value)}, not of the pattern {shown(rule)}",
    "maxItems": _measure("more than", "items"),
    "minItems": _measure("fewer than", "items"),
    "uniqueItems": lambda _, value: f"has {len(value):,} items, not all different",
    "maxProperties": _measure("more than", "properties"),
    "minProperties": _measure("fewer than", "properties"),
    "required": _required,
}
"""The keywords that need no subschema, and what is said when a value breaks one."""
