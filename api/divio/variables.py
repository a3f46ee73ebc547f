"""Environment variables. The values of sensitive ones are taken, and never given back.

Source: the Divio specification, "environment-variables".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response

from api.divio import fields, paging, replies
from api.divio.fields import Field
from api.divio.resource import DivioResource
from api.divio.things import APPS
from api.door import send
from domain import variable
from domain.access import Actor
from domain.commands import variables as commands
from domain.commands.variables import Held
from domain.errors import Fault, Invalid
from domain.hosted import APPLICATION, ENVIRONMENT
from domain.identifiers import base32_of, id_of_base32
from domain.variable import LONGEST, MEMBER, Variable
from projections import hosted
from projections.hosted import Found, Wanted

PATH = f"{APPS}/environment-variables"
NO_CONTENT = 204
MOST = 10_000  # environments of which variables are listed
NEEDED = "application or environment is needed."
CHANGING = {
    "environment": Field("id"),
    "name": Field("text"),
    "value": Field("raw", blank=True, most=LONGEST),
    "is_sensitive": Field("flag"),
}
NEW = {
    "environment": Field("id", required=True),
    "name": Field("text", required=True),
    "value": Field("raw", required=True, blank=True, most=LONGEST),
    "is_sensitive": Field("flag", default=False),
}


def rendered(environment: UUID, said: Mapping[str, Any], one: Variable) -> dict[str, Any]:
    """Return a variable as it is shown."""
    return {
        "uuid": one.uuid,
        "environment": base32_of(environment),
        "application": base32_of(UUID(said[APPLICATION.name])),
        "name": one.name,
        "value": one.value,
        "is_sensitive": one.is_sensitive,
    }


class VariableResource(DivioResource):
    """What answers with variables."""

    title = "Environment variable"

    async def found(self, actor: Actor, uuid: str) -> tuple[Found, Variable]:
        """Return the environment of a variable that the asker sees, and it. Raises NotFound."""
        having = {MEMBER: [{"uuid": uuid}]}
        if id_of_base32(uuid) is not None:
            for each in await self.environments(actor, Wanted(having)):
                for one in variable.of(each.said):
                    if one.uuid == uuid:
                        return each, one
        raise commands.unknown()

    async def environments(self, actor: Actor, wanted: Wanted) -> list[Found]:
        """Return the environments that the asker sees and that are wanted."""
        db = self.service.db
        return await hosted.page(db, ENVIRONMENT, actor, wanted, limit=MOST, offset=0)

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return the variable of an id as it is shown. Raises NotFound."""
        found, one = await self.found(req.context.actor, uuid)
        return rendered(found.id, found.said, one)


class Variables(VariableResource):
    """/apps/v3/environment-variables/"""

    takes: ClassVar = NEW
    answers: ClassVar = {"GET": replies.listed(replies.VARIABLE), "POST": replies.VARIABLE}
    request: ClassVar = {"POST": fields.schema(NEW)}
    query: ClassVar = {
        "GET": paging.PARAMETERS
        | {
            "application": "the id of an application; it or an environment is needed",
            "environment": "the id of an environment",
            "name": "their name",
            "uuid": "the id of one",
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the variables of an environment, or of all of an application, by environment.

        Raises Invalid without either, NotFound.
        """
        having: dict[str, str] = {}
        ids: dict[str, UUID | None] = {}
        for name in (APPLICATION.name, ENVIRONMENT.name):
            text = paging.last(req, name)
            if text:
                ids[name] = id_of_base32(text)
        if not ids:
            raise Invalid(NEEDED, (Fault((), NEEDED),))
        if None in ids.values():
            environments = []
        else:
            if application := ids.get(APPLICATION.name):
                having[APPLICATION.name] = application.hex
            wanted = Wanted(having, ids.get(ENVIRONMENT.name))
            environments = await self.environments(req.context.actor, wanted)
        asked = {name: paging.last(req, name) for name in ("name", "uuid")}
        lines = [
            rendered(each.id, each.said, one)
            for each in environments
            for one in variable.of(each.said)
            if all(not text or getattr(one, name) == text for name, text in asked.items())
        ]
        await paging.answer_all(req, resp, f"{self.base(req)}{PATH}/", lines)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new one; of a sensitive one the value is null, now and ever.

        Raises Invalid, Forbidden.
        """
        body, members = await self.members(req)
        new, faults = fields.read(members, NEW)
        digested = await self._digested(req, body, new)
        keys = self.service.data_keys
        made = await self.run(req, digested, _location, commands.create, keys, new, faults)
        thing = made.environment
        send(resp, rendered(thing.record.id, thing.said, made.variable), 201)
        resp.set_header("Location", _location(made))

    async def _digested(self, req: Request, body: bytes, new: Mapping[str, Any]) -> bytes:
        """Return what stands for a body where its digest is kept: nobody guesses a secret by it.

        Whoever may not know of the environment has it refused, whatever stands for it.
        """
        environment = new.get(ENVIRONMENT.name)
        if req.get_header("Idempotency-Key") is None or environment is None:
            return body
        actor, id_ = req.context.actor, UUID(environment)
        if await hosted.one(self.service.db, ENVIRONMENT, actor, id_) is None:
            return body
        return await self.service.slow(lambda: self.service.data_keys.of(id_).digest(body))


class OneVariable(VariableResource):
    """/apps/v3/environment-variables/{uuid}/"""

    takes: ClassVar = CHANGING
    answers: ClassVar = {"GET": replies.VARIABLE, "PATCH": replies.VARIABLE}
    request: ClassVar = {"PATCH": fields.schema(CHANGING, partial=True)}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it. Raises NotFound."""
        send(resp, await self.shown(req, uuid))

    async def on_patch(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it as it is then. A sensitive value is taken away, or shown, only for another.

        Raises Invalid, NotFound, Forbidden.
        """
        body, members = await self.members(req)
        news, faults = fields.read(members, CHANGING, partial=True)
        found, _ = await self.found(req.context.actor, uuid)
        keys, change = self.service.data_keys, commands.change
        done = await self.run(req, body, _location, change, keys, found.id, uuid, news, faults)
        thing = done.environment
        send(resp, rendered(thing.record.id, thing.said, done.variable))

    async def on_delete(self, req: Request, resp: Response, uuid: str) -> None:
        """204; deployments before keep it. Raises NotFound, Forbidden."""
        found, _ = await self.found(req.context.actor, uuid)
        await self.run(req, b"", lambda _: None, commands.delete, found.id, uuid)
        resp.status = NO_CONTENT


def _location(made: Held) -> str:
    return f"{PATH}/{made.variable.uuid}/"
