"""How a Struct's fields stand in a table's columns.

What PostgreSQL has a type for is stored in it; everything else (grants, members, access) as
jsonb. The Struct's annotations are the only statement of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

S = TypeVar("S", bound=Struct)

SQL_TYPES: dict[Any, str] = {
    UUID: "uuid",
    str: "text",
    int: "bigint",
    bool: "boolean",
    bytes: "bytea",
    Raw: "bytea",
    datetime: "timestamptz",
}


class Jsonb:
    """A document as text that is kept as jsonb; equal to another when they hold the same value."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jsonb):
            return NotImplemented
        return self.raw == other.raw or self._value() == other._value()

    __hash__ = None  # type: ignore[assignment]

    def _value(self) -> Any:
        return json.loads(self.raw, parse_int=_number, parse_float=_number)


def _number(text: str) -> tuple[Decimal]:
    """Return a number as PostgreSQL compares it, and so that it does not equal True."""
    return (Decimal(text),)


@dataclass(frozen=True, slots=True)
class Column:
    """A field and its column; `dump` and `load` are None where psycopg knows the way."""

    name: str
    sql_type: str
    dump: Callable[[Any], Any] | None
    load: Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Columns(Generic[S]):
    """All columns of a Struct, in the order of its fields."""

    kind: type[S]
    all: tuple[Column, ...]
    dumped: tuple[tuple[int, Callable[[Any], Any]], ...]
    loaded: tuple[tuple[int, Callable[[Any], Any]], ...]

    @property
    def names(self) -> str:
        """The columns, as a statement lists them."""
        return ", ".join(each.name for each in self.all)

    def dump(self, row: S) -> list[Any]:
        """Return the values of a row as psycopg takes them."""
        values = list(msgspec.structs.astuple(row))
        for at, convert in self.dumped:
            if values[at] is not None:
                values[at] = convert(values[at])
        return values

    def load(self, values: tuple[Any, ...]) -> S:
        """Return the row that psycopg read. jsonb comes as bytes (projections/database.py)."""
        if not self.loaded:
            return self.kind(*values)
        mutable = list(values)
        for at, convert in self.loaded:
            if mutable[at] is not None:
                mutable[at] = convert(mutable[at])
        return self.kind(*mutable)


def _bare(annotation: Any) -> Any:
    """Return an annotation without None, and a Literal of texts as str."""
    if get_origin(annotation) in (Union, UnionType):
        left = [each for each in get_args(annotation) if each is not NoneType]
        annotation = left[0] if len(left) == 1 else annotation
    if get_origin(annotation) is Literal:
        return str
    return annotation


def _column(name: str, annotation: Any) -> Column:
    bare = _bare(annotation)
    if bare is Jsonb:
        return Column(name, "jsonb", _text, Jsonb)
    sql_type = SQL_TYPES.get(bare)
    if sql_type is None:
        decoder = msgspec.json.Decoder(bare)
        return Column(name, "jsonb", _to_json, decoder.decode)
    if bare is Raw:
        return Column(name, sql_type, bytes, Raw)
    return Column(name, sql_type, None, None)


def _text(document: Jsonb) -> str:
    return document.raw.decode()


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@cache
def columns_of(kind: type[S]) -> Columns[S]:
    """Return the columns of a Struct."""
    hints = get_type_hints(kind)
    found = tuple(_column(name, hints[name]) for name in kind.__struct_fields__)
    return Columns(
        kind,
        found,
        tuple((at, each.dump) for at, each in enumerate(found) if each.dump),
        tuple((at, each.load) for at, each in enumerate(found) if each.load),
    )
