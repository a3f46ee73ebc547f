"""The communities that a record is in. Source: InvenioRDM, "Records & communities".

There are no requests to be accepted: a community takes a record at once, or its policy refuses it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.idempotency import retry
from api.inveniordm import listing, parse, replies, schemas
from api.inveniordm.communities import render
from api.inveniordm.records import lead_to_newest, opened
from api.inveniordm.resource import InvenioRdmResource, dumps, pretty, send
from domain import access
from domain.access import Actor, Level
from domain.commands import inclusions as commands
from domain.event import Answer
from domain.group import Group
from domain.log import Session
from projections import communities, inclusions, published

NAME = "communities"
SORTS = ("newest",)


def include(session: Session, pid: str, body: bytes, depth: int) -> list[Group]:
    """Read a body and put a record into the communities it names, on a writer's thread."""
    return commands.include(session, pid, parse.ids(body, depth, NAME))


def exclude(session: Session, pid: str, body: bytes, depth: int) -> list[Group]:
    """Read a body and take a record out of the communities it names, on a writer's thread."""
    return commands.exclude(session, pid, parse.ids(body, depth, NAME))


class RecordCommunities(InvenioRdmResource):
    """/api/records/{pid}/communities/"""

    answers: ClassVar = {
        "GET": replies.hits(replies.COMMUNITY),
        "POST": replies.PROCESSED,
        "DELETE": replies.PROCESSED,
    }
    request: ClassVar = {"POST": schemas.named(NAME), "DELETE": schemas.named(NAME)}
    query: ClassVar = {"GET": schemas.INCLUDING}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with those that the asker may see, the last it was put into first.

        302 from a parent. Raises NotFound, Forbidden, Invalid, NotAcceptable.
        """
        actor: Actor = req.context.actor
        asked = listing.asked(req, SORTS, "newest")
        found = await published.one(self.service.db, pid, actor.principals)
        if found is None:
            await lead_to_newest(self, req, resp, pid, f"/{NAME}")
            return
        if found.newest is None:
            access.require(actor, found.level, Level.PREVIEW, "see this record")
        else:
            opened(actor, found)
        page = await inclusions.of_family(
            self.service.db, found.family, actor.account, limit=asked.size, offset=asked.offset
        )

        async def hits() -> AsyncIterator[bytes]:
            for each in await communities.those(self.service.db, page.ids, actor.account):
                yield render.community(each, self.base(req), pretty=pretty(req))

        url = f"{self.base(req)}/api/records/{pid}/{NAME}"
        await listing.send_list(req, resp, url, asked, page.total, hits(), streamed=False)

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """200 when the record is in all communities that the body names, by id or slug.

        Raises NotFound, Forbidden also where a community does not take it, Invalid.
        """
        body = req.context.sent = await self.body(req)
        again = retry(req, body, lambda _: (200, None, None))
        found = await self.service.run(
            req.context.actor, again, include, pid, body, self.service.limits.json_depth
        )
        send(req, resp, _processed(each.slug for each in found))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the communities that the body names, as the first time."""
        texts = parse.ids(req.context.sent, self.service.limits.json_depth, NAME)
        account = req.context.actor.account
        found = {}
        for text in texts:
            one = await communities.one(self.service.db, text, account)
            assert one is not None  # noqa: S101 - there was, and what there was there is
            found[one.id] = one.slug if one.may_see else text
        return dumps(req, _processed(found.values()))

    async def on_delete(self, req: Request, resp: Response, pid: str) -> None:
        """200 when the record is in none of the communities any more that the body names.

        Raises NotFound, Forbidden, Invalid where it was not in one.
        """
        body = await self.body(req)
        found = await self.service.run(
            req.context.actor, None, exclude, pid, body, self.service.limits.json_depth
        )
        send(req, resp, _processed(each.slug for each in found))


def _processed(slugs: Iterable[str | None]) -> dict[str, Any]:
    return {"processed": [{"community_id": each} for each in slugs], "errors": []}
