"""What the service itself knows of a record, asked for in a condition. Its SQL is in known.sql."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from projections import communities, sql
from projections.conditions import IsKnown, Known, KnownMatch

Type = Literal["text", "number", "instant", "bool"]

TYPES: dict[Known, Type] = {
    "id": "text",
    "parent.id": "text",
    "parent.communities.ids": "text",
    "parent.communities.slugs": "text",
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
    "deposit_type": "text",
}

SEVERAL: frozenset[Known] = frozenset({"parent.communities.ids", "parent.communities.slugs"})
"""Of these a record has any number."""

_SEARCH = sql.load("search")
SQL = sql.parts(
    sql.load("known"),
    granted=_SEARCH["granted"].replace("{r}", "r"),
    files_open=_SEARCH["files_open"],
    visible=communities.visible("= ANY(%(principals)s::uuid[])"),
)
_CASTS = {str: "text", Decimal: "numeric", datetime: "timestamptz", bool: "boolean"}


def found(node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str:
    """Return the SQL of a condition on what is known of the row r of records; never NULL."""
    if node.known in SEVERAL:
        return f"coalesce(r.family IN ({families(node, param)}), false)"
    known = SQL[node.known.replace(".", "_")]
    return f"coalesce({_compared(known, node, param)}, false)"


def families(node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str:
    """Return the statement that gives the families in communities which it holds of.

    They are communities that the asker may see.
    """
    asked = _compared("g.slug", node, param)
    if node.known == "parent.communities.ids":
        asked = _either(node, param)
    return SQL["in_communities"].replace("{asked}", asked)


def records(node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str | None:
    """Return the statement that gives the records which it holds of by an index, if one does."""
    if node.known in SEVERAL:
        return SQL["by_family"].replace("{families}", families(node, param))
    if isinstance(node, KnownMatch) or node.comparison != "==":
        return None
    if node.known not in ("id", "parent.id"):
        return None
    return SQL[f"by_{node.known.replace('.', '_')}"].replace("{wanted}", param(node.value))


def _either(node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str:
    """Return the SQL of a condition on the id of a community g or on its slug, which is no UUID.

    With an id alone the server knows how large the community is, and plans for that.
    """
    by_slug = _compared("g.slug", node, param)
    if isinstance(node, KnownMatch) or node.comparison != "==":
        return f"({by_slug} OR {_compared('g.id::text', node, param)})"
    try:
        return f"g.id = {param(UUID(str(node.value)))}::uuid"
    except ValueError:
        return by_slug


def _compared(known: str, node: IsKnown | KnownMatch, param: Callable[[Any], str]) -> str:
    if isinstance(node, KnownMatch):
        return f"{known} ~ {param(node.pattern)}::text"
    operator = {"==": "=", "!=": "<>"}.get(node.comparison, node.comparison)
    return f"({known}) {operator} {param(node.value)}::{_CASTS[type(node.value)]}"
