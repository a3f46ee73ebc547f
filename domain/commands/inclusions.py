"""Records in communities: put there by who manages the record, taken out by either side.

Source: InvenioRDM, "Records & communities".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from domain import access, inclusions
from domain.access import Level
from domain.commands import communities, open_drafts
from domain.errors import Forbidden, Invalid
from domain.group import MANAGING, Group, Role
from domain.log import Session
from domain.record import Record

CURATING: frozenset[Role] = MANAGING | {"member"}
"""The roles that take a record out of a community; InvenioRDM's curator is a member."""


def include(session: Session, pid: str, texts: Sequence[str]) -> list[Group]:
    """Put a record into communities, into all of them or none.

    Raises NotFound, Gone, Forbidden for who does not manage the record and for a community that
    does not take it from the actor, Invalid for a public record in a restricted community.
    """
    record, family = open_drafts.editable(session, pid)
    held = access.level(session.actor, family.rungs(session.now))
    access.require(session.actor, held, Level.MANAGE, "put this record into a community")
    found = [communities.called(session, text) for text in texts]
    for each in found:
        _require_taken(session, each, record)
        event = inclusions.include(family, each.id)
        if event is not None:
            session.rely(each)
            family = session.change(family, event)
    return found


def _require_taken(session: Session, into: Group, record: Record) -> None:
    """Pass when a community takes a record from the actor. Raises Forbidden, Invalid."""
    policies, role = into.policies, into.members.get(session.actor.account)
    assert policies is not None  # noqa: S101 - every community has them
    if policies.record_policy == "restricted" and role not in CURATING:
        raise Forbidden(f"The community {into.slug} takes records from its curators alone.")
    if role is None and (policies.visibility, policies.record_policy) != ("public", "open"):
        raise Forbidden(f"The community {into.slug} takes records from its members alone.")
    is_public = record.access.at(datetime.now(UTC)).record == "public"
    if is_public and policies.visibility == "restricted":
        raise Invalid(f"The community {into.slug} is restricted, and so must its records be.")


def exclude(session: Session, pid: str, texts: Sequence[str]) -> list[Group]:
    """Take a record out of communities, out of all of them or none.

    Raises NotFound, also where it is in none of them, Forbidden for who neither manages the record
    nor curates the community.
    """
    _record, family = open_drafts.editable(session, pid)
    held = access.level(session.actor, family.rungs(session.now))
    found = [communities.called(session, text) for text in texts]
    for each in found:
        if held < Level.MANAGE and each.members.get(session.actor.account) not in CURATING:
            raise Forbidden("You need to manage the record or to curate the community.")
        session.rely(each)
        family = session.change(family, inclusions.exclude(family, each.id))
    return found
