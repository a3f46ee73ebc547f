"""Actions: read by everybody, made by administrators. Source: the specification, 1 and 2.5."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api.door import send_bytes
from api.idempotency import give_again, retry
from api.sampledb import parse, render, schemas
from api.sampledb.resource import SampleDbResource
from api.service import Service
from domain import action
from domain.commands import actions as commands
from domain.errors import NotFound
from domain.event import Answer
from domain.identifiers import NUMBER
from domain.log import AnsweredBefore, Session
from projections import actions


def create(session: Session, body: bytes, depth: int, schema_bytes: int) -> action.Action:
    """Read a body and make the action it asks for, all on a writer's thread."""
    wanted = parse.new_action(body, depth)
    return commands.create(
        session,
        name=wanted.name,
        description=wanted.description,
        type_=wanted.type,
        schema=wanted.schema,
        schema_language=wanted.schema_language,
        schema_bytes=schema_bytes,
    )


async def shown(service: Service, row: actions.Row) -> bytes:
    """Return an action as JSON."""
    return render.action(row, await service.schema(row.id, row.schema_version))


class Actions(SampleDbResource):
    """/actions/"""

    request: ClassVar = {"POST": schemas.NEW_ACTION}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every action."""
        rows = await actions.every(self.service.db)
        send_bytes(resp, b"[" + b",".join([await shown(self.service, row) for row in rows]) + b"]")

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the action. Raises Forbidden for who is no administrator, Invalid, TooLarge."""
        body = await self.body(req)
        limits = self.service.limits
        actor = req.context.actor
        try:
            made = await self.service.run(
                actor,
                retry(req, body, lambda made: (201, self._location(made), None)),
                create,
                body,
                limits.json_depth,
                limits.schema_bytes,
            )
        except AnsweredBefore as error:
            give_again(resp, error.answer, await self._as_made(error.answer))
            return
        row = actions.Row(
            made.number,
            made.name,
            made.description,
            made.type,
            made.id,
            made.schema_version,
            actor.number,
        )
        send_bytes(resp, await shown(self.service, row), 201)
        resp.set_header("Location", self._location(made))

    def _location(self, made: action.Action) -> str:
        return f"{self.prefix}/actions/{made.number}"

    async def _as_made(self, before: Answer) -> bytes:
        """Return the action that an earlier request was shown, under its first schema."""
        number = int((before.location or "").rpartition("/")[2])
        row = await actions.one(self.service.db, number)
        assert row is not None  # noqa: S101 - an action is never deleted
        return await shown(self.service, replace(row, schema_version=1))


class Action(SampleDbResource):
    """/actions/{action_id}"""

    async def on_get(self, req: Request, resp: Response, action_id: str) -> None:
        """200 with the action. Raises NotFound."""
        row = None
        if NUMBER.fullmatch(action_id):
            row = await actions.one(self.service.db, int(action_id))
        if row is None:
            raise NotFound(f"There is no action {action_id}.")
        send_bytes(resp, await shown(self.service, row))
