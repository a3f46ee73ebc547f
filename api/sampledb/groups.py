"""Groups: accounts that are granted something together. Source: SampleDB, "Basic groups"."""

from __future__ import annotations

from typing import ClassVar

from api.sampledb import memberships, replies, schemas
from api.sampledb.memberships import Face
from api.shapes import array
from domain.group import Role

ROLES: dict[str, Role] = {
    "member": "member",
    "reader": "reader",
    "manager": "manager",
    "owner": "owner",
}
FACE = Face(kind="group", path="groups", role="role", roles=ROLES, usual="member")
ROLE = schemas.word(*ROLES)


class Groups(memberships.Every):
    """/groups/"""

    answers: ClassVar = {"GET": array(replies.GROUP)}
    face = FACE
    request: ClassVar = {"POST": schemas.NEW_GROUP}


class Group(memberships.One):
    """/groups/{number}"""

    answers: ClassVar = {"GET": replies.GROUP, "PUT": replies.GROUP, "DELETE": replies.DONE}
    face = FACE
    request: ClassVar = {"PUT": schemas.named("group_id")}


class MemberUsers(memberships.Users):
    """/groups/{number}/member_users/"""

    answers: ClassVar = {"GET": array(replies.GROUP_MEMBER)}
    face = FACE
    request: ClassVar = {
        "POST": schemas.member("user_id", "user_id", role={**ROLE, "default": "member"})
    }


class MemberUser(memberships.User):
    """/groups/{number}/member_users/{user_id}"""

    answers: ClassVar = {
        "GET": replies.GROUP_MEMBER,
        "PUT": replies.GROUP_MEMBER,
        "DELETE": replies.DONE,
    }
    face = FACE
    request: ClassVar = {"PUT": schemas.member("user_id", "role", role=ROLE)}
