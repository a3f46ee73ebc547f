"""array: a list of values of one schema."""

from __future__ import annotations

import math
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import BASIC, Kind, Making, refuse
from domain.schemas.sampledb.reading import Json, Node, Reading

KEYS = BASIC | {
    "tooltip",
    "note",
    "may_copy",
    "conditions",
    "items",
    "minItems",
    "maxItems",
    "defaultItems",
    "default",
}
_COUNTS = ("minItems", "defaultItems", "maxItems")


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type. Raises Invalid."""
    making.known(schema, path)
    for key in _COUNTS:
        if key in schema and not isinstance(schema[key], int):
            refuse(f"{key} must be an integer", path)
        if schema.get(key, 0) < 0:
            refuse(f"{key} must not be negative", path)
    counted = [key for key in _COUNTS if key in schema]
    for index, key in enumerate(counted):
        for other in counted[index + 1 :]:
            if schema[key] > schema[other]:
                refuse(f"{key} must be less than or equal to {other}", path)
    making.check(schema["items"], (*path, "[?]"), None)
    if "default" in schema:
        if "defaultItems" in schema:
            refuse("default and defaultItems are mutually exclusive", path)
        making.default(schema["default"], schema, (*path, "(default)"))


class Array(Node):
    """Reads lists."""

    def __init__(self, items: Node, least: int, most: float) -> None:
        self.items = items
        self.least = least
        self.most = most
        self.rules = {"type": "array", "items": items.rules, "minItems": int(least)}
        if most < math.inf:
            self.rules["maxItems"] = int(most)
        self.lean = None
        if items.lean is items:
            self.lean = self
        elif items.lean is not None:
            self.lean = Array(items.lean, least, most)

    def read(self, value: Any, path: Path, reading: Reading) -> None:
        """Read how many items there are, then each."""
        if type(value) is not list:
            reading.fault(path, "invalid type")
        elif len(value) < self.least:
            reading.fault(path, f"expected at least {self.least} items")
        elif len(value) > self.most:
            reading.fault(path, f"expected at most {self.most} items")
        else:
            read = self.items.read
            for place, item in enumerate(value):
                read(item, (*path, place), reading)


def build(schema: Json, making: Making) -> Node:
    """Return what reads lists."""
    return Array(
        making.build(schema["items"]), schema.get("minItems", 0), schema.get("maxItems", math.inf)
    )


KIND = Kind(KEYS, check, build, needed=frozenset({"items"}))
