"""What was erased, as it is told in every door: 410, when and why, to who might have seen it.

Everybody else is told what he would be told of something that never was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from falcon.asgi import Request

from domain.errors import Forbidden, Gone, NotFound, Refusal
from domain.instants import rfc3339
from projections import tombstones
from projections.database import Db
from projections.tombstones import Found

OBJECT, DATASET, BUCKET = "object_id", "dataset_id", "bucket"
NAMES = (OBJECT, "pid", "depid", BUCKET, DATASET)  # of what stands in a path for an object
VERSIONS = ("version", "other")  # and for versions of it


async def said(req: Request, refusal: Refusal, params: Mapping[str, Any]) -> Refusal:
    """Return what is answered to who was to be told that something is not there.

    Where an object's newest version is all that a door shows, its tombstone is that of all below.
    """
    name = next((each for each in NAMES if each in params), None)
    if name is None or not _may_be_of_erased(refusal, name):
        return refusal
    object_id = params[name].replace("-", "") if name == BUCKET else params[name]
    service = getattr(getattr(req.context, "resource", None), "service", None)
    actor = getattr(req.context, "actor", None)
    if service is None or actor is None:
        return refusal
    numbers = [params[each] for each in VERSIONS if each in params]
    found = await buried(service.db, object_id, numbers, actor.principals)
    if found is None or (name == OBJECT and not numbers and len(params) > 1 and not found.whole):
        return refusal
    return gone(found, object_id)


def _may_be_of_erased(refusal: Refusal, name: str) -> bool:
    if isinstance(refusal, Forbidden):  # as IceProd's door says that something is not there
        return name == DATASET
    return isinstance(refusal, NotFound) and not (name == OBJECT and isinstance(refusal, Gone))


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
