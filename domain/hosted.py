"""Hosted: what records under Divio's built-in actions say. Source: the Divio specification.

An organisation has applications, an application has environments, an environment has domains and
service instances. Each is a record in the organisation's hands: its members edit it as far as their
role goes, and whoever leaves has nothing any more. Documents name what they are of by its id in
hex, under which `/objects/<id>` has it too. What was deleted says so in its newest version.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import orjson
from msgspec import Struct

from domain import variable
from domain.access import Level
from domain.errors import Fault, Invalid
from domain.group import Role
from domain.identifiers import stream_of
from domain.values import Body

ORGANISATION: Final = "organisation"
ROLES: Mapping[str, Role] = MappingProxyType({"MEMBER": "member", "ADMIN": "owner"})
DELETED = "deleted"
SLUG = r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$"
TEXT = 255  # characters of a name
SLUG_LENGTH = 64
LARGEST = 250_000  # bytes of a document: such a one is searched whole, and by that it is listed
COMMANDS = 100  # release commands of an application
COMMAND = 10_000  # characters of one
ENVIRONMENTS = ("test", "live")  # that every application begins with, in this order
BRANCH = "main"
REGION = stream_of("divio region", "local")
PLAN_GROUP = stream_of("divio plan group", "free")

_ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_TEXT = {"type": "string", "minLength": 1, "maxLength": TEXT}
_SLUG = {"type": "string", "pattern": SLUG, "maxLength": SLUG_LENGTH}
_COMMANDS = {
    "type": "array",
    "maxItems": COMMANDS,
    "items": {
        "type": "object",
        "required": ["label", "command"],
        "properties": {
            "label": {"type": "string", "maxLength": TEXT},
            "command": {"type": "string", "maxLength": COMMAND},
        },
        "additionalProperties": False,
    },
}


class Kind(Struct, frozen=True):
    """What there are many of: an application, an environment ..."""

    name: str
    description: str
    of: tuple[str, ...]  # what each is of, as its document names it, nearest last
    properties: Mapping[str, Any]
    optional: Mapping[str, Any] = {}  # members that a document may have beside
    fixed: tuple[str, ...] = ()  # what of it never changes
    unique: str | None = None  # the member that no other has: of all, or of those of the same thing
    deleting: Level = Level.EDIT  # what deleting it takes

    @property
    def action(self) -> UUID:
        """The action that each is made under."""
        return stream_of("action", f"divio.{self.name}")

    @property
    def ids(self) -> frozenset[str]:
        """The members that are ids in hex."""
        named = {name for name, each in self.properties.items() if each is _ID}
        return frozenset(self.of) | named

    @property
    def schema(self) -> Body:
        """What documents are held to."""
        properties = dict.fromkeys(self.of, _ID) | dict(self.properties)
        return Body(
            orjson.dumps(
                {
                    "title": f"Divio {self.name}",
                    "type": "object",
                    "required": list(properties),
                    "properties": properties | dict(self.optional) | {DELETED: {"const": True}},
                    "additionalProperties": False,
                }
            )
        )

    def scope(self, said: Mapping[str, Any]) -> str:
        """Return the name that what is unique in a document takes; of other members it is blank."""
        within = "" if self.of == (ORGANISATION,) else f"{said[self.of[-1]]} "
        return f"{within}{said[self.unique]}" if self.unique else ""


APPLICATION = Kind(
    "application",
    "Applications of organisations, at /apps/v3/applications/.",
    (ORGANISATION,),
    {
        "name": _TEXT,
        "slug": _SLUG,
        "region": _ID,
        "plan_group": _ID,
        "release_commands": _COMMANDS,
        "branch": _TEXT,
    },
    fixed=("slug",),
    unique="slug",
    deleting=Level.MANAGE,
)
ENVIRONMENT = Kind(
    "environment",
    "Environments of applications, at /apps/v3/environments/.",
    (ORGANISATION, "application"),
    {"slug": _SLUG, "branch": _TEXT},
    optional={variable.MEMBER: dict(variable.SCHEMA)},
    fixed=("slug",),
    unique="slug",
)
KINDS: Mapping[str, Kind] = MappingProxyType(
    {each.name: each for each in (APPLICATION, ENVIRONMENT)}
)
BY_ACTION: Mapping[UUID, Kind] = MappingProxyType({each.action: each for each in KINDS.values()})


def said(body: Body) -> dict[str, Any]:
    """Return what a document says."""
    found: dict[str, Any] = orjson.loads(bytes(body))
    return found


def require_size(body: Body) -> None:
    """Pass when a document is not too large. Raises Invalid."""
    size = len(bytes(body))
    if size > LARGEST:
        message = f"What this says has {size:,} bytes together; at most {LARGEST:,} are taken."
        raise Invalid(message, (Fault((), message),))
