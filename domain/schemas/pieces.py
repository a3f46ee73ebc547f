"""jsonschema-rs's verdict on the pieces of one schema, each compiled when it is first asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import jsonschema_rs

from domain.schemas import patterns
from domain.schemas.drafts import Schema
from domain.schemas.structure import Structure

OPTIONS: dict[str, Any] = {
    "pattern_options": patterns.ENGINE,
    "offline": True,
    "validate_formats": False,
}
_KEPT = 1_000_000  # JSON values, references written out, in the pieces that are kept
_BASE = "urn:muniment:schema"


class Pieces:
    """The pieces of a schema. `sizes` has how many JSON values each subschema unfolds to."""

    def __init__(self, structure: Structure, sizes: dict[int, int]) -> None:
        self.structure = structure
        self._sizes = sizes
        self._registry = jsonschema_rs.Registry([(_BASE, structure.root)])
        self._kept: dict[Any, jsonschema_rs.Validator] = {}
        self._kept_size = 0

    def cost(self, schema: Schema) -> int:
        """Return what asking for a subschema's verdict costs beyond the verdict, about in µs."""
        if isinstance(schema, bool) or id(schema) in self._kept:
            return 0
        return self._sizes[id(schema)]

    def accepts(self, schema: Schema, value: Any) -> bool:
        """Give the verdict of a subschema, in its place in the schema."""
        if isinstance(schema, bool):
            return schema
        known = self._kept.get(id(schema))
        if known is None:
            parts = (str(part) for part in self.structure.paths[id(schema)])
            escaped = (part.replace("~", "~0").replace("/", "~1") for part in parts)
            reference = f"{_BASE}#" + "".join(f"/{quote(part, safe='~')}" for part in escaped)
            known = self._compile({"$ref": reference}, registry=self._registry)
            self._keep(id(schema), known, self._sizes[id(schema)])
        return known.is_valid(value)

    def alone(self, schema: dict[str, Any], keyword: str, value: Any) -> bool:
        """Give the verdict of one keyword that needs no subschema."""
        key = (id(schema), keyword)
        known = self._kept.get(key)
        if known is None:
            flags = keyword.startswith("exclusive") and isinstance(schema[keyword], bool)  # draft 4
            rules = {} if flags else {keyword: schema[keyword]}
            exclusive = {"maximum": "exclusiveMaximum", "minimum": "exclusiveMinimum"}.get(keyword)
            if exclusive and isinstance(schema.get(exclusive), bool):
                rules[exclusive] = schema[exclusive]
            known = self._compile(rules)
            self._keep(key, known, 1)
        return known.is_valid(value)

    def matches(self, pattern: str, name: str) -> bool:
        """Say whether a name is of a pattern."""
        known = self._kept.get(pattern)
        if known is None:
            known = self._compile({"pattern": pattern})
            self._keep(pattern, known, patterns.weigh(pattern))
        return known.is_valid(name)

    def _compile(self, schema: dict[str, Any], **more: Any) -> jsonschema_rs.Validator:
        return self.structure.draft.decider(schema, **OPTIONS, **more)

    def _keep(self, key: Any, piece: jsonschema_rs.Validator, size: int) -> None:
        if self._kept_size > _KEPT:
            self._kept, self._kept_size = {}, 0
        self._kept[key] = piece
        self._kept_size += size
