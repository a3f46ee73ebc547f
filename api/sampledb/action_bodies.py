"""Bodies of POST /actions/ and POST /actions/A. Source: the specification, 1 and 2."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec import Struct

from domain.errors import Invalid
from domain.intake import Document, members

KEYS = frozenset({"name", "description", "type", "schema", "schema_language", "instrument_id"})
CHANGED = frozenset({"name", "description", "is_hidden", "schema"})


class NewAction(Struct, frozen=True):
    """A body of POST /actions/; `instrument` is a number."""

    name: str
    description: str
    type: str
    schema: bytes
    schema_language: str
    instrument: int | None


class Changed(Struct, frozen=True):
    """What POST /actions/A changes; None: as it is."""

    name: str | None
    description: str | None
    hidden: bool | None
    schema: bytes | None


def new_action(body: bytes, depth: int) -> NewAction:
    """Return what POST /actions/ asks for. Raises Invalid naming the key that is wrong."""
    found = members(body, depth)
    _refuse_unknown(found, KEYS)
    texts = {"description": "", "schema_language": "sampledb"} | {
        key: member.value for key, member in found.items() if key != "schema"
    }
    for key in ("name", "description", "type", "schema_language"):
        if not isinstance(texts.get(key), str):
            raise Invalid(f"{key} must be a text")
    instrument = texts.get("instrument_id")
    if instrument is not None and type(instrument) is not int:
        raise Invalid("instrument_id must be an integer or null")
    if "schema" not in found:
        raise Invalid("schema must be a JSON object")
    return NewAction(
        texts["name"],
        texts["description"],
        texts["type"],
        _schema(found["schema"]),
        texts["schema_language"],
        instrument,
    )


def changed(body: bytes, depth: int, now: dict[str, Any]) -> Changed:
    """Return what POST /actions/A changes of an action that is shown as `now`.

    Raises Invalid naming the key that is wrong: one that is not to be changed must be as it is.
    """
    found = members(body, depth)
    _refuse_unknown(found, now.keys() | CHANGED)
    for key in found.keys() - CHANGED:
        value = found[key].value
        if type(value) is not type(now[key]) or value != now[key]:
            raise Invalid(f"{key} must be {orjson.dumps(now[key]).decode()}")
    given = {key: member.value for key, member in found.items()}
    if not isinstance(given.get("name", ""), str):
        raise Invalid("name must be a text")
    if not isinstance(given.get("description", "") or "", str):
        raise Invalid("description must be a text or null")
    if not isinstance(given.get("is_hidden", False), bool):
        raise Invalid("is_hidden must be a bool")
    return Changed(
        given.get("name"),
        (given["description"] or "") if "description" in given else None,
        given.get("is_hidden"),
        _schema(found["schema"]) if "schema" in found else None,
    )


def _refuse_unknown(found: dict[str, Document], known: frozenset[str] | set[str]) -> None:
    for key in found:
        if key not in known:
            raise Invalid(f"invalid key '{key}'")


def _schema(document: Document) -> bytes:
    if not document.is_object:
        raise Invalid("schema must be a JSON object")
    return bytes(document.raw)
