"""Who holds which right on a deposit, by the addresses that CAP knows people by.

Source: the CAP specification, "Representations", `access`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from api.service import Service
from domain import access
from domain.access import EVERYONE, SIGNED_IN, Actor, Level
from domain.commands.addresses import address
from domain.commands.sharing import RIGHTS
from domain.family import Family
from projections import deposits
from projections.deposits import Holder

WORDS = {SIGNED_IN: "authenticated_users", EVERYONE: "anonymous_users"}  # roles without a name

People = dict[UUID, Holder]


async def holders(service: Service, families: Iterable[Family]) -> People:
    """Return who holds something on one of some families, and their owners, by name."""
    ids = {who for family in families for who in (family.owner, *family.grants)}
    return {each.id: each for each in await deposits.holders(service.db, ids)}


def person(found: Holder | None) -> dict[str, Any]:
    """Return a person by address and profile; None is who is known no more."""
    if found is None:
        return {"email": "", "profile": {}}
    return {"email": address(found.name, found.email), "profile": {"display_name": found.name}}


def as_told(people: People, actor: Actor) -> People:
    """Return people as an actor knows them: others than himself by name where he may not know more.

    What goes by such an address still finds who is meant.
    """
    if access.sees_emails(actor):
        return people
    return {
        who: each if who == actor.account else replace(each, email=None)
        for who, each in people.items()
    }


def rights(family: Family, people: People, prefix: str) -> dict[str, Any]:
    """Return the three rights, each with who holds it; they begin with `prefix`."""
    return {
        name.replace("deposit", prefix): {
            "users": [
                person(each)
                for each in people.values()
                if not each.is_group and _held(family.grants, each.id) >= _needed(level, prefix)
            ],
            "roles": _roles(family, people, _needed(level, prefix)),
        }
        for name, level in RIGHTS.items()
    }


def addresses(family: Family, people: People, prefix: str) -> dict[str, Any]:
    """Return the three rights by the addresses alone, as `rights` has them."""
    return {
        name.removeprefix(f"{prefix}-"): {
            "users": [each["email"] for each in held["users"]],
            "roles": held["roles"],
        }
        for name, held in rights(family, people, prefix).items()
    }


def _roles(family: Family, people: People, level: Level) -> list[str]:
    held = [
        each.name
        for each in people.values()
        if each.is_group and _held(family.grants, each.id) >= level
    ]
    words = [word for who, word in WORDS.items() if _held(family.grants, who) >= level]
    return held + words


def _needed(level: Level, prefix: str) -> Level:
    """Return the rung that a right is: who views records reads them, deposits who also previews."""
    return Level.VIEW if (level, prefix) == (Level.PREVIEW, "record") else level


def _held(grants: Mapping[UUID, Level], who: UUID) -> Level:
    return grants.get(who, Level.NONE)
