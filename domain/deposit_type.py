"""Deposit types: what a deposit may say while it is edited, and what when it is published.

A type is an action of the language `cap`; each of its schemas is what an administrator sent, byte
for byte. Source: the CAP specification, "Endpoints", /api/jsonschemas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

import msgspec
import orjson
from msgspec import Raw, Struct

from domain import documents
from domain.errors import Fault, Invalid
from domain.identifiers import stream_of

GENERIC = "generic"  # the type that every service has
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
DRAFT = b'"$schema":"http://json-schema.org/draft-04/schema#"'  # where a schema names none
ANYTHING = Raw(b"{}")
NAME_LENGTH = 100  # characters of a full name


class DepositType(Struct, frozen=True):
    """One version of a type; `deposit` and `record` are JSON Schemas, `config` any object."""

    name: str
    version: str
    fullname: str
    deposit: Raw
    record: Raw
    config: Raw
    is_indexed: bool
    use_deposit_as_record: bool

    @property
    def place(self) -> tuple[int, ...]:
        """Where it stands among the versions of the type."""
        return place(self.version)


def place(version: str) -> tuple[int, ...]:
    """Return where a version stands among others."""
    return tuple(map(int, version.split(".")))


def type_id(name: str) -> UUID:
    """Return the stream of the action of this name."""
    return stream_of("action", f"cap {name}")


def read(raw: bytes) -> DepositType:
    """Return a type that was stored."""
    return of(documents.split(raw))


def of(parts: Mapping[str, Raw]) -> DepositType:
    """Return a type by the members of what was sent. Raises Invalid, naming all that is wrong."""
    faults: list[Fault] = []

    def text(name: str, pattern: re.Pattern[str]) -> str:
        value = orjson.loads(memoryview(parts[name])) if name in parts else None
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        faults.append(Fault((name,), _MISSING if name not in parts else f"Must be {_KINDS[name]}."))
        return ""

    def member(name: str, otherwise: Raw | None) -> Raw:
        value = parts.get(name, otherwise)
        if value is not None and bytes(memoryview(value)[:1]) == b"{":
            return value
        faults.append(Fault((name,), _MISSING if value is None else "Must be an object."))
        return ANYTHING

    def flag(name: str) -> bool:
        value = orjson.loads(memoryview(parts[name])) if name in parts else False
        if not isinstance(value, bool):
            faults.append(Fault((name,), "Must be true or false."))
        return value is True

    name, version = text("name", NAME), text("version", VERSION)
    fullname = text("fullname", _FULLNAME) if "fullname" in parts else name
    deposit = member("deposit_schema", None)
    whole = flag("use_deposit_as_record")
    record = deposit if whole else member("record_schema", ANYTHING)
    found = DepositType(
        name=name,
        version=version,
        fullname=fullname,
        deposit=deposit,
        record=record,
        config=member("config", ANYTHING),
        is_indexed=flag("is_indexed"),
        use_deposit_as_record=whole,
    )
    if faults:
        raise Invalid("The type cannot be made.", tuple(faults))
    return found


def drafted(schema: Raw) -> bytes:
    """Return a JSON Schema that names its draft: draft-04 where it names none."""
    raw = bytes(schema)
    parts = documents.split(raw)
    if "$schema" in parts:
        return raw
    return b"{" + DRAFT + (b"," if parts else b"") + raw.lstrip()[1:]


def metadata(document: Raw) -> Raw:
    """Return a document without the members that begin with _ or $: these are the service's."""
    parts = documents.split(bytes(document))
    if not any(map(_is_reserved, parts)):
        return document
    kept = {name: part for name, part in parts.items() if not _is_reserved(name)}
    return Raw(msgspec.json.encode(kept))


def _is_reserved(name: str) -> bool:
    return name.startswith(("_", "$"))


_MISSING = "Missing data for required field."
_FULLNAME = re.compile(rf"(?s).{{1,{NAME_LENGTH}}}")
_KINDS = {
    "name": "1 to 100 letters, digits, ., - or _, the first a letter or a digit",
    "version": "three numbers, as 1.0.0",
    "fullname": f"a text of 1 to {NAME_LENGTH} characters",
}
