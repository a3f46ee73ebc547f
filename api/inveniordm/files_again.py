"""First answers about a draft's files given again.

A committed file is as the event has it. A list is as it stands now, with what was started as it was
then: the rest of it was not said by the request that is repeated.
"""

from __future__ import annotations

from falcon.asgi import Request

from api.inveniordm import links
from api.inveniordm.entries import entry, folder, whole_list
from api.inveniordm.filing import Listed, started_by
from api.inveniordm.keys import key_of
from api.inveniordm.reading_files import OfDraft, nothing, of_draft, of_record, with_started
from api.inveniordm.resource import dumps, etag
from api.service import Service
from domain import access
from domain.access import Actor, Level
from domain.commands.draft_files import Filed
from domain.draft_files import DraftFile, DraftFileCommitted, after
from domain.errors import NoRecord
from domain.event import Answer
from domain.values import FileOptions
from projections import drafts, published, streams
from projections.published import Found


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
    actor: Actor = req.context.actor
    assert answer.location is not None and answer.etag is not None  # noqa: S101, PT018
    pid = answer.location.split("/")[3]
    found = await published.one(service.db, pid, actor.principals)
    if found is None:
        raise NoRecord(f"There is no record {pid}.")
    access.require(actor, found.level, Level.PREVIEW, "see this draft")
    revision, where = int(answer.etag.strip('"')), folder(base, pid, draft=True)
    if answer.location != path(pid):
        key = key_of(answer.location.rpartition("/")[2])
        return dumps(req, entry(where, await _committed(service, actor, found, revision, key)))
    event = await streams.one(service.db, found.id, revision)
    now = await drafts.one(service.db, pid, actor.principals)
    started = started_by(event)
    if now is None:  # published or discarded since
        pages, options = with_started(nothing(), started), FileOptions()
    else:
        files = OfDraft(service, now.record, now.draft.files)
        pages, options = with_started(files.pages(), started), files.options
    return await whole_list(req, where, options, pages)


async def _committed(
    service: Service, actor: Actor, found: Found, revision: int, key: str
) -> DraftFile:
    """Return a file that was complete at a revision. Raises NotFound for an imported one, gone."""
    topic = DraftFileCommitted.TOPIC
    event = await streams.last_of_key(service.db, found.id, revision, topic, key)
    if event is not None:
        return after(event)
    files = of_draft if found.newest is None else of_record
    return await (await files(service, actor, found.pid)).one(key)
