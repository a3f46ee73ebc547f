"""Instruments, their logs and locations, decided by chance for tests/writing.py."""

from __future__ import annotations

from random import Random
from uuid import UUID, uuid4, uuid5

from domain.instrument import Instrument, InstrumentCreated, InstrumentDetails
from domain.location import (
    Location,
    LocationCreated,
    LocationDetails,
    LocationType,
    LocationTypeCreated,
    TypeDetails,
)
from domain.log import Session
from domain.log_entry import LogEntry, LogEntryCreated, LogText
from domain.record import Record


def assign(session: Session, record: UUID, location: int) -> UUID:
    """Say where what a record is about lies."""
    found = session.find(Record, id=record)
    assert found is not None
    return session.change(found, found.assign_location(location, uuid4(), {"en": "Shelf C"})).id


def places(session: Session, random: Random, old: UUID | None) -> UUID:
    """Make one of each, or change one of each."""
    base = old or uuid4()
    for each in (_location_type, _location, _instrument, _log_entry):
        each(session, random, uuid5(base, each.__name__))
    return base


def _location_type(session: Session, random: Random, id_: UUID) -> None:
    details = TypeDetails({"en": "Shelves"}, enable_sub_locations=random.random() < 0.5)
    found = session.find(LocationType, id=id_)
    if found is None:
        number = session.heads.draw("location_type")
        session.begin(id_, LocationTypeCreated(number=number, details=details))
    elif event := found.change(details):
        session.change(found, event)


def _location(session: Session, random: Random, id_: UUID) -> None:
    name, description = {"en": "Tin", "de": "Zinn"}, {"en": f"{random.randrange(3)}"}
    details = LocationDetails(name, description, -99, parent=random.choice((None, 1)))
    found = session.find(Location, id=id_)
    if found is None:
        number = session.heads.draw("location")
        session.begin(id_, LocationCreated(number=number, details=details))
    elif event := found.change(details):
        session.change(found, event)


def _instrument(session: Session, random: Random, id_: UUID) -> None:
    scientists = random.choice(((), (uuid4(),)))
    details = InstrumentDetails({"en": "Balance"}, {"en": ""}, scientists=scientists)
    found = session.find(Instrument, id=id_)
    if found is None:
        number = session.heads.draw("instrument")
        session.begin(id_, InstrumentCreated(number=number, details=details))
    elif random.random() < 0.4:
        session.change(found, found.add_category("Repair"))
    elif found.categories:
        renamed = found.rename_category(1, f"Repair {random.randrange(3)}")
        if renamed is not None:
            session.change(found, renamed)
    elif event := found.change(details):
        session.change(found, event)


def _log_entry(session: Session, random: Random, id_: UUID) -> None:
    text = LogText(f"Tin {random.random()}", event_at=random.choice((None, session.now)))
    found = session.find(LogEntry, id=id_)
    if found is None:
        number = session.heads.draw("log_entry")
        event = LogEntryCreated(number=number, instrument=id_, text=text, objects=(1, 2))
        session.begin(id_, event)
    else:
        session.change(found, found.revise(text))
