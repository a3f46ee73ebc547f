"""/api/events: the log as a feed for administrators, in pages, by long poll or as a stream."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar
from uuid import UUID

import orjson
from falcon.asgi import Request, Response

from api import bodies, query
from api.auth import Authenticator, token_of
from api.door import JSON, Resource, send_bytes
from api.feed import positions, replies
from api.feed.feed import BATCH, WEIGHT, Feed
from api.feed.items import Item
from api.feed.listener import Listener
from api.feed.stream import MEDIA_TYPE, Stream
from api.problem import DIALECT
from api.shapes import number
from domain import access
from domain.access import Actor
from domain.errors import Unauthenticated
from projections import credentials
from projections.feed import BEGINNING, there

LIMIT = 100  # events a page, unless asked otherwise
LONGEST = 60  # seconds that a request may wait
REVOKED = "Your right to listen has ended."


class Events(Resource):
    """/api/events"""

    dialect = DIALECT
    needs_login = True
    answers: ClassVar = {"GET": replies.PAGE}
    media_types: ClassVar = {"GET": (JSON, MEDIA_TYPE)}
    headers: ClassVar = {"GET": {"Last-Event-ID": "of a stream: goes before `after`"}}
    query: ClassVar = {
        "GET": {
            "after": "Only events after this position, the `id` of an event; without it, all.",
            "limit": number(f"How many events a page has at most; else {LIMIT}.", 1, BATCH),
            "wait": number("Seconds to wait for an event when there is none.", 0, LONGEST),
        }
    }

    def __init__(self, feed: Feed, authenticator: Authenticator) -> None:
        self.feed = feed
        self.authenticator = authenticator

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the events after a position, or a stream of them. Raises Forbidden, Invalid.

        `Accept: text/event-stream` makes a stream, where `Last-Event-ID` goes before `after`.
        """
        access.require_admin(req.context.actor)
        limit = query.number(req, "limit", 1, BATCH) or LIMIT
        wait = query.number(req, "wait", 0, LONGEST) or 0
        streamed = req.client_prefers((JSON, MEDIA_TYPE)) == MEDIA_TYPE
        position = await self._begin(req, streamed=streamed)
        resp.set_header("Vary", "Accept")
        resp.set_header("Cache-Control", "no-store")
        if streamed:
            listener = Listener(await self._standing(req))
            resp.content_type = MEDIA_TYPE
            resp.set_header("X-Accel-Buffering", "no")
            resp.stream = Stream(self.feed, listener, req, position)
            return
        items = await self.feed.after(position, limit, WEIGHT, listening=False)
        if not items and wait:
            items = await self._wait(req, position, limit, wait)
        send_bytes(resp, _page(items, position))

    async def _begin(self, req: Request, *, streamed: bool) -> int:
        """Return where to begin. Raises Invalid for what is no position of this log."""
        text = req.get_header("Last-Event-ID") if streamed else None
        text = text or req.get_param("after")
        if not text:
            return BEGINNING
        position = positions.parse(text)
        if not await there(self.feed.db, position):
            raise positions.foreign()
        return position

    async def _standing(self, req: Request) -> frozenset[tuple[UUID, int]]:
        """Return what the asker's right rests on. Raises Unauthenticated, Forbidden."""
        actor: Actor = req.context.actor
        token = token_of(actor)
        ids = {actor.account} if token is None else {actor.account, token}
        standing = await credentials.standing(self.feed.db, ids)
        # Asked again, for a revoke in between stood already in what was read.
        access.require_admin(await self.authenticator.actor(req, self.dialect.name))
        if len(standing) < len(ids):
            raise Unauthenticated(REVOKED)
        return standing

    async def _wait(self, req: Request, position: int, limit: int, seconds: int) -> list[Item]:
        """Return the next events as soon as there are some, none when the time is over."""
        assert isinstance(req, bodies.Request)  # noqa: S101 - the application makes no other
        until = monotonic() + seconds
        listener = Listener(await self._standing(req))
        listener.watch(req.receive)
        self.feed.join(listener)
        items: list[Item] = []
        try:
            while not items and listener.end is None and monotonic() < until:
                listener.look()
                items = await self.feed.after(position, limit, WEIGHT, listening=True)
                if not items:
                    await listener.wait(until - monotonic())
        finally:
            self.feed.leave(listener)
        if listener.end == "revoked":
            raise Unauthenticated(REVOKED)
        return items


def _page(items: list[Item], position: int) -> bytes:
    """Return a page; `next` is the position to ask after, null while the log is empty."""
    last = items[-1].position if items else position
    following = None if last == BEGINNING else positions.token(last)
    events = b",".join([each.body for each in items])
    return b'{"events":[%b],"next":%b}' % (events, orjson.dumps(following))
