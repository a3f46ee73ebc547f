"""Comments on objects: the list, one more, one. Source: SampleDB "Comments".

They are among those who work with an object: who sees it only because everyone may does not see
them. Source: DESIGN.md "Who may do what".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

import orjson
from falcon.asgi import Request, Response
from msgspec import Struct

from api.door import JSON, send_bytes
from api.sampledb import parse, render, replies, schemas
from api.sampledb.resource import SampleDbResource
from api.service import Service
from api.shapes import array
from api.viewing import viewable
from domain import access
from domain.access import Actor, Level
from domain.commands import comments as commands
from domain.commands import objects as objects_commands
from domain.errors import Invalid, NotFound
from domain.log import Session
from projections import comments, grants
from projections.comments import PAGE, Comment
from projections.objects import Head


class Posted(Struct, frozen=True):
    """A comment that was made: the numbers of its object and its own."""

    object_id: int
    number: int


def post(session: Session, object_id: str, body: bytes, depth: int) -> Posted:
    """Read a body and make the comment in it, all on a writer's thread."""
    record = objects_commands.writable(session, object_id)
    wanted = parse.new_comment(body, depth)
    if wanted.object_id not in (None, record.number):
        raise Invalid(f"object_id must be {record.number}")
    return Posted(record.number, commands.post(session, record, wanted.content))


async def commented(service: Service, actor: Actor, object_id: str) -> Head:
    """Return an object whose comments the actor may see.

    Raises NotFound, Unauthenticated, Forbidden.
    """
    head = await viewable(service, actor, object_id)
    own = access.of_their_own(actor)
    held = await grants.highest(service.db, head.family, own)
    access.require(actor, held, Level.VIEW, "see the comments on this object")
    return head


class Comments(SampleDbResource):
    """/objects/{object_id}/comments/"""

    answers: ClassVar = {"GET": array(replies.COMMENT)}
    request: ClassVar = {"POST": schemas.NEW_COMMENT}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the comments, the first one first; streamed. Raises NotFound, Forbidden."""
        head = await commented(self.service, req.context.actor, object_id)
        first = await comments.page(self.service.db, head.id, 0)
        if len(first) < PAGE:
            send_bytes(resp, b"[%b]" % await self._lines(head, first))
            return
        resp.content_type = JSON
        resp.stream = self._listed(head, first)

    async def _listed(self, head: Head, page: list[Comment]) -> AsyncIterator[bytes]:
        opening = b"["
        while page:
            yield opening + await self._lines(head, page)
            opening = b","
            last = page[-1].number
            full = len(page) == PAGE
            page = await comments.page(self.service.db, head.id, last) if full else []
        yield b"]"

    async def _lines(self, head: Head, page: list[Comment]) -> bytes:
        return b",".join([await line(self.service, head, each) for each in page])

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the comment's Location. Raises NotFound, Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._made, post, object_id, body, depth)

    def _made(self, posted: Posted) -> str:
        return f"{self.prefix}/objects/{posted.object_id}/comments/{posted.number}"


class OneComment(SampleDbResource):
    """/objects/{object_id}/comments/{comment}"""

    answers: ClassVar = {"GET": replies.COMMENT}

    async def on_get(self, req: Request, resp: Response, object_id: str, comment: str) -> None:
        """200 with the comment. Raises NotFound, Forbidden."""
        head = await commented(self.service, req.context.actor, object_id)
        found = await comments.one(self.service.db, head.id, parse.number(comment, "comment"))
        if found is None:
            raise NotFound(f"There is no comment {comment} of object {object_id}.")
        send_bytes(resp, await line(self.service, head, found))


async def line(service: Service, head: Head, comment: Comment) -> bytes:
    """Return a comment as JSON."""
    shown = {
        "object_id": head.number,
        "comment_id": comment.number,
        "user_id": await service.number("accounts", comment.by),
        "utc_datetime": render.precise(comment.recorded_at),
        "content": comment.content,
    }
    return orjson.dumps(shown)
