"""Actions: read by everybody, made and changed by administrators.

Source: the specification, 1, 2 "Endpoints" and 2.5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import ClassVar

from falcon.asgi import Request, Response

from api.conditional import matches
from api.door import JSON, send_bytes
from api.idempotency import retry
from api.sampledb import action_bodies, render, replies, schemas
from api.sampledb.resource import SampleDbResource
from api.service import Service
from api.shapes import array
from domain import action
from domain.account import Account
from domain.commands import actions as commands
from domain.errors import NotFound
from domain.event import Answer, evolve
from domain.identifiers import NUMBER
from domain.log import Log, Session
from projections import actions

PIECE = 256 << 10  # bytes of a list, about


def create(session: Session, body: bytes, depth: int, schema_bytes: int) -> action.Action:
    """Read a body and make the action it asks for, all on a writer's thread."""
    wanted = action_bodies.new_action(body, depth)
    return commands.create(
        session,
        name=wanted.name,
        description=wanted.description,
        type_=wanted.type,
        schema=wanted.schema,
        schema_language=wanted.schema_language,
        instrument=wanted.instrument,
        schema_bytes=schema_bytes,
    )


def change(
    session: Session, number: str, body: bytes, depth: int, schema_bytes: int
) -> action.Action:
    """Read a body and change an action as it asks, all on a writer's thread."""
    found = commands.changeable(session, number)
    owner = session.find(Account, id=found.owner)
    now = render.action_head(actions.row(found, None if owner is None else owner.number))
    wanted = action_bodies.changed(body, depth, now)
    return commands.change(
        session,
        found,
        name=wanted.name,
        description=wanted.description,
        hidden=wanted.hidden,
        schema=wanted.schema,
        schema_bytes=schema_bytes,
    )


def as_it_was(log: Log, number: int, version: int) -> action.Action:
    """Return an action as one of its events left it."""
    head = log.heads.head(action.Action, number=number)
    assert head is not None  # noqa: S101 - an action is never deleted
    found: action.Action | None = None
    for entry in log.events.get(head.id, lte=version):
        found = evolve(found, entry)  # type: ignore[arg-type]  # the log gives entries
    assert found is not None  # noqa: S101 - its first event is there
    return found


async def shown(service: Service, row: actions.Row) -> bytes:
    """Return an action as JSON."""
    return render.action(row, await service.schema(row.id, row.schema_version))


class _Answering(SampleDbResource):
    async def _row(self, found: action.Action) -> actions.Row:
        user = await self.service.number("accounts", found.owner)
        return actions.row(found, user or None)

    async def _send(self, resp: Response, found: action.Action, status: int) -> None:
        row = await self._row(found)
        send_bytes(resp, await shown(self.service, row), status)
        resp.set_header("ETag", render.action_etag(row))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body of a first answer: the action as it was then."""
        tag = (answer.etag or "").strip('"').removeprefix("action").split(".")
        number = int(tag[0] or (answer.location or "").rpartition("/")[2])
        version = int(tag[1]) if len(tag) > 1 else 1
        log = self.service.log
        found = await self.service.slow(lambda: as_it_was(log, number, version))
        return await shown(self.service, await self._row(found))


def _tag(made: action.Action) -> str:
    return render.action_etag(actions.row(made, None))


class Actions(_Answering):
    """/actions/"""

    answers: ClassVar = {"GET": array(replies.ACTION), "POST": replies.ACTION}
    request: ClassVar = {"POST": schemas.NEW_ACTION}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every action, 304 when the asker has them."""
        rows = await actions.every(self.service.db)
        said = repr([(row.number, row.version) for row in rows]).encode()
        tag = f'"actions.{sha256(said).hexdigest()}.sampledb{render.RENDERER}"'
        resp.set_header("ETag", tag)
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
        pieces = self._pieces(rows)
        first = await anext(pieces)
        if first.endswith(b"]"):  # a piece that others follow ends with a comma
            send_bytes(resp, first)
            return
        resp.content_type = JSON
        resp.stream = _following(first, pieces)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the action, its ETag.

        Raises Forbidden for who is no administrator, Invalid, TooLarge.
        """
        body = await self.body(req)
        limits = self.service.limits
        made = await self.service.run(
            req.context.actor,
            retry(req, body, lambda made: (201, self._location(made), _tag(made))),
            create,
            body,
            limits.json_depth,
            limits.schema_bytes,
        )
        await self._send(resp, made, 201)
        resp.set_header("Location", self._location(made))

    def _location(self, made: action.Action) -> str:
        return f"{self.prefix}/actions/{made.number}"

    async def _pieces(self, rows: Sequence[actions.Row]) -> AsyncIterator[bytes]:
        """Give a list piece by piece: it may be larger than what should be held of it."""
        held = [b"["]
        size = 0
        for row in rows:
            if size > PIECE:
                yield b"".join(held)
                held, size = [], 0
            one = await shown(self.service, row)
            held += (one, b",")
            size += len(one)
        yield b"".join(held).removesuffix(b",") + b"]"


async def _following(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


class Action(_Answering):
    """/actions/{action_id}"""

    answers: ClassVar = {"GET": replies.ACTION, "POST": replies.ACTION}
    request: ClassVar = {"POST": schemas.ACTION}

    async def on_get(self, req: Request, resp: Response, action_id: str) -> None:
        """200 with the action, 304 when the asker has it. Raises NotFound."""
        row = None
        if NUMBER.fullmatch(action_id):
            row = await actions.one(self.service.db, int(action_id))
        if row is None:
            raise NotFound(f"There is no action {action_id}.")
        tag = render.action_etag(row)
        resp.set_header("ETag", tag)
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
        send_bytes(resp, await shown(self.service, row))

    async def on_post(self, req: Request, resp: Response, action_id: str) -> None:
        """200 with the action as it is now, its ETag.

        Raises NotFound, Forbidden, Invalid, TooLarge.
        """
        body = await self.body(req)
        limits = self.service.limits
        changed = await self.service.run(
            req.context.actor,
            retry(req, body, lambda changed: (200, None, _tag(changed))),
            change,
            action_id,
            body,
            limits.json_depth,
            limits.schema_bytes,
        )
        await self._send(resp, changed, 200)
