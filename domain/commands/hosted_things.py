"""What organisations have: made, found, changed and deleted; each change a version.

Whoever is not in the organisation is told that there is none. Source: the Divio specification.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from domain import hosted, intake
from domain.access import Level
from domain.action import Action, ActionCreated
from domain.commands import hosted_versions, objects, organisations
from domain.errors import Fault, Forbidden, Gone, Invalid, NotFound
from domain.hosted import DELETED, ORGANISATION, Kind
from domain.identifiers import base32_of, id_of_base32
from domain.log import Session
from domain.record import Record

WRONG = "What was sent is wrong."


class Thing(Struct, frozen=True):
    """A record of an organisation's, and what its newest version says."""

    record: Record
    said: Mapping[str, Any]


def built_in(session: Session) -> None:
    """Make the actions of what organisations have, where they are not there."""
    for kind in hosted.KINDS.values():
        if session.find(Action, id=kind.action) is None:
            event = ActionCreated(
                number=session.heads.draw("action"),
                name=f"divio.{kind.name}",
                description=kind.description,
                type="simulation",
                schema_language="json-schema",
                publishing="at once",
                files="living",
                schema=kind.schema,
            )
            session.begin(kind.action, event)


def find(session: Session, kind: Kind, uuid: str, needed: Level = Level.VIEW) -> Thing:
    """Return the thing of a kind that an id in a URL names, as far as the actor may.

    It may be changed only as long as its organisation is the actor's. Raises NotFound for what is
    another organisation's or was deleted, with what it is of or alone; Forbidden.
    """
    id_ = id_of_base32(uuid)
    record = None if id_ is None else session.find(Record, beside=objects.BESIDE, id=id_)
    if record is None or record.action != kind.action or not record.versions:
        raise unknown(kind)
    said = _said(session, record)
    if said is None or organisations.mine(session, UUID(said[ORGANISATION])) is None:
        raise unknown(kind)
    for each in kind.of[1:]:
        of = session.find(Record, id=UUID(said[each]))
        if of is None or _said(session, of) is None:
            raise unknown(kind)
        session.rely(of)
    try:
        objects.require(session, record, Level.VIEW, "see this")
    except Forbidden as error:
        raise unknown(kind) from error
    objects.require(session, record, needed, f"do this with this {kind.name}")
    return Thing(record, said)


def _said(session: Session, record: Record) -> dict[str, Any] | None:
    """Return what a record's newest version says; None where it was deleted or erased."""
    try:
        said = hosted.said(hosted_versions.newest(session, record))
    except Gone:
        return None
    return None if said.get(DELETED) else said


def unknown(kind: Kind) -> NotFound:
    """Return what whoever asks is told of a thing that is not there."""
    return NotFound(f"No {kind.name} matches the given query.")


def create(
    session: Session, kind: Kind, new: Mapping[str, Any], faults: Sequence[Fault] = ()
) -> Thing:
    """Make a thing that says this. `faults`: what of it is wrong already, or not there.

    Raises Invalid with these and with what else there is.
    """
    found, of = list(faults), kind.of[-1]
    if of in new:
        try:
            new = {**_around(session, of, UUID(new[of])), **new}
        except NotFound:
            message = hosted_versions.GONE.format(base32_of(UUID(new[of])))
            found.append(Fault((of,), message))
    is_known = kind.unique in new and (of in new or of == ORGANISATION)
    if kind.unique and is_known and hosted_versions.is_taken(session, kind, new):
        found.append(Fault((kind.unique,), hosted_versions.taken(kind)))
    if found:
        raise Invalid(WRONG, tuple(found))
    action = session.find(Action, id=kind.action)
    assert action is not None  # noqa: S101 - it is made at the first start
    document = intake.document(orjson.dumps({name: new[name] for name in _members(kind)}))
    return Thing(objects.create(session, action=action.number, document=document), new)


def change(
    session: Session, kind: Kind, uuid: str, news: Mapping[str, Any], faults: Sequence[Fault]
) -> Thing:
    """Have a thing say something else. Raises NotFound, Forbidden, Invalid."""
    thing = find(session, kind, uuid, Level.EDIT)
    if faults:
        raise Invalid(WRONG, tuple(faults))
    return say(session, thing, news)


def say(session: Session, thing: Thing, news: Mapping[str, Any]) -> Thing:
    """Have a thing that the actor may change say this; what is so already makes no version.

    Raises Invalid, Forbidden.
    """
    new = {**thing.said, **news}
    if new == thing.said:
        return thing
    document = intake.document(orjson.dumps(new))
    record = objects.publish(
        session, thing.record, document=document, expected=objects.Expectation()
    )
    return Thing(record, new)


def delete(session: Session, kind: Kind, uuid: str) -> Thing:
    """Delete a thing: what it said stays in its history. Raises NotFound, Forbidden."""
    thing = find(session, kind, uuid, kind.deleting)
    return say(session, thing, {DELETED: True})


def _around(session: Session, of: str, id_: UUID) -> Mapping[str, Any]:
    """Return what something says that is of this: of what this is. Raises NotFound."""
    if of == ORGANISATION:
        if organisations.mine(session, id_) is None:
            raise NotFound(organisations.UNKNOWN)
        return {}
    kind = hosted.KINDS[of]
    said = find(session, kind, base32_of(id_), Level.EDIT).said
    return {each: said[each] for each in kind.of}


def _members(kind: Kind) -> tuple[str, ...]:
    return (*kind.of, *kind.properties)
