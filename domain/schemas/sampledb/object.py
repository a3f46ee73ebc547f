"""object: properties by name, some of them required, some only there under conditions."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from domain.errors import Path
from domain.schemas.sampledb import conditions, recipes, root, templates
from domain.schemas.sampledb.conditions import Holds
from domain.schemas.sampledb.making import BASIC, Kind, Making, refuse, require_names
from domain.schemas.sampledb.reading import Json, Node, Reading

KEYS = BASIC | {
    "properties",
    "required",
    "propertyOrder",
    "default",
    "template",
    "recipes",
    "show_more",
    "workflow_show_more",
    "note",
    "may_copy",
}
_NAME = frozenset(string.ascii_letters + string.digits + "_")


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type, and everything in it. Raises Invalid.

    A template's properties take the place of the schema's own.
    """
    is_template = templates.substitute(schema, path, making)
    making.known(schema, path, also=frozenset({"conditions"}) if path else root.KEYS)
    _check_properties(schema, path, making)
    if is_template:
        making.inside.pop()
    _check_required(schema, path)
    require_names(schema, "propertyOrder", path, what="propertyOrder property")
    if "default" in schema:
        making.default(schema["default"], schema, (*path, "(default)"))
    if not path:
        root.check(schema, making)
    recipes.check(schema, path, making)
    for key in ("show_more", "workflow_show_more"):
        require_names(schema, key, path, what="property", once=False)


def _check_properties(schema: Json, path: Path, making: Making) -> None:
    properties = schema["properties"]
    if not isinstance(properties, dict):
        refuse("properties must be dict", path)
    found: list[tuple[Path, Any]] = []
    for name, inside in properties.items():
        if not _is_name(name, strict=making.strict):
            refuse(f"invalid property name: {name[:200]}", path)
        making.check(inside, (*path, name), found)
    for where, condition in found:
        conditions.check(condition, properties, where)


def _is_name(name: str, *, strict: bool) -> bool:
    if not name or "__" in name:
        return False
    allowed = _NAME.issuperset(name) and name[0] in string.ascii_letters and name[-1] != "_"
    return allowed or not strict


def _check_required(schema: Json, path: Path) -> None:
    require_names(schema, "required", path, what="required property")
    properties, required = schema["properties"], schema.get("required", [])
    hazards = properties.get("hazards")
    if hazards and hazards["type"] == "hazards" and "hazards" not in required:
        refuse("GHS hazards may not be optional", path)
    if path:
        return
    name = properties.get("name")
    if name is None or name["type"] != "text":
        refuse('Schema must include a text property "name"', path)
    if name.get("multiline") or name.get("markdown"):
        refuse("Object name must not be multiline or markdown text", path)
    if "name" not in required:
        refuse('"name" must be a required property for the root object', path)
    if name.get("conditions"):
        refuse("conditional required property: name", path)


class Conditional(Struct, frozen=True):
    """A property that may be there only while something holds; then it may be required."""

    name: str
    holds: Holds
    required: bool


class Object(Node):
    """Reads objects: conditions first, then what is missing, then property by property.

    `closed` ones refuse properties that they do not know; in a lean one only those are known that
    have to be read.
    """

    def __init__(
        self,
        children: dict[str, Node],
        required: Sequence[str],
        conditional: Sequence[Conditional],
        *,
        closed: bool = True,
    ) -> None:
        self.children = children
        self.required = required
        self.conditional = conditional
        self.closed = closed
        self.rules = {}
        self.lean = self
        if not closed:
            return
        self.rules = {
            "type": "object",
            "properties": {name: child.rules for name, child in children.items()},
            "required": list(required),
            "additionalProperties": False,
        }
        read = {name: child.lean for name, child in children.items() if child.lean is not None}
        self.lean = Object(read, (), conditional, closed=False) if read or conditional else None

    def read(self, value: Any, path: Path, reading: Reading) -> None:
        """Read the conditions, what is required, and the properties in the document's order."""
        if type(value) is not dict:
            reading.fault(path, "invalid type")
            return
        for each in self.conditional:
            if each.holds(value):
                if each.required and each.name not in value:
                    self._missing(each.name, path, reading)
            elif each.name in value:
                message = f'conditions for property "{each.name}" not fulfilled'
                reading.fault((*path, each.name), message)
        for name in self.required:
            if name not in value:
                self._missing(name, path, reading)
        children = self.children
        for name, inside in value.items():
            child = children.get(name)
            if child is not None:
                child.read(inside, (*path, name), reading)
            elif self.closed:
                reading.fault((*path, name), f'unknown property "{name[:200]}"')

    def _missing(self, name: str, path: Path, reading: Reading) -> None:
        reading.fault((*path, name), f'missing required property "{name}"')


def build(schema: Json, making: Making) -> Node:
    """Return what reads objects."""
    properties, required = schema["properties"], schema.get("required", [])
    conditional = [
        Conditional(name, conditions.compile_all(inside["conditions"]), name in required)
        for name, inside in properties.items()
        if inside.get("conditions")
    ]
    depending = {each.name for each in conditional}
    return Object(
        {name: making.build(inside) for name, inside in properties.items()},
        [name for name in required if name not in depending],
        conditional,
    )


KIND = Kind(KEYS, check, build, needed=frozenset({"properties"}))
