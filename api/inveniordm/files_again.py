"""First answers about a draft's files given again: as these were at the revision answered then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from falcon.asgi import Request
from msgspec import Struct

from api.inveniordm import links
from api.inveniordm.again import answered
from api.inveniordm.entries import entry, folder, whole_list
from api.inveniordm.filing import Listed
from api.inveniordm.resource import dumps, etag
from api.keys import key_of
from api.service import Service
from domain.commands.draft_files import Filed
from domain.draft_files import DraftFile, DraftFileCommitted, after, imported
from domain.drafting import DraftSaved
from domain.event import Answer, evolve
from domain.record import Record
from domain.values import FileOptions
from projections import draft_files, manifest_pages, streams
from projections.view import Rows


def path(pid: str) -> str:
    """Return where the files of a draft are."""
    return f"/api/records/{pid}/draft/files"


def first_list(done: Listed) -> tuple[int, str, str]:
    """Return status, Location and ETag of an answer with a list."""
    return 201, path(done.record.pid), etag(done.record.version)


def first_file(filed: Filed) -> tuple[int, str, str]:
    """Return status, Location and ETag of an answer with a file."""
    where = f"{path(filed.record.pid)}/{links.segment(filed.file.key)}"
    return 200, where, etag(filed.record.version)


async def body(service: Service, req: Request, base: str, answer: Answer) -> bytes:
    """Return the body of a first answer. Raises NotFound, Anonymous, Forbidden."""
    found, revision = await answered(service, req.context.actor, answer)
    where = folder(base, found.pid, draft=True)
    if answer.location and answer.location != path(found.pid):
        key = key_of(answer.location.rpartition("/")[2])
        return dumps(req, entry(where, await _committed(service, found.id, revision, key)))
    then = await _then(service, found.id, revision)
    return await whole_list(req, where, then.options, then.pages())


class Then(Struct, frozen=True):
    """The files of a draft at a revision, by their keys, and how they were shown."""

    options: FileOptions
    files: dict[str, DraftFile]

    async def pages(self) -> AsyncIterator[list[DraftFile]]:
        """Give all files, in order of key."""
        if self.files:
            yield [self.files[key] for key in sorted(self.files)]


async def _then(service: Service, record: UUID, revision: int) -> Then:
    """Return what a draft had when its record was at a revision."""
    rows = await streams.until(service.db, record, revision)
    was, options, own = await service.slow(lambda: _folded(record, rows))
    found: dict[str, DraftFile] = {}
    base, last = was.draft.base if was.draft else None, ""
    while page := await manifest_pages.after(service.db, base, last):
        found |= {each.key: imported(was, each) for each in page}
        last = page[-1].key
    found |= {each.key: each for each in own}
    return Then(options, {key: file for key, file in found.items() if file.state != "removed"})


def _folded(stream: UUID, rows: list[streams.Row]) -> tuple[Record, FileOptions, list[DraftFile]]:
    """Return a record, how its draft shows files, and which it has beside those imported."""
    record: Record | None = None
    options = FileOptions()
    own: Rows[DraftFile] = {}
    for each in streams.entries(stream, rows):
        record = evolve(record, each)
        if isinstance(each.event, DraftSaved):
            options = each.event.files
        elif type(each.event) in draft_files.view.handlers:
            draft_files.view.fold(own, each)
    assert record is not None  # noqa: S101 - it has a first event
    files, _, _ = draft_files.view.settled(own)
    return record, options, list(files)


async def _committed(service: Service, record: UUID, revision: int, key: str) -> DraftFile:
    """Return a file that was complete at a revision."""
    topic = DraftFileCommitted.TOPIC
    event = await streams.last_of_key(service.db, record, revision, topic, key)
    if event is not None:
        return after(event)
    return (await _then(service, record, revision)).files[key]  # it was imported
