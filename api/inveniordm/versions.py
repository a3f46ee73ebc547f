"""The versions of a work, each a record: begun, all, the latest. Source: InvenioRDM, "Versions"."""

from __future__ import annotations

from typing import ClassVar, Literal

from falcon.asgi import Request, Response

from api.idempotency import retry
from api.inveniordm import hits, listing, replies, schemas, showing
from api.inveniordm.drafts import DraftResource, first_answer
from api.inveniordm.records import lead_to_newest, opened
from api.inveniordm.resource import InvenioRdmResource, send_tagged, tag_of
from domain import access
from domain.access import Actor, Level
from domain.commands.new_versions import new_version
from projections import family_versions
from projections.family_versions import Page, Wanted

SORTS: dict[str, tuple[Literal["index", "updated"], bool]] = {  # and whether the last comes first
    "version": ("index", True),
    "newest": ("index", True),
    "oldest": ("index", False),
    "bestmatch": ("index", True),
    "updated-desc": ("updated", True),
    "updated-asc": ("updated", False),
}


class Versions(DraftResource):
    """/api/records/{pid}/versions"""

    answers: ClassVar = {"GET": replies.hits(replies.RECORD), "POST": replies.RECORD}
    query: ClassVar = {"GET": schemas.LIST}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the published versions that the asker may see, the newest first.

        302 from a parent. Raises NotFound, Forbidden, Invalid, NotAcceptable.
        """
        asked = listing.asked(req, SORTS, "version")
        by, descending = SORTS[asked.sort]
        wanted = Wanted(limit=asked.size, offset=asked.offset, by=by, descending=descending)
        page = await seen(self, req, pid, wanted)
        if page is None:
            await lead_to_newest(self, req, resp, pid, "/versions")
            return
        await listing.send_list(
            req,
            resp,
            f"{self.base(req)}/api/records/{pid}/versions",
            asked,
            page.total,
            hits.shown(self.service, showing.asked(req), self.base(req), page.lines),
            streamed=len(page.lines) > hits.WHOLE or not hits.come_whole(page.lines),
        )

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the draft of the next version, begun now or open already: Location, ETag.

        It goes on from the newest published version, whichever was named, without its files.
        Raises NotFound for what is not published, Forbidden, Conflict where records have no drafts.
        """
        body = await self.body(req)
        edited = await self.service.run(
            req.context.actor,
            retry(req, body, lambda edited: first_answer(edited, 200)),
            new_version,
            pid,
        )
        await self.answer(req, resp, edited)


class Latest(InvenioRdmResource):
    """/api/records/{pid}/versions/latest"""

    answers: ClassVar = {"GET": replies.RECORD}
    query: ClassVar = {"GET": schemas.READ}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the newest published version, whichever was named; 304 when the asker has it.

        Content-Location is its own address. 302 from a parent. Raises NotFound, Forbidden,
        NotAcceptable.
        """
        actor: Actor = req.context.actor
        found = await family_versions.latest(self.service.db, pid, actor.principals)
        if found is None:
            await lead_to_newest(self, req, resp, pid)
            return
        newest, base = opened(actor, found), self.base(req)
        body, _ = await showing.record(self.service, showing.asked(req), base, found, newest)
        resp.set_header("Content-Location", f"/api/records/{found.pid}")
        send_tagged(req, resp, body, tag_of(newest.revision, body))


async def seen(resource: InvenioRdmResource, req: Request, pid: str, wanted: Wanted) -> Page | None:
    """Return versions of a record's family, if the asker may see that record; None: there is none.

    Raises Anonymous, Forbidden.
    """
    actor: Actor = req.context.actor
    page = await family_versions.page(resource.service.db, pid, actor.principals, wanted)
    if page is not None and not page.is_open:
        needed = Level.VIEW if page.published else Level.PREVIEW
        access.require(actor, page.level, needed, "see this record")
    return page
