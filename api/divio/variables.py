"""Environment variables. The values of sensitive ones are taken, and never given back.

Source: the Divio specification, "environment-variables".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response

from api.divio import fields, paging, replies
from api.divio.deployments import ASKED, of_environments
from api.divio.fields import Field
from api.divio.paging import Page
from api.divio.resource import ShowingResource
from api.divio.things import APPS
from api.door import send
from domain.access import Actor
from domain.commands import variables as commands
from domain.commands.variables import Held
from domain.errors import Fault, Invalid
from domain.hosted import APPLICATION, ENVIRONMENT
from domain.identifiers import base32_of, id_of_base32
from domain.variable import LONGEST, MEMBER
from projections import hosted, variables
from projections.hosted import Wanted
from projections.variables import Listed

PATH = f"{APPS}/environment-variables"
NO_CONTENT = 204
MOST = 100  # lines of a page, each with a value of up to variable.LONGEST characters
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


def rendered(found: Listed) -> dict[str, Any]:
    """Return a variable as it is shown."""
    one = found.variable
    return {
        "uuid": one.uuid,
        "environment": base32_of(found.environment),
        "application": base32_of(found.application),
        "name": one.name,
        "value": one.value,
        "is_sensitive": one.is_sensitive,
    }


def _held(held: Held) -> dict[str, Any]:
    """Return a variable that a command left as it is shown."""
    thing = held.environment
    application = UUID(thing.said[APPLICATION.name])
    return rendered(Listed(thing.record.id, application, held.variable))


class VariableResource(ShowingResource):
    """What answers with variables."""

    title = "Environment variable"

    async def found(self, actor: Actor, uuid: str) -> Listed:
        """Return a variable of an environment that the asker sees. Raises NotFound."""
        wanted, db = Wanted({MEMBER: [{"uuid": uuid}]}), self.service.db
        if id_of_base32(uuid) is not None:
            for each in await variables.page(db, actor, wanted, uuid=uuid, limit=1, offset=0):
                return each
        raise commands.unknown()

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return the variable of an id as it is shown. Raises NotFound."""
        return rendered(await self.found(req.context.actor, uuid))


class Variables(VariableResource):
    """/apps/v3/environment-variables/"""

    takes: ClassVar = NEW
    answers: ClassVar = {"GET": replies.listed(replies.VARIABLE), "POST": replies.VARIABLE}
    request: ClassVar = {"POST": fields.schema(NEW)}
    query: ClassVar = {"GET": paging.parameters(MOST) | ASKED | {"name": "their name"}}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the variables of an environment, or of all of an application, by environment.

        Raises Invalid without either, NotFound.
        """
        actor, db = req.context.actor, self.service.db
        asked = paging.ids(req, APPLICATION.name, ENVIRONMENT.name)
        if asked == {}:
            raise Invalid(NEEDED, (Fault((), NEEDED),))
        name, uuid = (paging.last(req, each) or None for each in ("name", "uuid"))
        wanted, total = Wanted(), 0
        if asked and "\0" not in (name or "") + (uuid or ""):
            wanted = of_environments(asked)
            total = await variables.count(db, actor, wanted, name=name, uuid=uuid)

        async def read(page: Page) -> Sequence[dict[str, Any]]:
            found = await variables.page(
                db, actor, wanted, name=name, uuid=uuid, limit=page.size, offset=page.offset
            )
            return [rendered(each) for each in found]

        await paging.answer(req, resp, f"{self.base(req)}{PATH}/", total, read, most=MOST)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new one; of a sensitive one the value is null, now and ever.

        Raises Invalid, Forbidden.
        """
        body, members = await self.members(req)
        new, faults = fields.read(members, NEW)
        digested = await self._digested(req, body, new)
        keys = self.service.data_keys
        made = await self.run(req, digested, _location, commands.create, keys, new, faults)
        send(resp, _held(made), 201)
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
        environment = (await self.found(req.context.actor, uuid)).environment
        keys, change = self.service.data_keys, commands.change
        done = await self.run(req, body, _location, change, keys, environment, uuid, news, faults)
        send(resp, _held(done))

    async def on_delete(self, req: Request, resp: Response, uuid: str) -> None:
        """204; deployments before keep it. Raises NotFound, Forbidden."""
        environment = (await self.found(req.context.actor, uuid)).environment
        await self.run(req, b"", lambda _: None, commands.delete, environment, uuid)
        resp.status = NO_CONTENT


def _location(made: Held) -> str:
    return f"{PATH}/{made.variable.uuid}/"
