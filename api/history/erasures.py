"""What was erased of an object; administrators erase more of it.

What is erased is gone at once from everything that is served. Of what it leaves in files, backups
and the database's own, the guide tells ("Erasing").
"""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import problem
from api.door import send
from api.history import replies
from api.idempotency import retry
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from api.viewing import viewable
from domain import access
from domain.access import Actor, Level
from domain.commands import erasures as commands
from domain.commands.erasures import Erasure, Wanted
from domain.erasure import DRAFT
from domain.errors import Invalid
from domain.instants import rfc3339
from domain.intake import members
from domain.log import Session
from projections import principals, tombstones

BODY = {
    "type": "object",
    "required": ["reason"],
    "additionalProperties": False,
    "properties": {
        "reason": {"type": "string", "minLength": 1, "maxLength": commands.REASON},
        "versions": {
            "description": "The first and the last number; without it and drafts the whole object.",
            "type": "array",
            "items": {"type": "integer", "minimum": 0},
            "minItems": 2,
            "maxItems": 2,
        },
        "drafts": {"type": "boolean"},
    },
}
REMAINS = (
    "The content is served no more. In files of the database it lies until muniment scrub has run,"
    " in backups until they are removed, and in what others have fetched."
)


def erase(session: Session, object_id: str, body: bytes) -> Erasure:
    """Read a body and erase what it names, all on a writer's thread."""
    return commands.erase(session, object_id, _wanted(body))


def _wanted(body: bytes) -> Wanted:
    """Return what a body asks for. Raises Invalid."""
    found = {name: each.value for name, each in members(body).items()}
    for name in found.keys() - BODY["properties"].keys():  # type: ignore[attr-defined]
        raise Invalid(f"There is no member {name[:40]!r}; there are reason, versions and drafts.")
    reason, versions, drafts = (found.get(each) for each in ("reason", "versions", "drafts"))
    if not isinstance(reason, str):
        raise Invalid("reason must say why.")
    if drafts is not None and not isinstance(drafts, bool):
        raise Invalid("drafts must be true or false.")
    if versions is None:
        return Wanted(reason, None, bool(drafts))
    numbers = [each for each in versions if type(each) is int] if type(versions) is list else []
    if len(numbers) != 2 or len(versions) != 2:
        raise Invalid("versions must be the numbers of the first and the last.")
    return Wanted(reason, (numbers[0], numbers[1]), bool(drafts))


def told(location: str) -> dict[str, Any]:
    """Return the body of a 201, which follows from its Location."""
    return {"href": location, "remains": REMAINS}


class Erasures(SampleDbResource):
    """/objects/{object_id}/erasures"""

    answers: ClassVar = {"GET": array(replies.ERASURE), "POST": replies.ERASED}
    dialect = replace(problem.DIALECT, created=told)
    scope = "actions"
    request: ClassVar = {"POST": BODY}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what was erased, as far as the asker might have seen it.

        Raises NotFound, Forbidden.
        """
        actor: Actor = req.context.actor
        head = await viewable(self.service, actor, object_id, erased=True)
        lines = [
            each
            for each in await tombstones.all_of(self.service.db, head.id)
            if (
                head.level >= Level.PREVIEW  # as drafts themselves
                if each.number == DRAFT
                else access.may_view_version(head.level, each.visibility, head.visibility)
            )
        ]
        names = await principals.named(self.service.db, {each.by for each in lines})
        send(
            resp,
            [
                {
                    "version": None if each.number == DRAFT else each.number,
                    "recorded_at": rfc3339(each.recorded_at),
                    "erased_at": rfc3339(each.erased_at),
                    "reason": each.reason,
                    "who": {"user_id": who.id, "name": who.name}
                    if (who := names.get(each.by)) is not None
                    else None,
                }
                for each in lines
            ],
        )

    async def on_post(self, req: Request, resp: Response, object_id: str) -> None:
        """201 when the content is gone. Raises NotFound, Forbidden, Invalid, Conflict."""
        body = await self.body(req)
        once = retry(req, body, lambda done: (201, self._of(done), None))
        done = await self.service.run(req.context.actor, once, erase, object_id, body)
        location = self._of(done)
        send(resp, told(location), 201)
        resp.set_header("Location", location)

    def _of(self, done: Erasure) -> str:
        return f"{self.prefix}/objects/{done.record.number}/erasures"
