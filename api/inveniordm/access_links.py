"""Access links of a record's family, for who manages it. Source: InvenioRDM, "Access links"."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api import instants
from api.idempotency import retry
from api.inveniordm import replies, schemas
from api.inveniordm.parse import MISSING, object_of
from api.inveniordm.resource import InvenioRdmResource, dumps, send
from domain import access
from domain.access import Actor, Level
from domain.access_links import EXPIRES_AT, RUNGS
from domain.commands import access_links as commands
from domain.commands.access_links import Made
from domain.errors import Fault, Invalid, NoRecord, NotFound
from domain.event import Answer
from domain.family import Link
from domain.log import Session
from projections import access_links, published

NAMES = {level: name for name, level in RUNGS.items()}
PERMISSION = ("permission",)


class Sent(Struct, frozen=True):
    """What a body says; None: nothing."""

    level: Level | None
    expires_at: datetime | None


def sent(body: bytes, depth: int) -> Sent:
    """Return what a body says of a link; members that it need not have are ignored.

    Raises Invalid, naming all that is wrong.
    """
    found = object_of(body, depth)
    faults = []
    permission, expires_at = found.get("permission"), found.get("expires_at")
    if permission is not None and (not isinstance(permission, str) or permission not in RUNGS):
        faults.append(Fault(PERMISSION, f"Must be one of: {', '.join(RUNGS)}."))
    until = None
    if isinstance(expires_at, str):
        try:
            until = instants.parse("expires_at", expires_at)
        except Invalid as error:
            faults.append(Fault(EXPIRES_AT, error.message))
    elif expires_at is not None:
        faults.append(Fault(EXPIRES_AT, "Not a valid string."))
    if faults:
        raise Invalid("This is no access link.", tuple(faults))
    return Sent(None if permission is None else RUNGS[permission], until)


def create(session: Session, pid: str, body: bytes, depth: int) -> Made:
    """Read a body and create the link it asks for, all on a writer's thread."""
    said = sent(body, depth)
    if said.level is None:
        raise Invalid("permission is missing.", (Fault(PERMISSION, MISSING),))
    return commands.create(session, pid, said.level, said.expires_at)


def change(session: Session, pid: str, link: UUID, body: bytes, depth: int) -> Made:
    """Read a body and have the link say that, all on a writer's thread."""
    said = sent(body, depth)
    return commands.change(session, pid, link, said.level, said.expires_at)


class LinksResource(InvenioRdmResource):
    """A resource of access links."""

    def shown(self, family: UUID, id_: UUID, level: Level, link: Link) -> dict[str, Any]:
        """Return a link as it is shown."""
        until = link.expires_at
        return {
            "id": str(id_),
            "token": self.service.link_tokens.token(family, id_),
            "permission": NAMES[level],
            "created_at": link.created_at.isoformat(),
            "expires_at": None if until is None else until.isoformat(),
        }

    def made(self, made: Made) -> dict[str, Any]:
        """Return a link that was just made or changed."""
        return self.shown(made.family, made.id, made.level, made.link)

    async def family(self, actor: Actor, pid: str) -> UUID:
        """Return the family of a record that the actor manages. Raises NotFound, Forbidden."""
        found = await published.one(self.service.db, pid, actor.principals)
        if found is None:
            raise NoRecord(f"There is no record {pid}.")
        access.require(actor, found.level, Level.MANAGE, "see the access links of this record")
        return found.family

    async def one(self, actor: Actor, pid: str, link: str) -> dict[str, Any]:
        """Return a link as it is shown. Raises NotFound, Forbidden."""
        family = await self.family(actor, pid)
        found = await access_links.one(self.service.db, family, _id(link))
        if found is None:
            raise _unknown(link)
        return self.shown(family, found.id, found.level, found.link)


class Links(LinksResource):
    """/api/records/{pid}/access/links/"""

    answers: ClassVar = {"GET": replies.ACCESS_LINKS, "POST": replies.ACCESS_LINK}
    request: ClassVar = {"POST": schemas.ACCESS_LINK}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str) -> None:
        """200 with all links, the oldest first. Raises NotFound, Forbidden, NotAcceptable."""
        family = await self.family(req.context.actor, pid)
        found = await access_links.of_family(self.service.db, family)
        hits = [self.shown(family, each.id, each.level, each.link) for each in found]
        send(req, resp, {"hits": {"hits": hits, "total": len(hits)}})

    async def on_post(self, req: Request, resp: Response, pid: str) -> None:
        """201 with the link that was created. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        made = await self.service.run(
            req.context.actor,
            retry(req, body, lambda made: (201, _location(pid, made), None)),
            create,
            pid,
            body,
            self.service.limits.json_depth,
        )
        send(req, resp, self.made(made), 201)
        resp.set_header("Location", _location(pid, made))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the link as it is now. Raises NotFound when it was revoked, Forbidden."""
        assert answer.location is not None  # noqa: S101 - on_post gives one
        *_, pid, _access, _links, link = answer.location.split("/")
        return dumps(req, await self.one(req.context.actor, pid, link))


class AccessLink(LinksResource):
    """/api/records/{pid}/access/links/{link}"""

    answers: ClassVar = {"GET": replies.ACCESS_LINK, "PATCH": replies.ACCESS_LINK}
    request: ClassVar = {"PATCH": schemas.ACCESS_LINK_CHANGE}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, pid: str, link: str) -> None:
        """200 with the link. Raises NotFound, Forbidden, NotAcceptable."""
        send(req, resp, await self.one(req.context.actor, pid, link))

    async def on_patch(self, req: Request, resp: Response, pid: str, link: str) -> None:
        """200 with the link as it is now; its expiry may only come nearer.

        Raises NotFound, Forbidden, Invalid.
        """
        body = await self.body(req)
        depth = self.service.limits.json_depth
        actor, id_ = req.context.actor, _id(link)
        send(
            req, resp, self.made(await self.service.run(actor, None, change, pid, id_, body, depth))
        )

    async def on_delete(self, req: Request, resp: Response, pid: str, link: str) -> None:
        """204 when the link opens nothing any more, at once. Raises NotFound, Forbidden."""
        await self.service.run(req.context.actor, None, commands.revoke, pid, _id(link))
        resp.status = 204


def _location(pid: str, made: Made) -> str:
    return f"/api/records/{pid}/access/links/{made.id}"


def _id(link: str) -> UUID:
    try:
        return UUID(link)
    except ValueError:
        raise _unknown(link) from None


def _unknown(link: str) -> NotFound:
    return NotFound(f"No secret link found with id {link}.")
