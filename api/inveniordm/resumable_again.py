"""First answers about resumable uploads given again.

An upload's first answer says where it is; a piece's, how far it came, which is kept as the answer's
tag. A request counts as the same by what its headers say: its bytes are not read once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import tus
from api.idempotency import mark_again, retry
from api.inveniordm.resource import InvenioRdmResource
from api.receiving import arriving
from domain import access
from domain.access import Level
from domain.errors import NoRecord
from domain.event import Answer
from domain.log import AnsweredBefore, Session
from projections import published


async def created(
    resource: InvenioRdmResource, req: Request, resp: Response, pid: str, before: Answer
) -> None:
    """Answer the creation of an upload as the first time. Raises NotFound, Forbidden."""
    await _permit(resource, req, pid)
    assert before.location is not None  # noqa: S101 - it says where the upload is
    find = partial(resource.service.uploads.find, before.location.rpartition("/")[2])
    upload = await resource.service.on_file(find)
    if upload is not None:  # else it has ended since
        tus.describe(resp, replace(upload, offset=0))
    resp.status = before.status
    resp.set_header("Location", f"{resource.base(req)}{before.location}")
    mark_again(resp)


async def once(
    resource: InvenioRdmResource,
    req: Request,
    resp: Response,
    pid: str,
    said: str,
    handle: Callable[[], Awaitable[None]],
) -> None:
    """Carry out a request once for its key; sent again, answer as the first time.

    `said` is what it asks for. Raises as `handle`, and NotFound, Forbidden.
    """
    service, actor = resource.service, req.context.actor
    again = retry(req, said.encode(), lambda _: (204, None, resp.get_header("Upload-Offset")))
    if again is None:
        await handle()
        return
    try:
        await service.slow(lambda: service.log.require_new(actor, again()))
        await handle()
        await service.run(actor, again, _nothing)
    except AnsweredBefore as error:
        async with arriving(req) as parts:
            await _permit(resource, req, pid)
            async for _ in parts:
                pass
        resp.status = error.answer.status
        if error.answer.etag is not None:
            resp.set_header("Upload-Offset", error.answer.etag)
        mark_again(resp)


def _nothing(_session: Session) -> None:
    """Decide nothing: the answer alone is kept."""


async def _permit(resource: InvenioRdmResource, req: Request, pid: str) -> None:
    """Pass for who may edit the draft still. Raises NotFound, Anonymous, Forbidden."""
    actor = req.context.actor
    found = await published.one(resource.service.db, pid, actor.principals)
    if found is None:
        raise NoRecord(f"There is no record {pid}.")
    access.require(actor, found.level, Level.EDIT, "edit this draft")
