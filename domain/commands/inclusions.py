"""Records in communities: put there by who manages the record, taken out by either side.

Source: InvenioRDM, "Records & communities".
"""

from __future__ import annotations

from collections.abc import Sequence

from domain import access, inclusions
from domain.access import Level
from domain.commands import communities, open_drafts
from domain.errors import Fault, Forbidden, Invalid, NotFound
from domain.family import Family
from domain.group import MANAGING, Group, Role
from domain.identifiers import PID, record_id
from domain.inclusions import Excluded
from domain.log import Session
from domain.record import Record

CURATING: frozenset[Role] = MANAGING | {"member"}
"""The roles that take a record out of a community; InvenioRDM's curator is a member."""


def include(session: Session, pid: str, texts: Sequence[str]) -> list[Group]:
    """Put a record into communities, into all of them or none.

    Raises NotFound, Forbidden for who does not manage the record and for a community that does not
    take it from the actor, Invalid for what is no community, and for a record that is public, or
    whose newest version is, in a restricted one.
    """
    record, family = open_drafts.editable(session, pid)
    held = session.level(family)
    access.require(session.actor, held, Level.MANAGE, "put this record into a community")
    newest = session.find(Record, id=family.latest) if family.latest else None
    found = _communities(session, texts)
    for each in found:
        _require_taken(session, each, record, newest or record)
        event = inclusions.include(family, each.id)
        if event is not None:
            session.rely(each)
            family = session.change(family, event)
    return found


def _require_taken(session: Session, into: Group, *records: Record) -> None:
    """Pass when a community takes a record from the actor. Raises Forbidden, Invalid."""
    policies, role = into.policies, into.members.get(session.actor.account)
    assert policies is not None  # noqa: S101 - every community has them
    if policies.record_policy == "restricted" and role not in CURATING:
        raise Forbidden(f"The community {into.slug} takes records from its curators alone.")
    if role is None and (policies.visibility, policies.record_policy) != ("public", "open"):
        raise Forbidden(f"The community {into.slug} takes records from its members alone.")
    is_public = any(each.access.at(session.now).record == "public" for each in records)
    if is_public and policies.visibility == "restricted":
        raise _wrong(f"The community {into.slug} is restricted, and so must its records be.")


def exclude(session: Session, pid: str, texts: Sequence[str]) -> list[Group]:
    """Take a record out of communities, ended ones too, out of all of them or none.

    Raises NotFound, Forbidden for who neither manages the record nor curates the community, Invalid
    for what is no community and for one that it is not in.
    """
    _record, family = open_drafts.editable(session, pid)
    held = session.level(family)
    found = _communities(session, texts, ended=True)
    for each in found:
        if held < Level.MANAGE and each.members.get(session.actor.account) not in CURATING:
            raise Forbidden("You need to manage the record or to curate the community.")
        session.rely(each)
        family = session.change(family, _excluded(session, family, each))
    return found


def remove(session: Session, text: str, pids: Sequence[str]) -> Group:
    """Take records out of a community that the actor curates, all of them or none.

    Raises NotFound, Gone, Forbidden, Invalid for what is not in it.
    """
    community = communities.led(session, text, CURATING)
    session.rely(community)
    for at, pid in enumerate(dict.fromkeys(pids)):
        family = _family(session, pid)
        if family is None or community.id not in family.communities:
            message = f"The record {pid} is not included in the community."
            raise Invalid(message, (Fault(("records", at, "id"), message),))
        session.change(family, _excluded(session, family, community))
    return community


def _excluded(session: Session, family: Family, community: Group) -> Excluded:
    """Decide that a family leaves a community. Raises Invalid when it is not in it."""
    if community.is_public:
        return inclusions.exclude(family, community.id)
    since, until = session.heads.included_at(family.id, community.id), community.shown_since
    was_seen = since is not None and until is not None and since < until
    return inclusions.exclude(
        family, community.id, hidden=True, shown_until=until if was_seen else None
    )


def _communities(session: Session, texts: Sequence[str], *, ended: bool = False) -> list[Group]:
    """Return the communities that texts name, each once. Raises Invalid."""
    found: dict[object, Group] = {}
    for at, text in enumerate(texts):
        try:
            named = communities.called(session, text, ended=ended)
        except NotFound as error:
            fault = Fault(("communities", at, "id"), error.message)
            raise Invalid(error.message, (fault,)) from error
        found[named.id] = named
    return list(found.values())


def _family(session: Session, pid: str) -> Family | None:
    record = session.find(Record, id=record_id(pid)) if PID.fullmatch(pid) else None
    return None if record is None else session.find(Family, id=record.family)


def _wrong(message: str) -> Invalid:
    return Invalid(message, (Fault(("communities",), message),))
