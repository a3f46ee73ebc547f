"""Who asks, organisations, and who is in them. Source: the Divio specification, "Organisations"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.divio import fields, paging, render, replies
from api.divio.fields import Field
from api.divio.resource import DivioResource, ShowingResource
from api.door import send
from domain import access
from domain.access import Actor
from domain.commands import organisations as commands
from domain.commands.addresses import address
from domain.errors import NotFound
from domain.group import Group
from domain.hosted import ROLES
from domain.identifiers import base32_of, id_of_base32
from projections import accounts, hosted
from projections.hosted import Organisation

IAM = "/iam/v3"
NO_CONTENT = 204
NAME = Field("text", required=True)
ROLE = Field("choice", required=True, choices=tuple(ROLES))


class Me(DivioResource):
    """/iam/v3/me/"""

    title = "Me"
    answers: ClassVar = {"GET": replies.ME}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with who asks."""
        actor: Actor = req.context.actor
        person = await accounts.one(self.service.db, actor.number)
        shown = {
            "uuid": base32_of(actor.account),
            "email": address(actor.name, person.email if person else None),
            "first_name": actor.name,
            "last_name": "",
        }
        send(resp, shown)


class OrganisationResource(ShowingResource):
    """What is about an organisation that the asker is in."""

    title = "Organisation"

    async def found(self, req: Request, uuid: str) -> Organisation:
        """Return the asker's organisation of an id. Raises NotFound."""
        id_, actor = id_of_base32(uuid), req.context.actor
        if id_ is not None:
            for each in await hosted.organisations(self.service.db, actor.account, id_=id_):
                return each
        raise NotFound(commands.UNKNOWN)

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return an organisation as it is shown. Raises NotFound."""
        return render.organisation(await self.found(req, uuid))


class Organisations(OrganisationResource):
    """/iam/v3/organisations/"""

    takes: ClassVar = {"name": NAME}
    request: ClassVar = {"POST": fields.schema(takes)}
    answers: ClassVar = {
        "GET": replies.listed(replies.ORGANISATION),
        "POST": replies.ORGANISATION,
    }
    query: ClassVar = {"GET": paging.parameters() | {"uuid": "the id of one", "name": "its name"}}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the organisations that the asker is in. Raises NotFound."""
        actor, uuid, name = req.context.actor, paging.last(req, "uuid"), paging.last(req, "name")
        id_ = id_of_base32(uuid) if uuid else None
        found: Sequence[Organisation] = ()
        if "\0" not in (name or "") and not (uuid and id_ is None):
            db = self.service.db
            found = await hosted.organisations(db, actor.account, id_=id_, name=name or None)
        url = f"{self.base(req)}{IAM}/organisations/"
        await paging.answer_all(req, resp, url, [render.organisation(each) for each in found])

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new one, whose administrator is who makes it. Raises Invalid, Forbidden."""
        body, members = await self.members(req)
        new, faults = fields.read(members, self.takes)
        made = await self.run(req, body, _location, commands.create, new, faults)
        send(resp, await self.shown(req, base32_of(made.id)), 201)
        resp.set_header("Location", _location(made))


class OneOrganisation(OrganisationResource):
    """/iam/v3/organisations/{uuid}/"""

    takes: ClassVar = {"name": NAME}
    request: ClassVar = {"PATCH": fields.schema(takes, partial=True)}
    answers: ClassVar = {"GET": replies.ORGANISATION, "PATCH": replies.ORGANISATION}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it. Raises NotFound."""
        send(resp, await self.shown(req, uuid))

    async def on_patch(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it under its name, by who leads it. Raises Invalid, NotFound, Forbidden."""
        body, members = await self.members(req)
        news, faults = fields.read(members, self.takes, partial=True)
        await self.run(req, body, lambda _: None, commands.rename, uuid, news, faults)
        send(resp, await self.shown(req, uuid))


class MemberResource(OrganisationResource):
    """What answers with members of an organisation."""

    title = "Member"

    async def lines(self, req: Request, uuid: str) -> list[dict[str, Any]]:
        """Return who is in the organisation, with addresses as far as the asker is told them.

        Raises NotFound.
        """
        found, actor = await self.found(req, uuid), req.context.actor
        told = access.sees_emails(actor)
        return [
            render.member(
                each, address(each.name, each.email) if told or each.id == actor.account else None
            )
            for each in await hosted.members(self.service.db, found.id)
        ]

    async def line(self, req: Request, uuid: str, member: str) -> dict[str, Any]:
        """Return a member of the organisation. Raises NotFound."""
        for each in await self.lines(req, uuid):
            if each["uuid"] == member:
                return each
        raise NotFound(commands.NO_MEMBER)


class Members(MemberResource):
    """/iam/v3/organisations/{uuid}/members/"""

    takes: ClassVar = {"email": Field("text", required=True), "role": ROLE}
    request: ClassVar = {"POST": fields.schema(takes)}
    answers: ClassVar = {"GET": replies.listed(replies.MEMBER), "POST": replies.MEMBER}
    query: ClassVar = {"GET": paging.parameters()}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with who is in it, by name. Raises NotFound."""
        url = f"{self.base(req)}{IAM}/organisations/{uuid}/members/"
        await paging.answer_all(req, resp, url, await self.lines(req, uuid))

    async def on_post(self, req: Request, resp: Response, uuid: str) -> None:
        """201 with who is added, by who leads it. Raises Invalid, NotFound, Forbidden."""
        body, members = await self.members(req)
        new, faults = fields.read(members, self.takes)

        def location(account: Any) -> str:
            return f"{IAM}/organisations/{uuid}/members/{base32_of(account)}/"

        made = await self.run(req, body, location, commands.add_member, uuid, new, faults)
        line = await self.line(req, uuid, base32_of(made))
        send(resp, line, 201)
        resp.set_header("Location", location(made))

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return a member as he is shown. Raises NotFound."""
        organisation = req.path.removeprefix(f"{IAM}/organisations/").partition("/")[0]
        return await self.line(req, organisation, uuid)


class OneMember(MemberResource):
    """/iam/v3/organisations/{uuid}/members/{member}/"""

    takes: ClassVar = {"role": ROLE}
    request: ClassVar = {"PATCH": fields.schema(takes)}
    answers: ClassVar = {"GET": replies.MEMBER, "PATCH": replies.MEMBER}

    async def on_get(self, req: Request, resp: Response, uuid: str, member: str) -> None:
        """200 with a member. Raises NotFound."""
        send(resp, await self.line(req, uuid, member))

    async def on_patch(self, req: Request, resp: Response, uuid: str, member: str) -> None:
        """200 with a member in another role. Raises Invalid, NotFound, Forbidden."""
        body, members = await self.members(req)
        news, faults = fields.read(members, self.takes)
        await self.run(
            req, body, lambda _: None, commands.change_member, uuid, member, news, faults
        )
        send(resp, await self.line(req, uuid, member))

    async def on_delete(self, req: Request, resp: Response, uuid: str, member: str) -> None:
        """204; who left sees nothing of it any more. Raises Invalid, NotFound, Forbidden."""
        await self.run(req, b"", lambda _: None, commands.remove_member, uuid, member)
        resp.status = NO_CONTENT


def _location(made: Group) -> str:
    return f"{IAM}/organisations/{base32_of(made.id)}/"
