"""What OpenAPI says of CAP's bodies and queries."""

from __future__ import annotations

from typing import Any

from api.cap.parse import SORTS
from api.shapes import anything
from domain.deposit_type import NAME
from domain.deposit_type import VERSION as VERSION_OF_TYPE

BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
NOT_READ: dict[str, Any] = {"description": "anything: it is not read"}
NOTHING: dict[str, Any] = {"type": "object", "maxProperties": 0}
METADATA: dict[str, Any] = anything("metadata, as the schema of the type has it")
NEW: dict[str, Any] = {
    **anything("metadata, with the type as $ana_type or $schema"),
    "properties": {"$ana_type": {"type": "string"}, "$schema": {"type": "string"}},
    "anyOf": [
        {"type": "object", "required": ["$ana_type"]},
        {"type": "object", "required": ["$schema"]},
    ],
}
PATCH: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": ["add", "copy", "move", "remove", "replace", "test"]},
            "path": {"type": "string", "description": "a JSON pointer"},
            "from": {"type": "string", "description": "a JSON pointer, of copy and move"},
            "value": {"description": "any JSON, of add, replace and test"},
        },
    },
}
PERMISSIONS: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["email", "type", "op", "action"],
        "properties": {
            "email": {"type": "string"},
            "type": {"type": "string", "enum": ["user", "egroup"]},
            "op": {"type": "string", "enum": ["add", "remove"]},
            "action": {
                "type": "string",
                "enum": ["deposit-read", "deposit-update", "deposit-admin"],
            },
        },
    },
}
_VERSION: dict[str, Any] = {
    "type": "string",
    "pattern": f"^{VERSION_OF_TYPE.pattern}$",
    "description": "three numbers, as 1.0.0",
}
TYPE: dict[str, Any] = {
    "type": "object",
    "required": ["name", "version", "deposit_schema"],
    "properties": {
        "name": {"type": "string", "pattern": f"^{NAME.pattern}$"},
        "version": _VERSION,
        "fullname": {"type": "string"},
        "is_indexed": {"type": "boolean"},
        "use_deposit_as_record": {"type": "boolean"},
        "deposit_schema": anything("a JSON Schema"),
        "record_schema": anything("a JSON Schema"),
        "config": anything("how forms show it"),
    },
}
RESOLVE = {"resolve": "True: accepted; references lie within the schema as it is"}
LIST: dict[str, Any] = {
    "page": {"type": "integer", "minimum": 1, "description": "which page"},
    "size": {"type": "integer", "minimum": 1, "maximum": 100, "description": "hits; else 10"},
    "sort": {"enum": [*SORTS], "description": "the last changed first, or the best match"},
    "q": "a query in Lucene's syntax: words, or fields as basic_info.title:tin",
    "type": "the name of a type",
    "by_me": "True: one's own alone",
}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1}
PARTS: dict[str, Any] = {
    "depid": {**_NAME, "description": "the id of a deposit"},
    "bucket": {**_NAME, "format": "uuid", "description": "of a deposit, as its links have it"},
    "key": {**_NAME, "description": "the name of a file"},
    "name": {**_NAME, "description": "the name of a type"},
    "version": _VERSION,
}
VERSION = {"versionId": "the version_id of a file's bytes, also of earlier ones"}
