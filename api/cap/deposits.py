"""Deposits: listed, begun, read, changed, deleted. Source: the CAP specification, "Endpoints"."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar
from uuid import UUID

import orjson
from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import conditional, lucene, query
from api.cap import media, parse, render, replies, schemas
from api.cap.reading import readable
from api.cap.resource import CapResource, page_link, send_parts
from api.cap.shown import LISTED, Beside, Shown, gathered, of_command, of_found
from api.door import send_bytes
from api.idempotency import retry
from domain.access import Actor, Level
from domain.commands import deposits as commands
from domain.commands.deposits import Deposit
from domain.event import Answer
from domain.log import Session
from projections import deposits
from projections.deposits import Wanted

TOGETHER = 10  # deposits of a list that are read at once, with their documents


def create(session: Session, body: bytes, depth: int) -> Deposit:
    """Read a body and begin the deposit that it asks for, all on a writer's thread."""
    return commands.create(session, *parse.beginning(body, depth))


def save(session: Session, depid: str, body: bytes, depth: int, expected: int | None) -> Deposit:
    """Read a body and have the deposit say that."""
    return commands.save(session, depid, parse.metadata(body, depth), expected)


class DepositResource(CapResource):
    """A resource that answers with a deposit."""

    media_types: ClassVar = dict.fromkeys(("GET", "POST", "PUT", "PATCH"), replies.SHAPES)

    def media_type_of(self, req: Request) -> str:
        """Return the media type that a request asks for. Raises NotAcceptable."""
        return media.asked(req)

    async def answer(self, req: Request, resp: Response, shown: Shown, status: int = 200) -> None:
        """Answer with a deposit in the representation asked for. Raises NotAcceptable."""
        kind = media.asked(req)
        send_bytes(resp, await self._rendered(req, shown, kind), status)
        resp.content_type = kind
        resp.set_header("Vary", "Accept")
        resp.set_header("ETag", etag(shown))
        if req.method == "POST":
            resp.set_header("Location", location(shown))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had. Raises NotFound, Gone, Forbidden."""
        depid = (answer.location or "").rpartition("/")[2]
        found = await readable(self.service, req.context.actor, depid)
        return await self._rendered(req, of_found(found), media.asked(req))

    async def _rendered(
        self, req: Request, shown: Shown, kind: str, beside: Beside | None = None
    ) -> bytes:
        actor, base = req.context.actor, self.base(req)
        return await render.render(self.service, self.types, actor, base, shown, kind, beside)


class Deposits(DepositResource):
    """/api/deposits/"""

    request: ClassVar = {"POST": schemas.NEW}
    query: ClassVar = {"GET": schemas.LIST}
    media_types: ClassVar = {"GET": replies.lists(), "POST": replies.SHAPES}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the deposits that are drafts and that the asker may see, one's own among them.

        Each shows its first 100 files; links.files leads to all of them.

        Raises Invalid, NotAcceptable.
        """
        actor, kind, page = req.context.actor, media.asked(req), parse.page(req)
        wanted = Wanted(
            principals=actor.principals,
            type=query.text(req, "type"),
            owner=actor.account if parse.by_me(req) else None,
            condition=await lucene.compiled(self.service, query.text(req, "q")),
            by_match=parse.by_match(req),
            limit=page.size,
            offset=page.offset,
        )
        total, ids = await deposits.page(self.service.searching, wanted)
        url = f"{self.base(req)}/api/deposits"
        links = {"self": page_link(req, url, page.number, page.size)}
        if page.offset + page.size < min(total, parse.WINDOW):
            links["next"] = page_link(req, url, page.number + 1, page.size)
        if page.number > 1:
            links["prev"] = page_link(req, url, page.number - 1, page.size)
        listed = {"hits": {"hits": [], "total": total}, "links": links, "aggregations": {}}
        await send_parts(resp, orjson.dumps(listed), self._hits(req, ids, kind), kind)

    async def _hits(self, req: Request, ids: Sequence[UUID], kind: str) -> AsyncIterator[bytes]:
        """Give deposits, each as JSON; few are in memory at once."""
        actor = req.context.actor
        for at in range(0, len(ids), TOGETHER):
            some = ids[at : at + TOGETHER]
            shown = [
                replace(of_found(each), files=LISTED)
                for each in await deposits.those(self.service.db, some, actor.principals)
                if each.document is not None and each.level >= Level.PREVIEW
            ]
            beside = await gathered(self.service, actor, shown, kind)
            for one in shown:
                whole = one if one.document else await self._whole(one, actor)
                if whole is not None:
                    yield await self._rendered(req, whole, kind, beside)

    async def _whole(self, shown: Shown, actor: Actor) -> Shown | None:
        """Return one with its document, that had come without it; None: nobody sees it any more."""
        found = await deposits.one(self.service.db, shown.record.id, actor.principals)
        if found is None or not found.document or found.level < Level.PREVIEW:
            return None
        return replace(of_found(found), files=shown.files)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the new deposit, its ETag.

        Raises Invalid, Forbidden, TooLarge, NotAcceptable.
        """
        media.asked(req)
        body, depth = await self.body(req), self.service.limits.json_depth
        once = retry(req, body, lambda done: first_answer(done, 201))
        done = await self.service.run(req.context.actor, once, create, body, depth)
        await self.answer(req, resp, of_command(done), 201)


class OneDeposit(DepositResource):
    """/api/deposits/{depid}"""

    request: ClassVar = {"PUT": schemas.METADATA, "PATCH": schemas.PATCH}

    async def on_get(self, req: Request, resp: Response, depid: str) -> None:
        """200 with the deposit, its ETag. Raises NotFound, Gone, Forbidden, NotAcceptable."""
        found = await readable(self.service, req.context.actor, depid)
        await self.answer(req, resp, of_found(found))

    async def on_put(self, req: Request, resp: Response, depid: str) -> None:
        """200 with the deposit, whose metadata is what was sent.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, TooLarge, NotAcceptable.
        """
        media.asked(req)
        expected, body = conditional.expected(req), await self.body(req)
        depth = self.service.limits.json_depth
        done = await self.service.run(req.context.actor, None, save, depid, body, depth, expected)
        await self.answer(req, resp, of_command(done))

    async def on_patch(self, req: Request, resp: Response, depid: str) -> None:
        """200 with the deposit, whose metadata was changed by a JSON Patch.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, TooLarge, NotAcceptable.
        """
        media.asked(req)
        expected, body = conditional.expected(req), await self.body(req)
        depth, limit = self.service.limits.json_depth, self.service.limits.json_bytes
        done = await self.service.run(
            req.context.actor, None, commands.patch, depid, body, depth, limit, expected
        )
        await self.answer(req, resp, of_command(done))

    async def on_delete(self, req: Request, resp: Response, depid: str) -> None:
        """204 when the deposit is gone. Raises NotFound, Gone, Forbidden, Stale."""
        expected = conditional.expected(req)
        await self.service.run(req.context.actor, None, commands.delete, depid, expected)
        resp.status = 204


def first_answer(done: Deposit, status: int) -> tuple[int, str, str]:
    """Return status, Location and ETag of an answer with a deposit."""
    shown = of_command(done)
    return status, location(shown), etag(shown)


def location(shown: Shown) -> str:
    """Return where a deposit is."""
    return f"/api/deposits/{shown.depid}"


def etag(shown: Shown) -> str:
    """Return the tag of a deposit at its revision."""
    return f'"{shown.record.version}"'
