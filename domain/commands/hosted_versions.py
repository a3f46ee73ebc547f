"""What every door keeps to when it makes something of an organisation's, or its next version.

Source: DESIGN.md "Dialects side by side": every door obeys the record's action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain import access, hosted, variable
from domain.access import Level
from domain.commands import organisations
from domain.errors import Fault, Invalid
from domain.family import Family
from domain.group import Group
from domain.hosted import DELETED, ORGANISATION, Kind
from domain.log import Session
from domain.name import Name, NameClaimed, NamePassed, name_id
from domain.record import Published, Record
from domain.values import Body

GONE = 'Invalid pk "{}" - object does not exist.'


def begin(session: Session, action: UUID, record: UUID, family: Family, body: Body) -> None:
    """Put what begins into its organisation's hands; other records are left alone.

    Raises Invalid where that is not the actor's, or what it is of is not there.
    """
    kind = hosted.BY_ACTION.get(action)
    if kind is None:
        return
    hosted.require_size(body)
    new = hosted.said(body)
    organisation = organisations.mine(session, UUID(new[ORGANISATION]))
    if organisation is None:
        raise wrong(ORGANISATION, GONE.format(new[ORGANISATION]))
    if new.get(DELETED):
        raise wrong(DELETED, "What begins is not deleted.")
    variable.require_kept({}, new)
    for at, each in enumerate(kind.of[1:], 1):
        _require_whole(session, hosted.KINDS[each], UUID(new[each]), new, kind.of[:at])
    if kind.unique:
        claim(session, kind, new, record)
    _hand_over(session, family, organisation)


def require_following(
    session: Session, record: Record, body: Body, *, restored: bool = False
) -> None:
    """Pass when a document may be the next version of what an organisation has.

    `restored`: an earlier version had it. Raises Invalid, Forbidden.
    """
    kind = hosted.BY_ACTION.get(record.action)
    if kind is None or not record.versions:
        return
    hosted.require_size(body)
    before, new = hosted.said(newest(session, record)), hosted.said(body)
    for name in (*kind.of, *kind.fixed):
        if new[name] != before[name]:
            raise wrong(name, "This does not change.")
    if not restored:
        variable.require_kept(before, new)
    if before.get(DELETED) == new.get(DELETED):
        return
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    session.rely(family)
    held = session.level(family)
    access.require(session.actor, held, kind.deleting, f"delete this {kind.name}")
    if new.get(DELETED) and kind.unique:
        session.change(_named(session, kind, before), NamePassed())
    elif kind.unique:
        claim(session, kind, new, record.id)


def newest(session: Session, record: Record) -> Body:
    """Return the newest version of a record, also one that was only decided. Raises Gone."""
    for entry in reversed(session.entries):
        if entry.stream == record.id and isinstance(entry.event, Published):
            return entry.event.body
    return session.past(record.id, record.versions - 1).body


def is_taken(session: Session, kind: Kind, new: Mapping[str, Any]) -> bool:
    """Whether what is unique in a document is another's already."""
    name = session.find(Name, id=_name_id(kind, new))
    return name is not None and name.holder is not None


def taken(kind: Kind) -> str:
    """Return what is said of that."""
    return f"{kind.name} with this {kind.unique} already exists."


def claim(session: Session, kind: Kind, new: Mapping[str, Any], record: UUID) -> None:
    """Have what is unique in a document be this record's. Raises Invalid when it is taken."""
    if is_taken(session, kind, new):
        assert kind.unique  # noqa: S101 - only such a thing is asked about
        raise wrong(kind.unique, taken(kind))
    name = session.find(Name, id=_name_id(kind, new))
    if name is None:
        event = NameClaimed(kind=_name_kind(kind), value=kind.scope(new), holder=record)
        session.begin(_name_id(kind, new), event)
    else:
        session.change(name, NamePassed(holder=record))


def free(session: Session, record: Record) -> None:
    """Have what was unique in an erased document be nobody's; of other records nothing was."""
    kind = hosted.BY_ACTION.get(record.action)
    if kind is None or not kind.unique:
        return
    name = session.find(Name, kind=_name_kind(kind), holder=record.id)
    if name is not None:
        session.change(name, NamePassed())


def wrong(field: str, message: str) -> Invalid:
    """Return the refusal of a document in which one member is wrong."""
    return Invalid(message, (Fault((field,), message),))


def _require_whole(
    session: Session, kind: Kind, id_: UUID, new: Mapping[str, Any], same: tuple[str, ...]
) -> None:
    """Pass when what something is of is there, and of the same. Raises Invalid."""
    found = session.find(Record, id=id_)
    if found is not None and found.action == kind.action and found.versions:
        session.rely(found)
        of = hosted.said(newest(session, found))
        if not of.get(DELETED) and all(of[each] == new[each] for each in same):
            return
    raise wrong(kind.name, GONE.format(new[kind.name]))


def _hand_over(session: Session, family: Family, organisation: Group) -> None:
    """Give an organisation all rights on a family, and nobody else any."""
    owner = family.owner
    for principal, level, by_role in (
        (organisation.id, Level.MANAGE, True),
        (owner, Level.NONE, False),
    ):
        event = family.grant(principal, level, by_role=by_role)
        if event is not None:
            family = session.change(family, event)


def _named(session: Session, kind: Kind, said: Mapping[str, Any]) -> Name:
    name = session.find(Name, id=_name_id(kind, said))
    assert name is not None  # noqa: S101 - it was claimed when the record began
    return name


def _name_id(kind: Kind, said: Mapping[str, Any]) -> UUID:
    return name_id(_name_kind(kind), kind.scope(said))


def _name_kind(kind: Kind) -> str:
    return f"divio.{kind.name}"
