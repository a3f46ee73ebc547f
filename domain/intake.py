"""The members of a request's JSON object, and documents among them, however large.

What is small is read here and now; what is large is checked in the helper process and stays bytes.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from msgspec import Struct

from domain import documents, heavy, schemas
from domain.errors import Invalid, TooLarge
from domain.values import Body

UNREAD: Final = object()  # the value of a document too large to be read in this process


class Document(Struct, frozen=True):
    """A JSON value as exact bytes, and what they spell, or UNREAD."""

    raw: Body
    value: Any

    @property
    def is_object(self) -> bool:
        """Whether it is a JSON object."""
        return bytes(memoryview(self.raw)[:1]) == b"{"


def members(raw: bytes, max_depth: int = documents.MAX_DEPTH) -> dict[str, Document]:
    """Return the members of a JSON object. Raises Invalid for anything that documents.read does."""
    if len(raw) <= heavy.LIGHT:
        value = documents.read(raw, max_depth=max_depth)
        if not isinstance(value, dict):
            raise Invalid("The body must be a JSON object.")
        return {key: Document(part, value[key]) for key, part in documents.split(raw).items()}
    heavy.call(check, raw, max_depth)
    return {
        key: Document(part, UNREAD if len(part) > heavy.LIGHT else orjson.loads(memoryview(part)))
        for key, part in documents.split(raw).items()
    }


def check(raw: bytes, max_depth: int) -> None:
    """Pass when the bytes are JSON that documents.read accepts. Raises Invalid."""
    documents.read(raw, max_depth=max_depth)


class Validator:
    """One version of an action's schema, ready to be asked."""

    def __init__(self, schema: bytes) -> None:
        self.schema = schema
        self.compiled = schemas.compile(schema) if len(schema) <= heavy.LIGHT else None

    def validate(self, document: Document) -> None:
        """Pass when a document satisfies the schema. Raises Invalid with its faults."""
        compiled, size = self.compiled, len(document.raw)
        if compiled is None or size > heavy.LIGHT or compiled.weight * size > heavy.HEAVY:
            heavy.call(validate, self.schema, bytes(document.raw))
        else:
            compiled.validate(document.value)


def validate(schema: bytes, raw: bytes) -> None:
    """Pass when bytes satisfy a schema. Raises Invalid with faults."""
    schemas.compile(schema, limit=len(schema)).validate(orjson.loads(raw))


def require_schema(schema: bytes, limit: int) -> None:
    """Pass when bytes can be an action's schema. Raises TooLarge past `limit` bytes, Invalid."""
    if len(schema) > limit:
        raise TooLarge(f"The schema has {len(schema):,} bytes; the limit is {limit:,}.", limit)
    if len(schema) > heavy.LIGHT:
        heavy.call(compile_only, schema)
    else:
        schemas.compile(schema)


def compile_only(schema: bytes) -> None:
    """Pass when a schema compiles. Raises Invalid."""
    schemas.compile(schema, limit=len(schema))
