"""Groups: accounts that are granted something together. Source: SampleDB, "Basic groups"."""

from __future__ import annotations

from typing import ClassVar

from api.sampledb import memberships, schemas
from api.sampledb.memberships import Face
from domain.group import Role

ROLES: dict[str, Role] = {
    "member": "member",
    "reader": "reader",
    "manager": "manager",
    "owner": "owner",
}
FACE = Face(kind="group", path="groups", role="role", roles=ROLES, usual="member")
ROLE = {"enum": [*ROLES], "description": "managers and owners may change the group"}


class Groups(memberships.Every):
    """/groups/"""

    face = FACE
    request: ClassVar = {"POST": schemas.NEW_GROUP}


class Group(memberships.One):
    """/groups/{number}"""

    face = FACE
    request: ClassVar = {"PUT": schemas.named("group_id")}


class MemberUsers(memberships.Users):
    """/groups/{number}/member_users/"""

    face = FACE
    request: ClassVar = {
        "POST": schemas.member("user_id", "user_id", role={**ROLE, "default": "member"})
    }


class MemberUser(memberships.User):
    """/groups/{number}/member_users/{user_id}"""

    face = FACE
    request: ClassVar = {"PUT": schemas.member("user_id", "role", role=ROLE)}
