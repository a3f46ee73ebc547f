"""Making a schema: what all types share, and how each type's own checks are found.

The first fault refuses the schema. Strict is the mode for schemas that are being made, lenient the
one for those that are stored. Source: the SampleDB specification, 4.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from msgspec import Struct

from domain.errors import Fault, Invalid, Path
from domain.schemas import patterns as linear
from domain.schemas.sampledb import languages
from domain.schemas.sampledb.patterns import Refused, linearized
from domain.schemas.sampledb.reading import Json, Node, Reading, keys
from domain.schemas.structure import PATTERN_WEIGHT

BASIC = frozenset({"type", "title", "style"})
EXPORTS = frozenset({"dataverse_export", "scicat_export"})
USUAL = BASIC | EXPORTS | {"tooltip", "note", "may_copy", "conditions"}
"""The keys of most types."""

Template = Callable[[int], Json | None]
"""Gives the schema of a template action by its number, or None when there is no such template."""


class Kind(Struct, frozen=True):
    """A type: its schema's keys and those it cannot lack, its own checks, its reader."""

    keys: frozenset[str]
    check: Callable[[Json, Path, Making], None]
    build: Callable[[Json, Making], Node]
    needed: frozenset[str] = frozenset()


class Making:
    """One schema that is being checked and made ready."""

    def __init__(
        self, kinds: Mapping[str, Kind], root: Json, template: Template | None, *, strict: bool
    ) -> None:
        self.kinds = kinds
        self.root = root
        self.template = template
        self.strict = strict
        self.inside: list[int] = []  # the templates that lead to here
        self.substituted = False  # whether a template was put into the schema
        self.patterns: dict[str, str] = {}  # as written → for the linear engine
        self.pattern_weight = 0

    def check(self, schema: Any, path: Path, conditions: list[tuple[Path, Any]] | None) -> None:
        """Pass when a schema may stand at its place; note its conditions for the object around.

        Raises Invalid.
        """
        if not isinstance(schema, dict):
            refuse("invalid schema (must be dict)", path)
        if "type" not in schema:
            refuse("invalid schema (must contain type)", path)
        if not isinstance(schema["type"], str):
            refuse("invalid schema (type must be str)", path)
        if "title" not in schema:
            refuse("invalid schema (must contain title)", path)
        self.text(schema, "title", path, blank=not self.strict)
        self.text(schema, "tooltip", path, blank=False)
        self._style(schema, path)
        self._conditions(schema, path, conditions)
        require(schema, "may_copy", bool, "may_copy must be bool", path)
        if not path and schema["type"] != "object":
            refuse("invalid schema (root must be an object)", path)
        kind = self.kinds.get(schema["type"])
        if kind is None:
            refuse("invalid type", path)
        kind.check(schema, path, self)

    def known(self, schema: Json, path: Path, *, also: frozenset[str] = frozenset()) -> None:
        """Pass when a schema has its type's keys and no others, and what is common is right."""
        kind = self.kinds[schema["type"]]
        if unknown := schema.keys() - kind.keys - also:
            refuse(f"unexpected keys in schema: {keys(unknown)}", path)
        if missing := kind.needed - schema.keys():
            refuse(f"missing keys in schema: {keys(missing)}", path)
        for key in sorted(EXPORTS):
            require(schema, key, bool, f"{key} must be True or False", path)
            if path == ("name",) and schema.get(key) is False:
                refuse(f"{key} must be True for the object name", path)
        self.text(schema, "note", path, blank=not self.strict)

    def text(self, schema: Json, key: str, path: Path, *, blank: bool = True) -> None:
        """Pass when a text is absent, str, or a map with en and known languages alone."""
        if key not in schema:
            return
        text = schema[key]
        if not isinstance(text, str | dict):
            refuse(f"{key} must be str or dict", path)
        if isinstance(text, dict):
            if "en" not in text:
                refuse(f"{key} must include an english translation", path)
            if not text.keys() <= languages.NAMES.keys():
                refuse(f"{key} must only contain known languages", path)
        for each in text.values() if isinstance(text, dict) else (text,):
            if not isinstance(each, str):
                refuse(f"{key} must only contain text", path)
            if not blank and not each:
                refuse(f"{key} must not be empty", path)
            if not blank and each.isspace():
                refuse(f"{key} must not be whitespace only", path)

    def pattern(self, pattern: str, path: Path) -> None:
        """Pass when a pattern can be run in linear time. Raises Invalid."""
        if pattern in self.patterns:
            return
        self.pattern_weight += linear.weigh(pattern)
        if self.pattern_weight > PATTERN_WEIGHT:
            refuse("the patterns of the schema are too large together", path)
        try:
            self.patterns[pattern] = linearized(pattern)
        except Refused as error:
            refuse(str(error), path)

    def build(self, schema: Json) -> Node:
        """Return what reads the values of a schema that was checked."""
        return self.kinds[schema["type"]].build(schema, self)

    def default(self, value: Any, schema: Json, path: Path) -> None:
        """Pass when a value satisfies a schema that was checked; what it refers to is not asked."""
        reading = Reading()
        self.build(schema).read(value, path, reading)
        for finding in reading.findings:
            if isinstance(finding, Fault):
                refuse(finding.message, finding.path)

    def _style(self, schema: Json, path: Path) -> None:
        style = schema.get("style", "")
        if isinstance(style, str):
            return
        texts = style.values() if isinstance(style, dict) else (0,)
        if not all(text is None or isinstance(text, str) for text in texts):
            refuse(
                "style must be a string or a dict of string keys and string or null values", path
            )

    def _conditions(
        self, schema: Json, path: Path, conditions: list[tuple[Path, Any]] | None
    ) -> None:
        if "conditions" not in schema:
            return
        if conditions is None:
            refuse("only schemas with an object parent may contain conditions", path)
        if not isinstance(schema["conditions"], list):
            refuse("conditions must be a list", path)
        for place, condition in enumerate(schema["conditions"]):
            conditions.append(((*path, place), condition))


def refuse(message: str, path: Path) -> NoReturn:
    """Refuse a schema. Raises Invalid."""
    raise Invalid(message, (Fault(path, message),))


def require(
    schema: Json, key: str, type_: type | tuple[type, ...], message: str, path: Path
) -> None:
    """Pass when a member is absent or of a Python type. Raises Invalid."""
    if key in schema and not isinstance(schema[key], type_):
        refuse(message, path)


def require_names(schema: Json, key: str, path: Path, *, what: str, once: bool = True) -> None:
    """Pass when a list is absent or names properties, each once. Raises Invalid."""
    names = schema.get(key, [])
    if not isinstance(names, list):
        refuse(f"{key} must be list", path)
    seen: set[str] = set()
    for name in names:
        if not isinstance(name, str) or name not in schema["properties"]:
            refuse(f"unknown {what}: {str(name)[:200]}", path)
        if once and name in seen:
            refuse(f"duplicate {what}: {name}", path)
        seen.add(name)


def is_int(value: Any) -> bool:
    """Whether a value is an integer and no bool."""
    return type(value) is int
