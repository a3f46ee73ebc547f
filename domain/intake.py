"""The members of a request's JSON object, and documents among them, however large.

What is small is read here and now; what is large is checked in the helper process and stays bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import orjson
from msgspec import Struct

from domain import deposit_type, documents, heavy, metadata, schemas
from domain.action import SchemaLanguage
from domain.draft import Loaded
from domain.errors import Fault, Invalid, TooLarge
from domain.schemas import rdm, sampledb
from domain.values import Body

TEMPLATES = 100  # that one schema may lead to
UNREAD: Final = object()  # the value of a document too large to be read in this process


class Document(Struct, frozen=True):
    """A JSON value as exact bytes, and what they spell, or UNREAD."""

    raw: Body
    value: Any

    @property
    def is_object(self) -> bool:
        """Whether it is a JSON object."""
        return bytes(memoryview(self.raw)[:1]) == b"{"

    @property
    def text(self) -> str | None:
        """The text that it is, however long; None when it is none."""
        value = self.value
        if value is UNREAD and bytes(memoryview(self.raw)[:1]) == b'"':
            value = orjson.loads(memoryview(self.raw))
        return value if isinstance(value, str) else None


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


def document(raw: bytes) -> Document:
    """Return a JSON value that is known to be one."""
    return Document(Body(raw), UNREAD if len(raw) > heavy.LIGHT else orjson.loads(raw))


def check(raw: bytes, max_depth: int) -> None:
    """Pass when the bytes are JSON that documents.read accepts. Raises Invalid."""
    documents.read(raw, max_depth=max_depth)


class World(sampledb.World, rdm.Vocabulary, Protocol):
    """What exists beside a document, whatever its language."""


class Validator:
    """One version of an action's schema, ready to be asked."""

    def __init__(self, schema: bytes, language: SchemaLanguage) -> None:
        self.schema = schema
        self.language = language
        self.drafts: Validator | None = None  # of what is not published yet
        if language == "cap":
            found = deposit_type.read(schema)
            self.drafts = Validator(deposit_type.drafted(found.deposit), "json-schema")
            self.schema = schema = deposit_type.drafted(found.record)
            self.language = language = "json-schema"
        light = len(schema) <= heavy.LIGHT
        self.plain = schemas.compile(schema) if light and language == "json-schema" else None
        self.completing = sampledb.compile(schema) if light and language == "sampledb" else None

    def accept(self, document: Document, world: World) -> Body:
        """Return a document as it is to be stored: completed, where the language does that.

        Raises Invalid with its faults when it does not satisfy the schema, TooLarge.
        """
        if self.language == "sampledb":
            accepted = self._accepted(document)
            accepted.settle(world)
            return document.raw if accepted.raw is None else Body(accepted.raw)
        if self.language == "inveniordm":
            return _strict(document, world)
        if self.plain is None or _is_heavy(document, self.plain.weight):
            heavy.call(validate, self.schema, bytes(document.raw))
        else:
            self.plain.validate(document.value)
        return document.raw

    def _accepted(self, document: Document) -> sampledb.Accepted:
        if self.completing is None or _is_heavy(document, self.completing.weight):
            return heavy.call(accept, self.schema, bytes(document.raw))
        return self.completing.accept(document.value, document.raw)


def read_metadata(sent: Document | None, vocabulary: rdm.Vocabulary) -> Loaded:
    """Read InvenioRDM's metadata, None: there is none; nothing is refused. Raises TooLarge."""
    if sent is not None and sent.value is UNREAD:
        return metadata.load_large(bytes(sent.raw), vocabulary)
    return metadata.load(None if sent is None else sent.value, vocabulary)


def _strict(document: Document, vocabulary: rdm.Vocabulary) -> Body:
    """Return a whole document of InvenioRDM's as it is stored. Raises Invalid."""
    parts = members(bytes(document.raw))
    loaded = read_metadata(parts.pop(metadata.MEMBER, None), vocabulary)
    faults = loaded.faults + tuple(Fault((name,), "Unknown field.") for name in parts)
    if faults:
        raise Invalid("The document is not a complete and valid record.", faults)
    return loaded.document


def _is_heavy(document: Document, weight: int) -> bool:
    size = len(document.raw)
    return size > heavy.LIGHT or weight * size > heavy.HEAVY


def validate(schema: bytes, raw: bytes) -> None:
    """Pass when bytes satisfy a JSON Schema. Raises Invalid with faults."""
    schemas.compile(schema, limit=len(schema)).validate(orjson.loads(raw))


def accept(schema: bytes, raw: bytes) -> sampledb.Accepted:
    """Return what a schema of SampleDB's language says of bytes."""
    return sampledb.compile(schema).accept(orjson.loads(raw), raw)


def checked_schema(
    schema: bytes,
    language: SchemaLanguage,
    limit: int,
    template: Callable[[int], bytes | None] = lambda _number: None,
    number: int | None = None,
) -> bytes:
    """Return a schema as it becomes that of the action with this number, its templates in it.

    `template` gives a template's schema by its number. Raises TooLarge past `limit` bytes, Invalid.
    """
    if len(schema) > limit:
        raise TooLarge(f"The schema has {len(schema):,} bytes; the limit is {limit:,}.", limit)
    if language == "json-schema":
        _by_size(len(schema))(check_json_schema, schema)
        return schema
    found: dict[int, bytes] = {}
    asked: set[int] = set()
    reading = [schema]
    while reading:
        raw = reading.pop()
        if b'"template"' not in raw:
            continue
        for each in _by_size(len(raw))(sampledb.named, raw) - asked:
            asked.add(each)
            held = template(each) if len(asked) <= TEMPLATES else None
            if held is not None:
                found[each] = held
                reading.append(held)
    size = len(schema) + sum(map(len, found.values()))
    checked: bytes = _by_size(size)(sampledb.check, schema, found, number)
    return checked


def _by_size(size: int) -> Callable[..., Any]:
    """Return what calls a function on so many bytes: here, or in the helper process."""
    return heavy.call if size > heavy.LIGHT else _here


def _here(function: Callable[..., Any], *args: Any) -> Any:
    return function(*args)


def check_json_schema(schema: bytes) -> None:
    """Pass when a JSON Schema compiles. Raises Invalid."""
    schemas.compile(schema, limit=len(schema))
