"""JSON Schemas of what is answered, in few words. A title is its name in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

ANY: dict[str, Any] = {"description": "any JSON"}
BOOLEAN: dict[str, Any] = {"type": "boolean"}
INTEGER: dict[str, Any] = {"type": "integer"}
OBJECT: dict[str, Any] = {"type": "object"}
TEXT: dict[str, Any] = {"type": "string"}
NULL: dict[str, Any] = {"type": "null"}
TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}


def number(about: str, least: int = 0, most: int = 10**9 - 1) -> dict[str, Any]:
    """Return the schema of a number in a query, as api.query.number reads it."""
    return {"type": "integer", "minimum": least, "maximum": most, "description": about}


def anything(about: str) -> dict[str, Any]:
    """Return the schema of an object whose members are somebody's own affair."""
    return {"type": "object", "additionalProperties": True, "description": about}


def array(of: Schema) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": of}


def maybe(schema: Schema) -> dict[str, Any]:
    """Return the schema of what may be null."""
    return {"anyOf": [schema, NULL]}


def told(title: str, members: Schema, /, **sometimes: Schema) -> dict[str, Any]:
    """Return the schema of an object that has some members always and others sometimes."""
    return {
        "title": title,
        "type": "object",
        "required": list(members),
        "properties": {**members, **sometimes},
    }
