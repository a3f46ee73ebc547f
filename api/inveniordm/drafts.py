"""Drafts: read, replaced, discarded, opened again. Source: InvenioRDM, "Drafts"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api import conditional
from api.idempotency import retry
from api.inveniordm import again, parse, replies, schemas, showing
from api.inveniordm.open_draft import open_draft
from api.inveniordm.resource import InvenioRdmResource, etag, send_body
from domain.commands import drafts as commands
from domain.commands.drafts import Edited
from domain.event import Answer
from domain.log import Session
from projections.drafts import Found


def save(session: Session, pid: str, body: bytes, depth: int, expected: int | None) -> Edited:
    """Read a body and have the draft say that, all on a writer's thread."""
    return commands.save(session, pid, parse.sent(body, depth), expected)


class DraftResource(InvenioRdmResource):
    """A resource that answers with a draft or with the record that came of it."""

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had. Raises Anonymous, Forbidden."""
        return await again.body(self, req, answer)

    async def answer(
        self, req: Request, resp: Response, edited: Edited | Found, status: int = 200
    ) -> None:
        """Answer with a draft."""
        body = await showing.draft(
            self.service,
            showing.asked(req),
            self.base(req),
            edited.record,
            showing.kin_of(edited.family),
            edited.draft,
        )
        send_body(req, resp, body, status)
        resp.set_header("ETag", etag(edited.record.version))
        if req.method == "POST":  # said again with an Idempotency-Key
            resp.set_header("Location", location(edited))


class Draft(DraftResource):
    """/api/records/{pid}/draft"""

    answers: ClassVar = {"GET": replies.RECORD, "POST": replies.RECORD, "PUT": replies.RECORD}
    request: ClassVar = {"PUT": schemas.DRAFT}
    query: ClassVar = {"GET": schemas.READ}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the draft, its ETag.

        Raises NotFound when none is open, Forbidden, NotAcceptable.
        """
        found = await open_draft(self.service, req.context.actor, pid)
        await self.answer(req, resp, found)

    async def on_put(self, req: Request, resp: Response, pid: str) -> None:
        """200 with the draft as it is now, whatever is wrong with it.

        Raises NotFound, Forbidden, Stale, Invalid, TooLarge.
        """
        expected = conditional.expected(req)
        body = await self.body(req)
        depth = self.service.limits.json_depth
        edited = await self.service.run(req.context.actor, None, save, pid, body, depth, expected)
        await self.answer(req, resp, edited)

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """200 with a draft of the newest version, or with the one that is open: Location, ETag.

        Raises NotFound, Forbidden, Conflict where the record has no drafts.
        """
        body = await self.body(req)
        edited = await self.service.run(
            req.context.actor,
            retry(req, body, lambda edited: first_answer(edited, 200)),
            commands.edit,
            pid,
        )
        await self.answer(req, resp, edited)

    async def on_delete(self, req: Request, resp: Response, pid: str) -> None:
        """204 when the draft is gone. Raises NotFound, Forbidden, Stale."""
        expected = conditional.expected(req)
        await self.service.run(req.context.actor, None, commands.discard, pid, expected)
        resp.status = 204


def first_answer(edited: Edited, status: int) -> tuple[int, str, str]:
    """Return status, Location and ETag of an answer with a draft."""
    return status, location(edited), etag(edited.record.version)


def location(edited: Edited | Found) -> str:
    """Return where a draft is."""
    return f"/api/records/{edited.record.pid}/draft"
