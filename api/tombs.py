"""What was erased, as it is told in every door: 410, when and why, to who might have seen it.

Everybody else is told what he would be told of something that never was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from falcon.asgi import Request

from domain.errors import Gone, NotFound, Refusal
from domain.instants import rfc3339
from projections import tombstones
from projections.database import Db
from projections.tombstones import Found

NAMES = ("object_id", "pid", "depid")  # of what stands in a path for an object
VERSIONS = ("version", "other")  # and for versions of it


async def said(req: Request, refusal: Refusal, params: Mapping[str, Any]) -> Refusal:
    """Return what is answered to who was to be told that something is not there."""
    if not isinstance(refusal, NotFound) or isinstance(refusal, Gone):
        return refusal
    object_id = next((params[each] for each in NAMES if each in params), None)
    service = getattr(getattr(req.context, "resource", None), "service", None)
    actor = getattr(req.context, "actor", None)
    if object_id is None or service is None or actor is None:
        return refusal
    numbers = [params[each] for each in VERSIONS if each in params]
    found = await buried(service.db, object_id, numbers, actor.principals)
    return refusal if found is None else gone(found, object_id)


async def buried(
    db: Db, object_id: str, numbers: Sequence[str], principals: Sequence[UUID]
) -> Found | None:
    """Return the tombstone that the asker may see of one of these versions, or of the newest."""
    wanted = [int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 10]
    if numbers and not wanted:
        return None
    tried: list[int | None] = [*wanted] if wanted else [None]
    for number in tried:
        try:
            found = await tombstones.find(db, object_id, number, principals)
        except NotFound:
            return None
        if found is not None and found.may_see:
            return found
    return None


def gone(found: Found, object_id: str) -> Gone:
    """Return the refusal of what has a tombstone."""
    what = f"Object {object_id}"
    if found.number >= 0 and not found.whole:
        what = f"Version {found.number} of object {object_id}"
    return Gone(f"{what} was erased on {rfc3339(found.erased_at)}: {found.reason}")
