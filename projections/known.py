"""What the service itself knows of a record, asked for in a condition. Its SQL is in known.sql."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from projections import sql
from projections.conditions import IsKnown, Known, KnownMatch

Type = Literal["text", "number", "instant", "bool"]

TYPES: dict[Known, Type] = {
    "id": "text",
    "parent.id": "text",
    "parent.access.owned_by.user": "number",
    "created": "instant",
    "updated": "instant",
    "is_published": "bool",
    "is_draft": "bool",
    "versions.index": "number",
    "versions.is_latest": "bool",
    "access.record": "text",
    "access.files": "text",
    "access.status": "text",
    "access.embargo.active": "bool",
    "files.enabled": "bool",
    "files.count": "number",
    "files.total_bytes": "number",
}

_TEXTS = sql.load("known")
SQL = {
    name: text.replace("{lifted}", _TEXTS["lifted"]).replace("{with_files}", _TEXTS["with_files"])
    for name, text in _TEXTS.items()
}
_CASTS = {str: "text", Decimal: "numeric", datetime: "timestamptz", bool: "boolean"}


def found(node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str:
    """Return the SQL of a condition on what is known of the row r of records; never NULL."""
    known = SQL[node.known.replace(".", "_")]
    if isinstance(node, KnownMatch):
        return f"coalesce({known} ~ {param(node.pattern)}::text, false)"
    operator = {"==": "=", "!=": "<>"}.get(node.comparison, node.comparison)
    cast = _CASTS[type(node.value)]
    return f"coalesce(({known}) {operator} {param(node.value)}::{cast}, false)"


def records(node: IsKnown, param: Callable[[Any], str]) -> str | None:
    """Return the statement that gives the records which it holds of by an index, if one does."""
    if node.comparison != "==" or node.known not in ("id", "parent.id"):
        return None
    return SQL[f"by_{node.known.replace('.', '_')}"].replace("{wanted}", param(node.value))
