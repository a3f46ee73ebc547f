"""An earlier version of an object, published again as the next one."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import problem, tombs
from api.idempotency import retry
from api.sampledb import render
from api.sampledb.versions import Versions, created
from domain.access import Actor
from domain.commands import objects as commands
from domain.errors import Gone, Invalid
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
    return commands.restore(session, object_id, named(body))


def named(body: bytes) -> int:
    """Return the number of the version that a body names. Raises Invalid."""
    found = members(body)
    for key in found:
        if key != "version":
            raise Invalid(f"There is no member {key[:40]!r}; there is version.")
    version = found["version"].value if "version" in found else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise Invalid("version must be the number of a version.")
    return version


class Restore(Versions):
    """/objects/{object_id}/restore"""

    dialect = replace(problem.DIALECT, created=render.created)
    request: ClassVar = {"POST": BODY}

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 with the new version's Location, its ETag.

        Raises NotFound, Gone, Forbidden, Invalid.
        """
        body = await self.body(req)
        try:
            record = await self.service.run(
                req.context.actor,
                retry(req, body, lambda record: (201, *self._made(record))),
                restore,
                object_id,
                body,
            )
        except Gone:
            await self._say_when(req.context.actor, object_id, named(body))
            raise
        created(resp, *self._made(record))

    async def _say_when(self, actor: Actor, object_id: str, version: int) -> None:
        """Raise Gone with when and why, where the version that a body names was erased."""
        found = await tombs.buried(self.service.db, object_id, [str(version)], actor.principals)
        if found is not None:
            raise tombs.gone(found, object_id)
