"""Actions: submit, change a status, edit a configuration, and the like.

Each is carried out before it is answered, so none is queued, and none has failed.
Source: the IceProd specification.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar
from uuid import UUID

import orjson
from falcon.asgi import Request, Response
from msgspec import Raw, Struct

from api import tombs
from api.door import send, send_bytes
from api.iceprod import replies
from api.iceprod.resource import NO_STORE, IceprodResource, fields
from api.iceprod.schemas import TAKES
from api.service import Service
from domain import access, documents
from domain.access import Actor
from domain.commands import operations as commands
from domain.commands.operations import Fields
from domain.dataset import CONFIG
from domain.errors import Forbidden, NotFound
from domain.log import Session
from domain.operation import SAID, Operation
from projections import objects, operations

CLOSED = "You may not see this action."


class Kind(Struct, frozen=True):
    """An action: what it takes, and what carries it out."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    command: Callable[[Session, Fields], Operation]


KINDS = {
    "submit": Kind(
        ("config", "description", "jobs_submitted"),
        ("group", "username", "extra_submit_fields"),
        commands.submit,
    ),
    "dataset_status": Kind(("dataset_id", "action"), (), commands.change_status),
    "edit_config": Kind(("dataset_id", "config"), (), commands.edit_config),
    "job_status": Kind(
        ("dataset_id", "action"), ("initial_status", "job_ids"), commands.change_jobs
    ),
    "task_status": Kind(
        ("dataset_id", "action"), ("initial_status", "job_ids", "task_ids"), commands.change_tasks
    ),
    "materialization": Kind(("dataset_id",), ("set_status", "num"), commands.materialize),
}


class Actions(IceprodResource):
    """/actions/<kind>"""

    answers: ClassVar = {"GET": replies.COUNTS, "POST": replies.MADE}

    def __init__(self, service: Service, name: str) -> None:
        super().__init__(service)
        self.name = name
        self.kind = KINDS[name]
        self.request = {  # type: ignore[misc]  # each has its own
            "POST": {
                "type": "object",
                "required": list(self.kind.required),
                "properties": TAKES[name],
                "additionalProperties": False,
            }
        }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with how many there were, by their status."""
        done = await operations.count(self.service.db, self.name)
        send(resp, {"queued": 0, "processing": 0, "error": 0, "complete": done})
        resp.set_header("Cache-Control", NO_STORE)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the id of what was carried out.

        Raises Invalid, NotFound, Forbidden, Conflict.
        """
        body = await self.body(req)
        members = await self.members(body)
        given = fields(members, self.kind.required, self.kind.optional, large=(CONFIG,))

        def location(made: Operation) -> str:
            return f"/actions/{self.name}/{made.id.hex}"

        made = await self.run(req, body, 201, location, self.kind.command, given)
        send(resp, {"result": made.id.hex}, 201)
        resp.set_header("Location", location(made))
        resp.set_header("Cache-Control", NO_STORE)


class Action(IceprodResource):
    """/actions/<kind>/{action_id}"""

    def __init__(self, service: Service, name: str) -> None:
        super().__init__(service)
        self.name = name
        self.answers = {"GET": replies.action(name, TAKES[name])}

    async def on_get(self, req: Request, resp: Response, action_id: str) -> None:
        """200 with what was asked for, to who has asked for it.

        Raises NotFound, Forbidden, Gone where the version was erased that says it.
        """
        actor: Actor = req.context.actor
        try:
            found = await operations.one(self.service.db, self.name, UUID(action_id))
        except ValueError:
            found = None
        if found is None or (found.account != actor.account and not actor.admin):
            if actor.admin:
                raise NotFound(f"There is no action {action_id[:100]}.")
            raise Forbidden(CLOSED)
        payload = Raw(found.payload)
        if found.number is not None:
            payload = Raw(await self._whole(actor, found.payload, found.number))
        told = {"id": action_id, "status": "complete", "error_message": ""}
        said = {name: Raw(orjson.dumps(value)) for name, value in told.items()}
        send_bytes(resp, documents.joined(said | {"payload": payload}))
        resp.set_header("Cache-Control", NO_STORE)

    async def _whole(self, actor: Actor, payload: bytes, number: int) -> bytes:
        """Return what was asked for with what a version says of it. Raises Forbidden, Gone."""
        dataset_id: str = orjson.loads(payload)["dataset_id"]
        db, principals = self.service.db, actor.principals
        found = await objects.version(db, dataset_id, number, principals)
        if found is None or found.version is None:
            stone = await tombs.buried(db, dataset_id, [str(number)], principals)
            raise Forbidden(CLOSED) if stone is None else tombs.gone(stone, dataset_id)
        version = found.version
        if not access.may_view_version(found.level, version.visibility, found.visibility):
            raise Forbidden(CLOSED)
        return await self.service.weighed(
            len(version.body), _joined, version.body, SAID[self.name], payload
        )


def _joined(body: bytes, names: Sequence[str], payload: bytes) -> bytes:
    """Return what is kept of an action with members of a dataset: a configuration as a text."""
    said = documents.split(body)
    if CONFIG in names:
        said[CONFIG] = Raw(orjson.dumps(bytes(said[CONFIG]).decode()))
    return documents.joined({name: said[name] for name in names} | documents.split(payload))
