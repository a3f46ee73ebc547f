"""Members of communities and their roles. Source: InvenioRDM, "Members".

There are no invitations: who leads a community adds members, and who may joins by themselves. The
public is shown who leads it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from falcon.asgi import Request, Response
from msgspec import Struct

from api.idempotency import retry
from api.inveniordm import listing, parse, replies, schemas
from api.inveniordm.communities.finding import seen
from api.inveniordm.communities.render import url_of
from api.inveniordm.parse import MISSING
from api.inveniordm.resource import InvenioRdmResource, dumps
from domain.access import Actor
from domain.commands import communities as commands
from domain.errors import Fault, Forbidden, Invalid, Needed, NotFound
from domain.event import Answer
from domain.group import MANAGING, RUNGS, Group, Role
from domain.identifiers import NUMBER, stream_of
from domain.log import Session
from projections import community_members
from projections.communities import Community
from projections.community_members import Member

NAMES: dict[Role, str] = {role: "curator" if role == "member" else role for role in RUNGS}
ROLES: dict[str, Role] = {name: role for role, name in NAMES.items()}
MOST = 100  # members that one request changes
SORTS = ("name",)


class Sent(Struct, frozen=True):
    """The accounts that a body names, by number, and the role they are to have, if it says one."""

    numbers: list[int]
    role: Role | None


def sent(body: bytes, depth: int, *, with_role: bool) -> Sent:
    """Return what a body says of members. Raises Invalid, naming all that is wrong."""
    found = parse.object_of(body, depth)
    faults: list[Fault] = []
    numbers: list[int] = []
    given = found.get("members")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST:
        message = MISSING if given is None else f"Must be an array of 1 to {MOST} members."
        faults.append(Fault(("members",), message))
        given = []
    for at, each in enumerate(given):
        number = _number(each)
        if number is None:
            message = 'Must be a user: {"type": "user", "id": "2"}.'
            faults.append(Fault(("members", at), message))
        elif number not in numbers:
            numbers.append(number)
    named = found.get("role")
    role = ROLES.get(named) if isinstance(named, str) else None
    if with_role and role is None:
        message = MISSING if named is None else f"Must be one of: {', '.join(ROLES)}."
        faults.append(Fault(("role",), message))
    if faults:
        raise Invalid("These are no members.", tuple(faults))
    return Sent(numbers, role)


def _number(member: Any) -> int | None:
    if not isinstance(member, dict) or member.get("type", "user") != "user":
        return None
    id_ = member.get("id")
    text = str(id_) if isinstance(id_, str | int) and not isinstance(id_, bool) else ""
    return int(text) if NUMBER.fullmatch(text) else None


def add(session: Session, text: str, body: bytes, depth: int) -> Group:
    """Read a body and add the members it names, all or none, on a writer's thread."""
    return _put(session, text, sent(body, depth, with_role=True), known=False)


def change(session: Session, text: str, body: bytes, depth: int) -> Group:
    """Read a body and give members another role, all or none, on a writer's thread."""
    return _put(session, text, sent(body, depth, with_role=True), known=True)


def _put(session: Session, text: str, said: Sent, *, known: bool) -> Group:
    found = commands.called(session, text)
    assert said.role is not None  # noqa: S101 - it was asked for
    for number in said.numbers:
        before = found.members
        with _said_as_fault():
            found = commands.put_member(session, found, number, said.role)
        if (found.members.keys() == before.keys()) != known:
            raise _wrong(f"User {number} is {'no' if known else 'already a'} member.")
    return found


def remove(session: Session, text: str, body: bytes, depth: int) -> Group:
    """Read a body and take the members out that it names, all or none, on a writer's thread."""
    said = sent(body, depth, with_role=False)
    found = commands.called(session, text)
    for number in said.numbers:
        with _said_as_fault():
            found = commands.remove_member(session, found, number)
    return found


@contextmanager
def _said_as_fault() -> Iterator[None]:
    """Have what a community keeps or does not know refused as the input is: 400."""
    try:
        yield
    except (Needed, NotFound) as error:
        raise _wrong(error.message) from error


def _wrong(message: str) -> Invalid:
    return Invalid(message, (Fault(("members",), message),))


class MembersResource(InvenioRdmResource):
    """A resource that lists members."""

    query: ClassVar = {"GET": schemas.MEMBERS}

    async def listed(
        self, req: Request, resp: Response, found: Community, path: str, roles: Iterable[Role]
    ) -> None:
        """Answer with a page of the members who have one of these roles. Raises Invalid."""
        asked = listing.asked(req, SORTS, "name")
        page = await community_members.page(
            self.service.db, found.id, roles, limit=asked.size, offset=asked.offset
        )
        actor: Actor = req.context.actor

        async def hits() -> AsyncIterator[bytes]:
            for each in page.members:
                yield dumps(req, self.shown(found, each, actor))

        url = f"{url_of(self.base(req), found.slug)}/{path}"
        await listing.send_list(req, resp, url, asked, page.total, hits(), streamed=False)

    def shown(self, found: Community, member: Member, actor: Actor) -> dict[str, Any]:
        """Return a member as the public sees it."""
        return {
            "id": str(stream_of("membership", f"{found.id} {member.account}")),
            "member": {
                "type": "user",
                "id": str(member.number),
                "name": member.name,
                "description": member.affiliation or "",
            },
        }


class Members(MembersResource):
    """/api/communities/{community}/members/"""

    answers: ClassVar = {"GET": replies.hits(replies.MEMBER)}
    request: ClassVar = {
        "POST": schemas.MEMBERS_OF_ROLE,
        "PUT": schemas.MEMBERS_OF_ROLE,
        "DELETE": schemas.NAMED_MEMBERS,
    }

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with the members and their roles, by name; to members alone.

        Raises NotFound, Gone, Forbidden, Invalid, NotAcceptable.
        """
        found = await seen(self.service, req.context.actor, community)
        if found.role is None:  # also whom the public community is open to
            raise Forbidden("Only its members may see who is in this community.")
        await self.listed(req, resp, found, "members", RUNGS)

    def shown(self, found: Community, member: Member, actor: Actor) -> dict[str, Any]:
        """Return a member as members see it; `permissions` are what the asker may do about it."""
        is_self = member.account == actor.account
        may_change = found.role in MANAGING and (found.role == "owner" or member.role != "owner")
        stays = member.role == "owner" and len(found.owners) == 1  # nobody else leads it
        return super().shown(found, member, actor) | {
            "role": NAMES[member.role],
            "visible": member.role in MANAGING,
            "is_current_user": is_self,
            "permissions": {
                "can_leave": is_self and not stays,
                "can_delete": may_change and not is_self,
                "can_update_role": may_change and not stays,
                "can_update_visible": False,
            },
        }

    async def on_post(self, req: Request, resp: Response, community: str) -> None:
        """204 when all whom the body names are members in the role that it says.

        In a public community whose member_policy is open anybody makes themselves a reader. Raises
        NotFound, Gone, Forbidden, Invalid for who is a member already.
        """
        body = await self.body(req)
        again = retry(req, body, lambda _: (204, None, None))
        depth = self.service.limits.json_depth
        await self.service.run(req.context.actor, again, add, community, body, depth)
        resp.status = 204

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return nothing, as the first time."""
        return b""

    async def on_put(self, req: Request, resp: Response, community: str) -> None:
        """204 when all whom the body names have the role that it says.

        Raises NotFound, Gone, Forbidden, Invalid for who is no member, and for the last owner.
        """
        await self._changed(req, resp, community, change)

    async def on_delete(self, req: Request, resp: Response, community: str) -> None:
        """204 when those whom the body names are no members any more; everybody may leave.

        Raises NotFound, Gone, Forbidden, Invalid for who is no member, and for the last owner.
        """
        await self._changed(req, resp, community, remove)

    async def _changed(self, req: Request, resp: Response, community: str, command: Any) -> None:
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.service.run(req.context.actor, None, command, community, body, depth)
        resp.status = 204


class PublicMembers(MembersResource):
    """/api/communities/{community}/members/public"""

    answers: ClassVar = {"GET": replies.hits(replies.PUBLIC_MEMBER)}

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with those who lead the community, its owners and managers, by name.

        Raises NotFound, Gone, Forbidden, Invalid, NotAcceptable.
        """
        found = await seen(self.service, req.context.actor, community)
        await self.listed(req, resp, found, "members/public", MANAGING)
