"""Projects: accounts and groups that are granted something together. Source: SampleDB.

Each has a permission of its own in the project: what the project is granted goes as far as that.
"""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import memberships, replies, schemas
from api.sampledb.memberships import API, LARGEST, Face, Faced, integer, read, same
from api.shapes import array
from domain import group as domain
from domain.commands import groups as commands
from domain.errors import Invalid, NotFound
from domain.group import Role
from domain.log import Session

ROLES: dict[str, Role] = {"read": "reader", "write": "member", "grant": "owner"}
FACE = Face(kind="project", path="projects", role="permissions", roles=ROLES, usual=None)
PERMISSIONS = schemas.word("read", "write", "grant")


def add_group(session: Session, number: str, body: bytes, depth: int) -> int:
    """Make the group that a body names a member, and return its number."""
    project = commands.manageable(session, FACE.kind, number)
    found = read(body, depth, "group_id", FACE.role)
    asked = integer(found, "group_id")
    group = None
    if 0 < asked <= LARGEST:
        group = session.find(domain.Group, kind="group", number=asked)
    if group is None or group.deleted:
        raise Invalid(f"There is no group {asked}.")
    if group.id in project.member_groups:
        raise Invalid(f"Group {asked} is already a member of this project.")
    commands.put_group(session, project, group, FACE.role_of(found))
    return asked


def change_group(
    session: Session, number: str, group_id: str, body: bytes, depth: int
) -> tuple[int, Role]:
    """Give a group that is a member the permission that a body names, and return both."""
    project = commands.manageable(session, FACE.kind, number)
    group = _member(session, project, group_id)
    found = read(body, depth, "group_id", FACE.role)
    same(found, "group_id", group.number)
    role = FACE.role_of(found)
    commands.put_group(session, project, group, role)
    return group.number, role


def remove_group(session: Session, number: str, group_id: str) -> None:
    """Take a group out."""
    project = commands.manageable(session, FACE.kind, number)
    commands.remove_group(session, project, _member(session, project, group_id))


def _member(session: Session, project: domain.Group, group_id: str) -> domain.Group:
    group = commands.numbered(session, "group", group_id)
    if group.id not in project.member_groups:
        raise NotFound(f"Group {group_id} is not a member of this project.")
    return group


class Projects(memberships.Every):
    """/projects/"""

    answers: ClassVar = {"GET": array(replies.PROJECT)}
    face = FACE
    request: ClassVar = {"POST": schemas.NEW_GROUP}


class Project(memberships.One):
    """/projects/{number}"""

    answers: ClassVar = {"GET": replies.PROJECT, "PUT": replies.PROJECT, "DELETE": replies.DONE}
    face = FACE
    request: ClassVar = {"PUT": schemas.named("project_id")}


class MemberUsers(memberships.Users):
    """/projects/{number}/member_users/"""

    answers: ClassVar = {"GET": array(replies.PROJECT_MEMBER)}
    face = FACE
    request: ClassVar = {
        "POST": schemas.member("user_id", "user_id", "permissions", permissions=PERMISSIONS)
    }


class MemberUser(memberships.User):
    """/projects/{number}/member_users/{user_id}"""

    answers: ClassVar = {
        "GET": replies.PROJECT_MEMBER,
        "PUT": replies.PROJECT_MEMBER,
        "DELETE": replies.DONE,
    }
    face = FACE
    request: ClassVar = {"PUT": schemas.member("user_id", "permissions", permissions=PERMISSIONS)}


class MemberGroups(Faced):
    """/projects/{number}/member_groups/"""

    answers: ClassVar = {"GET": array(replies.PROJECT_GROUP)}
    face = FACE
    request: ClassVar = {
        "POST": schemas.member("group_id", "group_id", "permissions", permissions=PERMISSIONS)
    }

    async def on_get(self, req: Request, resp: Response, number: str) -> None:
        """200 with each and its permission. Raises NotFound."""
        send(resp, [FACE.group(*each) for each in (await self.shown(number)).member_groups])

    async def on_post(self, req: Request, resp: Response, number: str) -> None:
        """201 with the Location of the new member. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)

        def location(group: int) -> str:
            return f"{API}/projects/{number}/member_groups/{group}"

        depth = self.service.limits.json_depth
        await self.make(req, resp, body, location, add_group, number, body, depth)


class MemberGroup(Faced):
    """/projects/{number}/member_groups/{group_id}"""

    answers: ClassVar = {
        "GET": replies.PROJECT_GROUP,
        "PUT": replies.PROJECT_GROUP,
        "DELETE": replies.DONE,
    }
    face = FACE
    request: ClassVar[dict[str, Any]] = {
        "PUT": schemas.member("group_id", "permissions", permissions=PERMISSIONS)
    }

    async def on_get(self, req: Request, resp: Response, number: str, group_id: str) -> None:
        """200 with its permission. Raises NotFound."""
        for member, role in (await self.shown(number)).member_groups:
            if str(member) == group_id:
                send(resp, FACE.group(member, role))
                return
        raise NotFound(f"Group {group_id} is not a member of this project.")

    async def on_put(self, req: Request, resp: Response, number: str, group_id: str) -> None:
        """200 with its new permission. Raises NotFound, Forbidden, Invalid."""
        body = await self.body(req)
        depth = self.service.limits.json_depth
        member, role = await self.service.run(
            req.context.actor, None, change_group, number, group_id, body, depth
        )
        send(resp, FACE.group(member, role))

    async def on_delete(self, req: Request, resp: Response, number: str, group_id: str) -> None:
        """200 when it is no member any more. Raises NotFound, Forbidden."""
        await self.service.run(req.context.actor, None, remove_group, number, group_id)
        said = f"Group {group_id} is no longer a member of the project {number}."
        send(resp, {"message": said})
