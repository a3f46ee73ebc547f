"""What groups and projects have in common in SampleDB's shapes: making, naming, their members.

A member's role is `role` in a group and `permissions` in a project. Everybody who is signed in sees
all of them, as in SampleDB; who may change them, domain/commands/groups.py says. Source: the
specification, 2 "Endpoints"; SampleDB 0.33, `member_users`, to which Muniment adds the writing of
groups and projects themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from falcon.asgi import Request, Response
from msgspec import Struct

from api.door import send
from api.sampledb.resource import SampleDbResource
from api.service import Service
from domain.account import Account
from domain.commands import accounts
from domain.commands import groups as commands
from domain.errors import Invalid, NotFound
from domain.group import Group, Kind, Role
from domain.identifiers import NUMBER
from domain.intake import Document, members
from domain.languages import ENGLISH, Words, words
from domain.log import Session
from projections import groups
from projections.groups import Shown

API = "/api/v1"
NAME_LENGTH = 100  # characters. Source: SampleDB
DESCRIPTION_LENGTH = 10_000  # characters
LARGEST = 2**63 - 1  # of a number in the database


class Face(Struct, frozen=True):
    """How groups of a kind look in SampleDB's door."""

    kind: Kind
    path: str  # of them all
    role: str  # what a member's role is called
    roles: Mapping[str, Role]  # what it may be
    usual: str | None  # when it is not said; None: it must be

    def role_of(self, found: dict[str, Document]) -> Role:
        """Return the role that a body names, in any case. Raises Invalid."""
        member = found.get(self.role)
        said = self.usual if member is None else member.value
        role = self.roles.get(said.lower()) if isinstance(said, str) else None
        if role is None:
            raise Invalid(f"{self.role} must be one of {', '.join(self.roles)}")
        return role

    def said(self, role: Role) -> str:
        """Return what a role is called."""
        same = {each: name for name, each in self.roles.items()}
        return same[role] if role in same else same["owner"]

    def user(self, number: int, role: Role) -> dict[str, Any]:
        """Return a member."""
        href = f"{API}/users/{number}"
        return {"user_id": number, self.role: self.said(role), "href": href}

    def group(self, number: int, role: Role) -> dict[str, Any]:
        """Return a group that is a member."""
        href = f"{API}/groups/{number}"
        return {"group_id": number, self.role: self.said(role), "href": href}

    def whole(self, shown: Shown) -> dict[str, Any]:
        """Return a group with its members."""
        whole: dict[str, Any] = {
            f"{self.kind}_id": shown.number,
            "name": shown.name,
            "description": shown.description or {ENGLISH: ""},
            "member_users": [self.user(*each) for each in shown.members],
        }
        if self.kind == "project":
            whole["member_groups"] = [self.group(*each) for each in shown.member_groups]
        else:  # where members have no permissions, SampleDB has no word for their roles
            for each in whole["member_users"]:
                del each[self.role]
        return whole


def read(body: bytes, depth: int, *known: str) -> dict[str, Document]:
    """Return the members of a body that may have these alone. Raises Invalid naming another."""
    found = members(body, depth)
    for key in found:
        if key not in known:
            raise Invalid(f"invalid key '{key}'")
    return found


def integer(found: dict[str, Document], key: str) -> int:
    """Return a member that must be a number. Raises Invalid."""
    number = found[key].value if key in found else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid(f"{key} must be an integer")
    return number


def same(found: dict[str, Document], key: str, number: int) -> None:
    """Pass when a number that a body may repeat is that of its URL. Raises Invalid."""
    if key in found and integer(found, key) != number:
        raise Invalid(f"{key} must be {number}")


def _name(found: dict[str, Document]) -> Words | None:
    if "name" not in found:
        return None
    return words(found["name"].value, "name", longest=NAME_LENGTH, least=1)


def _description(found: dict[str, Document]) -> Words | None:
    if "description" not in found:
        return None
    return words(found["description"].value, "description", longest=DESCRIPTION_LENGTH)


def create(session: Session, face: Face, body: bytes, depth: int) -> Group:
    """Make the group that a body asks for."""
    found = read(body, depth, "name", "description")
    name = _name(found)
    if name is None:
        raise Invalid("name must be set")
    return commands.create(session, face.kind, name=name, description=_description(found) or {})


def change(session: Session, face: Face, number: str, body: bytes, depth: int) -> Group:
    """Give a group the name and the description that a body has."""
    group = commands.manageable(session, face.kind, number)
    key = f"{face.kind}_id"
    found = read(body, depth, key, "name", "description")
    same(found, key, group.number)
    return commands.change(session, group, name=_name(found), description=_description(found))


def delete(session: Session, face: Face, number: str) -> Group:
    """End a group."""
    return commands.delete(session, commands.manageable(session, face.kind, number))


def add_user(session: Session, face: Face, number: str, body: bytes, depth: int) -> int:
    """Make the account that a body names a member, and return its number."""
    group = commands.manageable(session, face.kind, number)
    found = read(body, depth, "user_id", face.role)
    user = integer(found, "user_id")
    account = session.find(Account, number=user) if 0 < user <= LARGEST else None
    if account is None:
        raise Invalid(f"There is no user {user}.")
    if account.id in group.members:
        raise Invalid(f"User {user} is already a member of this {face.kind}.")
    commands.put_member(session, group, account.id, face.role_of(found))
    return user


def change_user(
    session: Session, face: Face, number: str, user: str, body: bytes, depth: int
) -> tuple[int, Role]:
    """Give a member the role that a body names, and return both."""
    group = commands.manageable(session, face.kind, number)
    account = _member(session, face, group, user)
    found = read(body, depth, "user_id", face.role)
    same(found, "user_id", account.number)
    role = face.role_of(found)
    commands.put_member(session, group, account.id, role)
    return account.number, role


def remove_user(session: Session, face: Face, number: str, user: str) -> None:
    """Take a member out."""
    group = commands.manageable(session, face.kind, number)
    commands.remove_member(session, group, _member(session, face, group, user).id)


def _member(session: Session, face: Face, group: Group, user: str) -> Account:
    account = accounts.numbered(session, user)
    if account.id not in group.members:
        raise NotFound(f"User {user} is not a member of this {face.kind}.")
    return account


class Faced(SampleDbResource):
    """A resource of groups of one kind."""

    face: ClassVar[Face]

    async def shown(self, number: str) -> Shown:
        """Return the group that a number names. Raises NotFound."""
        found = None
        if NUMBER.fullmatch(number):
            found = await groups.one(self.service.db, self.face.kind, int(number))
        if found is None:
            raise NotFound(f"There is no {self.face.kind} {number}.")
        return found


class Every(Faced):
    """All groups of a kind."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with all of them, by number."""
        found = await groups.every(self.service.db, self.face.kind)
        send(resp, [self.face.whole(each) for each in found])

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the Location of the new one. Raises Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        await self.make(req, resp, body, self._location, create, self.face, body, depth)

    def _location(self, group: Group) -> str:
        return f"{API}/{self.face.path}/{group.number}"


class One(Faced):
    """One group."""

    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        """200 with its names and members. Raises NotFound."""
        send(resp, self.face.whole(await self.shown(number)))

    async def on_put(self, req: Request, resp: Response, number: str) -> None:
        """200 with it under its new name or description. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        group = await self.service.run(
            req.context.actor, None, change, self.face, number, body, depth
        )
        send(resp, self.face.whole(await as_decided(self.service, group)))

    async def on_delete(self, req: Request, resp: Response, number: str) -> None:
        """200 when it opens nothing any more. Raises NotFound, Forbidden."""
        await self.service.run(req.context.actor, None, delete, self.face, number)
        send(resp, {"message": f"The {self.face.kind} {number} was deleted."})


class Users(Faced):
    """The accounts that are members of a group."""

    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        """200 with each and its role. Raises NotFound."""
        send(resp, [self.face.user(*each) for each in (await self.shown(number)).members])

    async def on_post(self, req: Request, resp: Response, number: str) -> None:
        """201 with the Location of the new member. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        at = partial(self._location, number)
        await self.make(req, resp, body, at, add_user, self.face, number, body, depth)

    def _location(self, number: str, user: int) -> str:
        return f"{API}/{self.face.path}/{number}/member_users/{user}"


class User(Faced):
    """An account that is a member of a group."""

    async def on_get(self, req: Request, resp: Response, number: str, user_id: str) -> None:
        """200 with its role. Raises NotFound."""
        for member, role in (await self.shown(number)).members:
            if str(member) == user_id:
                send(resp, self.face.user(member, role))
                return
        raise NotFound(f"User {user_id} is not a member of this {self.face.kind}.")

    async def on_put(self, req: Request, resp: Response, number: str, user_id: str) -> None:
        """200 with its new role. Raises NotFound, Forbidden, Invalid, Needed."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        member, role = await self.service.run(
            req.context.actor, None, change_user, self.face, number, user_id, body, depth
        )
        send(resp, self.face.user(member, role))

    async def on_delete(self, req: Request, resp: Response, number: str, user_id: str) -> None:
        """200 when it is no member any more. Raises NotFound, Forbidden, Needed."""
        await self.service.run(req.context.actor, None, remove_user, self.face, number, user_id)
        said = f"User {user_id} is no longer a member of the {self.face.kind} {number}."
        send(resp, {"message": said})


async def as_decided(service: Service, group: Group) -> Shown:
    """Return a group as a command left it."""
    users = [(await service.number("accounts", id_), role) for id_, role in group.members.items()]
    others = [
        (await service.number("groups", id_), role) for id_, role in group.member_groups.items()
    ]
    return Shown(group.number, group.name, group.description, sorted(users), sorted(others))
