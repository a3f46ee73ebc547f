"""Rights on deposits, given to users and e-groups and taken from them.

CAP names three, of which each includes those before: they are rungs of the ladder. Source: the CAP
specification, "Permissions action".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from domain import access
from domain.access import Level
from domain.commands import addresses, deposits, egroups
from domain.commands.deposits import NAMED, Deposit
from domain.errors import Invalid
from domain.family import Family
from domain.log import Session

RIGHTS: dict[str, Level] = {
    "deposit-read": Level.PREVIEW,
    "deposit-update": Level.EDIT,
    "deposit-admin": Level.MANAGE,
}


class Change(Struct, frozen=True):
    """One line of a request: to whom, or from whom, which right."""

    email: str
    type: Literal["user", "egroup"]
    op: Literal["add", "remove"]
    action: Literal["deposit-read", "deposit-update", "deposit-admin"]


def share(
    session: Session, depid: str, changes: Sequence[Change], expected: int | None = None
) -> Deposit:
    """Give and take rights, all of them or none.

    Raises NotFound, Gone, Forbidden, Stale, Invalid for somebody unknown, for a right that is given
    and held already, or taken and not held, or that two lines are about, and when nobody but the
    administrators could manage the deposit.
    """
    access.require_scope(session.actor, "actions")
    record = deposits.find(session, depid, Level.MANAGE)
    deposits.require_revision(record, expected)
    family = deposits.family_of(session, record)
    after: dict[UUID, Level] = {}
    said: set[tuple[UUID, str]] = set()
    for each in changes:
        who, level = _principal(session, each), RIGHTS[each.action]
        if (who, each.action) in said:
            raise Invalid(f"{each.email[:NAMED]} has more than one line for {each.action}.")
        said.add((who, each.action))
        before = family.grants.get(who, Level.NONE)
        if (before >= level) == (each.op == "add"):
            state = "already" if each.op == "add" else "not"
            raise Invalid(f"{each.email[:NAMED]} has the right {each.action} {state}.")
        now = after.get(who, before)
        after[who] = max(now, level) if each.op == "add" else min(now, _below(level))
    # Gains come first, so that one request may hand over who manages it.
    for who, level in sorted(after.items(), key=lambda each: _loses(family, *each)):
        event = family.grant(who, level)
        if event is not None:
            family = session.change(family, event)
    return deposits.as_it_is(session, record)


def _loses(family: Family, who: UUID, level: Level) -> bool:
    return level < family.grants.get(who, Level.NONE)


def _below(level: Level) -> Level:
    return Level.NONE if level == Level.PREVIEW else Level(level - 1)


def _principal(session: Session, change: Change) -> UUID:
    """Return whom a line names, by e-mail address or name. Raises Invalid."""
    if change.type == "egroup":
        return egroups.called(session, change.email).id
    account = addresses.holder(session, change.email)
    if account is None:
        raise Invalid(f"There is no user {change.email[:NAMED]}.")
    return account
