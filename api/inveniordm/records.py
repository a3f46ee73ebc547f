"""Records: a new draft, a published record. Source: InvenioRDM, "Drafts", "Records"."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urlencode

from falcon.asgi import Request, Response

from api.idempotency import retry
from api.inveniordm import exporting, links, parse, replies, schemas, search, showing
from api.inveniordm.drafts import DraftResource, first_answer
from api.inveniordm.errors import UNREGISTERED
from api.inveniordm.resource import InvenioRdmResource, send_tagged, tag_of
from api.remembered import Remembered, Void
from api.service import Service
from domain import access
from domain.access import Actor, Level
from domain.commands import drafts as commands
from domain.commands.drafts import Edited
from domain.errors import NoRecord, NotFound
from domain.log import Session
from domain.term import term_id
from projections import published
from projections.published import Found, Newest

REMEMBERED_BYTES = 32 << 20  # of records that a worker remembers


def create(session: Session, body: bytes, depth: int) -> Edited:
    """Read a body and make the draft it asks for, all on a writer's thread."""
    return commands.create(session, parse.sent(body, depth))


class Records(DraftResource):
    """/api/records/"""

    answers: ClassVar = {"POST": replies.RECORD}  # and to GET what api.inveniordm.routes says
    request: ClassVar = {"POST": schemas.DRAFT}
    query: ClassVar = {"GET": schemas.SEARCH}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the published records that a query finds, of those that the asker may see.

        Of each work the latest version, or all. Raises Invalid, NotAcceptable.
        """
        await search.answer(self, req, resp)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a draft, its ETag, whatever is wrong with it.

        Raises Invalid, Forbidden, TooLarge.
        """
        body = await self.body(req)
        edited = await self.service.run(
            req.context.actor,
            retry(req, body, lambda edited: first_answer(edited, 201)),
            create,
            body,
            self.service.limits.json_depth,
        )
        await self.answer(req, resp, edited, 201)


class Record(InvenioRdmResource):
    """/api/records/{pid}"""

    query: ClassVar = {"GET": schemas.READ}

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.remembered: Remembered[Hashable, bytes] = Remembered(
            service.levels.counters, REMEMBERED_BYTES
        )

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the record, 304 when the asker has it, 302 from a parent to its newest.

        Accept may ask for DataCite, JSON-LD, CSL, BibTeX, Dublin Core or a link set, or for a
        shape of CAP's, which the records of its door have anyhow. Raises NotFound, Forbidden,
        NotAcceptable.
        """
        actor: Actor = req.context.actor
        found = await published.one(self.service.db, pid, actor.principals)
        if found is None:
            await lead_to_newest(self, req, resp, pid)
            return
        newest = opened(actor, found)
        if self.home is not None:
            req.context.shaped = self.home.asked(req)
            shaped = await self.home.elsewhere(req)(self.base(req), found, newest)
            if shaped is not None:
                send_tagged(req, resp, shaped, tag_of(newest.revision, shaped))
                return
        form = exporting.asked(req)
        if form is not None:
            base = self.base(req)
            await exporting.send(self.service, req, resp, base, found, newest, form)
            return
        body = await self._body(req, found, newest)
        send_tagged(req, resp, body, tag_of(newest.revision, body))

    async def _body(self, req: Request, found: Found, newest: Newest) -> bytes:
        """Return the answer: what it is made of is asked at every read, but for what terms say."""
        base, asked = self.base(req), showing.asked(req)
        now = datetime.now(UTC)
        stands = (found.access, found.access.at(now), found.may_list(now))
        key = (base, asked, found.pid, newest.revision, found.kin, *stands)
        known = self.remembered.get(key)
        if known is None:
            known, refs = await showing.record(self.service, asked, base, found, newest)
            voids: list[Void] = [("terms", term_id(each)) for each in refs]
            self.remembered.put(key, known, req.context.epoch, *voids, weight=len(known))
        return known


async def lead_to_newest(
    resource: InvenioRdmResource, req: Request, resp: Response, pid: str, below: str = ""
) -> None:
    """Answer 302 from a parent's id to the family's newest record, or to what is `below` it.

    Raises NotFound, Anonymous, Forbidden.
    """
    newest = await newest_of_family(resource.service, req.context.actor, pid)
    kept = {name: value for name, value in req.params.items() if name != "access_token"}
    query = f"?{urlencode(kept, doseq=True)}" if kept else ""
    resp.status = 302
    resp.set_header("Location", links.record(resource.base(req), newest)["self"] + below + query)


async def newest_of_family(service: Service, actor: Actor, pid: str) -> str:
    """Return the public id of the newest record of the family that one names, if it may be seen.

    Raises NotFound, Anonymous, Forbidden: what is closed is called nothing.
    """
    newest = await published.newest_of_family(service.db, pid)
    found = None if newest is None else await published.one(service.db, newest, actor.principals)
    if found is None:
        raise NoRecord(f"There is no record {pid}.")
    opened(actor, found)
    return found.pid


def opened(actor: Actor, found: Found) -> Newest:
    """Return the newest version of a record, if the actor may see it.

    Raises NotFound where none was published, Anonymous, Forbidden.
    """
    if found.newest is None:
        raise NotFound(UNREGISTERED)
    if not found.open_at(datetime.now(UTC)):
        access.require(actor, found.level, Level.VIEW, "see this record")
    return found.newest
