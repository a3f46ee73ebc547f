"""Permissions of an object: users, groups, projects, all who are signed in, everybody.

They are shown to those who were granted something themselves or with all who are signed in: to
see an object because everyone may is not to see who else may what with it.
Grants hang on the family; SampleDB's read, write and grant are view, edit and manage. Source: the
specification, 2 "Endpoints"; DESIGN.md "Who may do what".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import parse, render, replies, schemas
from api.sampledb.resource import SampleDbResource
from api.service import Service
from api.shapes import BOOLEAN
from api.viewing import viewable
from domain import access
from domain.access import EVERYONE, SIGNED_IN, Actor, Level
from domain.commands import accounts
from domain.commands import groups as teams
from domain.commands import objects as commands
from domain.errors import Invalid, NotFound
from domain.group import Kind
from domain.identifiers import NUMBER
from domain.log import Session
from projections import grants, groups
from projections.grants import Through
from projections.objects import Head

NOT_ENABLED = "Anonymous users are not enabled here."
# SampleDB has administrators and instrument scientists beside: neither has a right by office here,
# so asking for theirs adds nothing.
INCLUDED = {
    "include_groups": "given: with what groups give their members",
    "include_projects": "given: with what projects give their members",
    "include_instrument_responsible_users": "adds nothing: they have no right by office",
    "include_admins": "adds nothing: they have no right by office",
}


def grant_user(session: Session, object_id: str, user_id: str, body: bytes) -> Level:
    """Give a user the rung that a body names, and return it."""
    record = commands.manageable(session, object_id)
    account = accounts.numbered(session, user_id)
    level = parse.level(body)
    commands.grant(session, record, account.id, level)
    return level


def grant_all(
    session: Session, object_id: str, read: Callable[[bytes], Level], body: bytes
) -> Level:
    """Give every signed-in user the rung that a body says, and return it."""
    record = commands.manageable(session, object_id)
    level = read(body)
    commands.grant_signed_in(session, record, level)
    return level


def grant_group(session: Session, object_id: str, kind: Kind, number: str, body: bytes) -> Level:
    """Give the members of a group or project the rung that a body names, and return it."""
    record = commands.manageable(session, object_id)
    group = teams.numbered(session, kind, number)
    level = parse.level(body)
    commands.grant_group(session, record, group, level)
    return level


def grant_everyone(session: Session, object_id: str, body: bytes) -> Level:
    """Give everybody, signed in or not, the rung that a body says, and return it."""
    record = commands.manageable(session, object_id)
    level = parse.level_of_all(body)
    commands.grant(session, record, EVERYONE, level)
    return level


def through(req: Request) -> Through:
    """Return what of others' permissions a query asks for, with any value as SampleDB does."""
    return Through(req.has_param("include_groups"), req.has_param("include_projects"))


async def shared(service: Service, actor: Actor, object_id: str) -> Head:
    """Return an object whose permissions an actor may see.

    Raises NotFound, Unauthenticated, Forbidden.
    """
    head = await viewable(service, actor, object_id)
    own = await grants.highest(service.db, head.family, access.of_their_own(actor))
    access.require(actor, own, Level.VIEW, "see the permissions of this object")
    return head


def levels(held: dict[int, Level]) -> dict[str, str]:
    """Return rungs by number."""
    return {str(number): render.level(level) for number, level in held.items()}


class Users(SampleDbResource):
    """/objects/{object_id}/permissions/users/"""

    answers: ClassVar = {"GET": replies.LEVELS_BY_NUMBER}
    query: ClassVar = {"GET": INCLUDED}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what each user was granted, by number. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        head = await shared(self.service, actor, object_id)
        held = await grants.users(self.service.db, head.family, through(req), actor.account)
        send(resp, levels(held))


class User(SampleDbResource):
    """/objects/{object_id}/permissions/users/{user_id}"""

    answers: ClassVar = {"GET": replies.LEVEL, "PUT": replies.LEVEL}
    request: ClassVar = {"PUT": schemas.LEVEL}
    query: ClassVar = {"GET": INCLUDED}

    async def on_get(self, req: Request, resp: Response, object_id: str, user_id: str) -> None:
        """200 with what the user was granted. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        head = await shared(self.service, actor, object_id)
        level = None
        if NUMBER.fullmatch(user_id):
            level = await grants.of_user(
                self.service.db, head.family, int(user_id), through(req), actor.account
            )
        if level is None:
            raise NotFound(f"There is no user {user_id}.")
        send(resp, render.level(level))

    async def on_put(self, req: Request, resp: Response, object_id: str, user_id: str) -> None:
        """200 with what the user is granted now. Raises NotFound, Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        level = await self.service.run(
            req.context.actor, None, grant_user, object_id, user_id, body
        )
        send(resp, render.level(level))


class OfKind(SampleDbResource):
    """What each group of a kind was granted."""

    answers: ClassVar = {"GET": replies.LEVELS_BY_NUMBER}
    kind: ClassVar[Kind]

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what each was granted, by number. Raises NotFound, Forbidden."""
        head = await shared(self.service, req.context.actor, object_id)
        send(
            resp, levels(await grants.groups(self.service.db, head.family, self.kind, through(req)))
        )


class OfOne(SampleDbResource):
    """What one group was granted."""

    answers: ClassVar = {"GET": replies.LEVEL, "PUT": replies.LEVEL}
    kind: ClassVar[Kind]
    request: ClassVar = {"PUT": schemas.LEVEL}

    async def on_get(self, req: Request, resp: Response, object_id: str, number: str) -> None:
        """200 with what it was granted. Raises NotFound, Forbidden."""
        db = self.service.db
        head = await shared(self.service, req.context.actor, object_id)
        if not NUMBER.fullmatch(number) or await groups.one(db, self.kind, int(number)) is None:
            raise NotFound(f"There is no {self.kind} {number}.")
        held = await grants.groups(db, head.family, self.kind, through(req))
        send(resp, render.level(held.get(int(number), Level.NONE)))

    async def on_put(self, req: Request, resp: Response, object_id: str, number: str) -> None:
        """200 with what it is granted now. Raises NotFound, Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        level = await self.service.run(
            req.context.actor, None, grant_group, object_id, self.kind, number, body
        )
        send(resp, render.level(level))


class Groups(OfKind):
    """/objects/{object_id}/permissions/groups/"""

    kind = "group"
    query: ClassVar = {"GET": {"include_projects": INCLUDED["include_projects"]}}


class Group(OfOne):
    """/objects/{object_id}/permissions/groups/{number}"""

    kind = "group"
    query: ClassVar = {"GET": {"include_projects": INCLUDED["include_projects"]}}


class Projects(OfKind):
    """/objects/{object_id}/permissions/projects/"""

    kind = "project"


class Project(OfOne):
    """/objects/{object_id}/permissions/projects/{number}"""

    kind = "project"


class OfAll(SampleDbResource):
    """What all who are signed in were granted together, or as part of everyone."""

    async def held(self, req: Request, object_id: str) -> Level:
        """Return their rung. Raises NotFound, Forbidden."""
        head = await shared(self.service, req.context.actor, object_id)
        return await grants.highest(self.service.db, head.family, (SIGNED_IN, EVERYONE))

    async def put(self, req: Request, object_id: str, read: Callable[[bytes], Level]) -> Level:
        """Give them the rung that the body says. Raises NotFound, Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        return await self.service.run(req.context.actor, None, grant_all, object_id, read, body)


class Public(OfAll):
    """/objects/{object_id}/permissions/public: whether every signed-in user may read"""

    answers: ClassVar = {"GET": BOOLEAN, "PUT": BOOLEAN}
    request: ClassVar = {"PUT": {"type": "boolean"}}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with a bool. Raises NotFound, Forbidden."""
        send(resp, await self.held(req, object_id) >= Level.VIEW)

    async def on_put(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the bool that holds now. Raises NotFound, Forbidden, Invalid, TooLarge."""
        send(resp, await self.put(req, object_id, parse.public) >= Level.VIEW)


class SignedIn(OfAll):
    """/objects/{object_id}/permissions/authenticated_users"""

    answers: ClassVar = {"GET": replies.LEVEL, "PUT": replies.LEVEL}
    request: ClassVar = {"PUT": schemas.LEVEL_OF_ALL}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what every signed-in user was granted. Raises NotFound, Forbidden."""
        send(resp, render.level(await self.held(req, object_id)))

    async def on_put(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what they are granted now. Raises NotFound, Forbidden, Invalid, TooLarge."""
        send(resp, render.level(await self.put(req, object_id, parse.level_of_all)))


class Anonymous(SampleDbResource):
    """/objects/{object_id}/permissions/anonymous_users: what everybody may, signed in or not"""

    answers: ClassVar = {"GET": replies.LEVEL, "PUT": replies.LEVEL}
    request: ClassVar = {"PUT": schemas.LEVEL_OF_ALL}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what they were granted. Raises NotFound, Forbidden, Invalid if not enabled."""
        head = await shared(self.service, req.context.actor, object_id)
        self._require_enabled()
        held = await grants.highest(self.service.db, head.family, (EVERYONE,))
        send(resp, render.level(held))

    async def on_put(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with what they are granted now. Raises NotFound, Forbidden, Invalid, TooLarge."""
        body = await self.body(req)
        if not self.service.anonymous_users:
            await self.service.run(req.context.actor, None, commands.manageable, object_id)
        self._require_enabled()
        level = await self.service.run(req.context.actor, None, grant_everyone, object_id, body)
        send(resp, render.level(level))

    def _require_enabled(self) -> None:
        """Pass when users may open objects to everybody. Raises Invalid."""
        if not self.service.anonymous_users:
            raise Invalid(NOT_ENABLED)
