"""Locations and their types, made and changed by administrators; and which objects are where.

Source: SampleDB "Locations".
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID, uuid4

from domain import access
from domain.account import Account
from domain.errors import Invalid, NotFound
from domain.event import Aggregate
from domain.identifiers import NUMBER
from domain.languages import Words
from domain.location import (
    BUILT_IN,
    Location,
    LocationCreated,
    LocationDetails,
    LocationType,
    LocationTypeCreated,
    TypeDetails,
)
from domain.log import Session
from domain.record import Record

DEEPEST = 32  # locations that one may lie within, one in the other

A = TypeVar("A", bound=Aggregate)


def create_type(session: Session, details: TypeDetails) -> LocationType:
    """Make a location type. Raises Forbidden."""
    require_administrator(session)
    number = session.heads.draw("location_type")
    return session.begin(uuid4(), LocationTypeCreated(number=number, details=details))


def change_type(session: Session, number: str, details: TypeDetails) -> LocationType:
    """Say something else of a location type. Raises Forbidden, NotFound."""
    require_administrator(session)
    if number in map(str, BUILT_IN):
        raise Invalid(f"The location type {number} is built in: it stays as it is.")
    found = numbered(session, LocationType, number)
    if found is None:
        raise NotFound(f"There is no location type {number}.")
    event = found.change(details)
    return found if event is None else session.change(found, event)


def create(session: Session, details: LocationDetails) -> Location:
    """Make a location. Raises Forbidden, Invalid when it cannot lie where it is to lie."""
    require_administrator(session)
    _require_place(session, details)
    number = session.heads.draw("location")
    return session.begin(uuid4(), LocationCreated(number=number, details=details))


def change(session: Session, number: str, details: LocationDetails) -> Location:
    """Say something else of a location. Raises Forbidden, NotFound, Invalid as `create`."""
    require_administrator(session)
    found = numbered(session, Location, number)
    if found is None:
        raise NotFound(f"There is no location {number}.")
    before = found.details
    if (details.parent, details.type) != (before.parent, before.type):
        _require_place(session, details, moved=found)
    event = found.change(details)
    return found if event is None else session.change(found, event)


def assign(
    session: Session,
    record: Record,
    *,
    location: int | None,
    responsible: int | None,
    description: Words,
) -> Record:
    """Say where a writable object is, or who answers for it. Raises Invalid."""
    if location is None and responsible is None:
        raise Invalid("location_id or responsible_user_id must be set")
    if location is not None:
        _require_room(session, location)
    event = record.assign_location(
        location, None if responsible is None else account(session, responsible), description
    )
    return session.change(record, event)


def account(session: Session, number: int) -> UUID:
    """Return the account of a user. Raises Invalid."""
    found = numbered(session, Account, number)
    if found is None:
        raise Invalid(f"There is no user {number}.")
    return found.id


def numbered(session: Session, kind: type[A], number: int | str) -> A | None:
    """Return the aggregate that a number in a URL or a body names."""
    if not NUMBER.fullmatch(str(number)):
        return None
    return session.find(kind, number=int(number))


def require_administrator(session: Session) -> None:
    """Pass when the actor may say what there is. Raises Unauthenticated, Forbidden."""
    access.require_scope(session.actor, "write")
    access.require_admin(session.actor)


def _require_place(
    session: Session, details: LocationDetails, moved: Location | None = None
) -> None:
    """Pass when a location can lie within its parent, whatever others move. Raises Invalid."""
    kind = _type(session, details.type)
    if details.parent is None:
        return
    if not kind.enable_parent_location:
        raise Invalid("Locations of this type lie within no other.")
    above = numbered(session, Location, details.parent)
    if above is None:
        raise Invalid(f"There is no location {details.parent}.")
    if not _type(session, above.details.type).enable_sub_locations:
        raise Invalid(f"No other locations lie within the location {details.parent}.")
    for _ in range(DEEPEST):
        if moved is not None and above.id == moved.id:
            raise Invalid("A location cannot lie within itself.")
        session.rely(above)
        if above.details.parent is None:
            return
        above = session.find(Location, number=above.details.parent)
        assert above is not None  # noqa: S101 - a location is never deleted
    raise Invalid(f"A location lies within at most {DEEPEST} others.")


def _require_room(session: Session, number: int) -> None:
    """Pass when objects may be at a location. Raises Invalid."""
    found = numbered(session, Location, number)
    if found is None:
        raise Invalid(f"There is no location {number}.")
    session.rely(found)
    kind = _type(session, found.details.type)
    if not (found.details.enable_object_assignments and kind.enable_object_assignments):
        raise Invalid(f"No objects are kept at the location {number}.")


def _type(session: Session, number: int) -> TypeDetails:
    """Return what is said of a location type. Raises Invalid."""
    if number in BUILT_IN:
        return BUILT_IN[number]
    found = numbered(session, LocationType, number)
    if found is None:
        raise Invalid(f"There is no location type {number}.")
    return found.details
