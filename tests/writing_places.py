"""Instruments, their logs and locations, decided by chance for tests/writing.py."""

from __future__ import annotations

from random import Random
from uuid import UUID, uuid4

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
from domain.log_entry import Attachment, LogEntry, LogEntryCreated, LogText
from domain.record import Record
from domain.values import Content

FILE = Attachment("tin.csv", Content("ab" * 32, "cd" * 16, 3))


def assign(session: Session, record: UUID, location: int) -> UUID:
    """Say where what a record is about lies."""
    found = session.find(Record, id=record)
    assert found is not None
    return session.change(found, found.assign_location(location, uuid4(), {"en": "Shelf C"})).id


def location_type(session: Session, random: Random, old: UUID | None) -> UUID:
    """Make a location type, or change one."""
    name = {"en": f"Shelves {random.randrange(3)}"}
    if old is None:
        number = session.heads.draw("location_type")
        event = LocationTypeCreated(number=number, details=TypeDetails(name))
        return session.begin(uuid4(), event).id
    found = session.find(LocationType, id=old)
    assert found is not None
    changed = found.change(TypeDetails(name, enable_sub_locations=random.random() < 0.5))
    return old if changed is None else session.change(found, changed).id


def location(session: Session, random: Random, old: UUID | None) -> UUID:
    """Make a location, or change one."""
    details = LocationDetails(
        name={"en": "Tin", "de": "Zinn"},
        description={"en": ""},
        type=random.randrange(-99, 3),
        parent=random.choice((None, 1)),
    )
    if old is None:
        number = session.heads.draw("location")
        return session.begin(uuid4(), LocationCreated(number=number, details=details)).id
    found = session.find(Location, id=old)
    assert found is not None
    changed = found.change(details)
    return old if changed is None else session.change(found, changed).id


def instrument(session: Session, random: Random, old: UUID | None) -> UUID:
    """Make an instrument, or change it or its categories."""
    details = InstrumentDetails(
        name={"en": "Balance"},
        description={"en": f"{random.randrange(3)}"},
        scientists=random.choice(((), (uuid4(),))),
    )
    if old is None:
        number = session.heads.draw("instrument")
        return session.begin(uuid4(), InstrumentCreated(number=number, details=details)).id
    found = session.find(Instrument, id=old)
    assert found is not None
    chance = random.random()
    if chance < 0.4:
        return session.change(found, found.add_category("Repair")).id
    renaming = found.categories and chance < 0.6
    title = f"Repair {random.randrange(3)}"
    event = found.rename_category(1, title) if renaming else found.change(details)
    return old if event is None else session.change(found, event).id


def log_entry(session: Session, random: Random, old: UUID | None) -> UUID:
    """Write into a log, or write anew what was written."""
    text = LogText(f"Tin {random.random()}", event_at=random.choice((None, session.now)))
    if old is None:
        number = session.heads.draw("log_entry")
        event = LogEntryCreated(
            number=number, instrument=uuid4(), text=text, files=(FILE,), objects=(1, 2)
        )
        return session.begin(uuid4(), event).id
    found = session.find(LogEntry, id=old)
    assert found is not None
    return session.change(found, found.revise(text)).id
