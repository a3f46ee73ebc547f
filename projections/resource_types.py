"""The resource types of records by the types that they are kinds of. Its SQL is beside.

They are terms, and have no table of their own. Source: InvenioRDM's fixtures, `props`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from projections import sql
from projections.database import Db, fetch

SQL = sql.load("resource_types")


class Kind(Struct, frozen=True):
    """What a resource type is: `image`, and of these `image-photo`; None: none in particular."""

    type: str
    subtype: str | None


def kind(id_: str, props: Mapping[str, str | None]) -> Kind:
    """Return what a resource type is, by what its term says; else by its id."""
    type_, hyphen, _ = id_.partition("-")
    if props.get("type"):
        return Kind(props["type"] or "", props.get("subtype") or None)
    return Kind(type_, id_ if hyphen else None)


async def every(db: Db) -> dict[str, Kind]:
    """Return all resource types that records may refer to, by id."""
    rows = await fetch(db, SQL["all"])
    return {id_: kind(id_, {"type": type_, "subtype": subtype}) for id_, type_, subtype in rows}
