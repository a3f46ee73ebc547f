"""First answers given again: the draft or the record as it stood at the revision answered then.

What is kept of an answer is its status, Location and ETag; what it said is in the log. What the
family and the vocabularies say is what they say now.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from falcon.asgi import Request
from msgspec import Struct
from msgspec.structs import replace

from api.inveniordm import showing
from api.inveniordm.resource import InvenioRdmResource
from api.service import Service
from domain import access, drafting
from domain.access import Actor, Level
from domain.draft import Draft
from domain.drafting import DraftReopened, DraftSaved
from domain.errors import NoRecord
from domain.event import Answer, Entry, evolve
from domain.record import Published, Record
from projections import published, streams
from projections.published import Found


class Then(Struct, frozen=True):
    """A record at a revision: with its draft, or with the version that it published there."""

    record: Record
    draft: Draft | None
    published: Entry[Published] | None


async def answered(service: Service, actor: Actor, answer: Answer) -> tuple[Found, int]:
    """Return the record that a first answer was about, and the revision that it was answered at.

    Raises NotFound, Anonymous, Forbidden.
    """
    assert answer.location is not None and answer.etag is not None  # noqa: S101, PT018
    pid = answer.location.split("/")[3]
    found = await published.one(service.db, pid, actor.principals)
    if found is None:
        raise NoRecord(f"There is no record {pid}.")
    access.require(actor, found.level, Level.PREVIEW, "see this draft")
    return found, int(answer.etag.strip('"'))


async def body(resource: InvenioRdmResource, req: Request, answer: Answer) -> bytes:
    """Return the body of a first answer. Raises NotFound, Anonymous, Forbidden."""
    service = resource.service
    found, revision = await answered(service, req.context.actor, answer)
    rows = await streams.until(service.db, found.id, revision)
    then = await service.slow(lambda: _then(found.id, rows))
    asked, base = showing.asked(req), resource.base(req)
    if then.draft is not None:
        return await showing.draft(service, asked, base, then.record, found.kin, then.draft)
    assert then.published is not None  # noqa: S101 - an answer with a record has published it
    newest = showing.newest_of(then.record, then.published.event.body)
    shown, _ = await showing.record(
        service, asked, base, replace(found, access=then.record.access), newest
    )
    return shown


def _then(stream: UUID, rows: list[streams.Row]) -> Then:
    record: Record | None = None
    draft: Draft | None = None
    newest: Entry[Any] | None = None
    entry = None
    for entry in streams.entries(stream, rows):
        record = evolve(record, entry)
        if isinstance(entry.event, DraftSaved | DraftReopened):
            draft = drafting.kept(entry)
        elif isinstance(entry.event, Published):
            newest = entry
    assert record is not None  # noqa: S101 - it has a first event
    if record.draft is None:
        return Then(record, None, newest)
    if draft is not None and newest is not None and not bytes(draft.document):
        draft = replace(draft, document=newest.event.body)
    return Then(record, draft, None)
