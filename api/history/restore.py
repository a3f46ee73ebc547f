"""An earlier version of an object, published again as the next one."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import problem
from api.idempotency import retry
from api.sampledb import render
from api.sampledb.versions import Versions, created
from domain.commands import objects as commands
from domain.errors import Invalid
from domain.intake import members
from domain.log import Session
from domain.record import Record

BODY = {
    "type": "object",
    "required": ["version"],
    "additionalProperties": False,
    "properties": {"version": {"type": "integer", "minimum": 0}},
}


def restore(session: Session, object_id: str, body: bytes) -> Record:
    """Read a body and restore the version it names, all on a writer's thread."""
    found = members(body)
    for key in found:
        if key != "version":
            raise Invalid(f"There is no member {key[:40]!r}; there is version.")
    version = found["version"].value if "version" in found else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise Invalid("version must be the number of a version.")
    return commands.restore(session, object_id, version)


class Restore(Versions):
    """/objects/{object_id}/restore"""

    dialect = replace(problem.DIALECT, created=render.created)
    request: ClassVar = {"POST": BODY}

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the new version's Location. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        record = await self.service.run(
            req.context.actor,
            retry(req, body, lambda record: (201, *self._made(record))),
            restore,
            object_id,
            body,
        )
        created(resp, *self._made(record))
