"""Instruments, made and changed by administrators, and what is written into their logs.

Source: SampleDB "Instruments".
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from msgspec.structs import replace

from domain import access
from domain.commands import objects
from domain.commands.locations import account, numbered, require_administrator
from domain.errors import Forbidden, Invalid, NotFound
from domain.family import Family
from domain.identifiers import NUMBER
from domain.instrument import Instrument, InstrumentCreated, InstrumentDetails
from domain.location import Location
from domain.log import Session
from domain.log_entry import Attachment, LogEntry, LogEntryCreated, LogText
from domain.record import Record

TITLE_LENGTH = 100  # characters
CATEGORIES = 1000  # that an instrument's log may have
OBJECTS = 1000  # that may be attached to an entry
VERSIONS = 100  # that an entry may have


def create(session: Session, details: InstrumentDetails, scientists: Sequence[int]) -> Instrument:
    """Make an instrument; its scientists are users. Raises Forbidden, Invalid."""
    require_administrator(session)
    details = _complete(session, details, scientists)
    number = session.heads.draw("instrument")
    return session.begin(uuid4(), InstrumentCreated(number=number, details=details))


def change(
    session: Session, number: str, details: InstrumentDetails, scientists: Sequence[int]
) -> Instrument:
    """Say something else of an instrument. Raises Forbidden, NotFound, Invalid."""
    require_administrator(session)
    found = find(session, number)
    event = found.change(_complete(session, details, scientists))
    return found if event is None else session.change(found, event)


def add_category(session: Session, number: str, title: str) -> Instrument:
    """Give an instrument's log another category, its last. Raises Forbidden, NotFound, Invalid."""
    require_administrator(session)
    found = find(session, number)
    if len(found.categories) >= CATEGORIES:
        raise Invalid(f"A log has at most {CATEGORIES} categories.")
    return session.change(found, found.add_category(_title(title)))


def rename_category(session: Session, number: str, category: str, title: str) -> Instrument:
    """Give a category another title. Raises Forbidden, NotFound, Invalid."""
    require_administrator(session)
    found = find(session, number)
    if not (NUMBER.fullmatch(category) and 1 <= int(category) <= len(found.categories)):
        raise NotFound(f"There is no log category {category} of instrument {number}.")
    event = found.rename_category(int(category), _title(title))
    return found if event is None else session.change(found, event)


def writable(session: Session, number: str) -> Instrument:
    """Return the instrument whose log the actor may write into. Raises NotFound, Forbidden."""
    access.require_scope(session.actor, "write")
    found = find(session, number)
    session.rely(found)
    details = found.details
    access.require_log(
        session.actor,
        details.scientists,
        all_may=details.users_can_create_log_entries,
        what="write",
    )
    return found


def require_entry(
    session: Session, instrument: Instrument, text: LogText, *, files: int, attached: Sequence[int]
) -> None:
    """Pass when a text may stand in a log with so many files and these objects. Raises Invalid."""
    _require_text(instrument, text, something=bool(files or attached))
    _require_objects(session, attached)


def write(
    session: Session,
    instrument: Instrument,
    text: LogText,
    files: Sequence[Attachment],
    attached: Sequence[int],
) -> LogEntry:
    """Write into a writable log what may stand there; the bytes of the files are durable."""
    event = LogEntryCreated(
        number=session.heads.draw("log_entry"),
        instrument=instrument.id,
        text=text,
        files=tuple(files),
        objects=tuple(attached),
    )
    return session.begin(uuid4(), event)


def revise(
    session: Session, number: str, entry: str, text: LogText, expected: int | None = None
) -> LogEntry:
    """Write one's own entry anew, as the version `expected`. Raises NotFound, Forbidden, Invalid.

    Raises Stale when the next version has another number.
    """
    instrument = writable(session, number)
    found = numbered(session, LogEntry, entry)
    if found is None or found.instrument != instrument.id:
        raise NotFound(f"There is no log entry {entry} of instrument {number}.")
    if found.author != session.actor.account:
        raise Forbidden("Only who wrote this log entry may write it anew.")
    if found.versions >= VERSIONS:
        raise Invalid(f"A log entry has at most {VERSIONS} versions.")
    _require_text(instrument, text, something=bool(found.files or found.objects))
    return session.change(found, found.revise(text, expected))


def find(session: Session, number: str) -> Instrument:
    """Return the instrument that a number in a URL names. Raises NotFound."""
    found = numbered(session, Instrument, number)
    if found is None:
        raise NotFound(f"There is no instrument {number}.")
    return found


def _complete(
    session: Session, details: InstrumentDetails, scientists: Sequence[int]
) -> InstrumentDetails:
    """Return details with the accounts of the scientists. Raises Invalid for what is not there."""
    location = details.location
    if location is not None and numbered(session, Location, location) is None:
        raise Invalid(f"There is no location {location}.")
    found = tuple(account(session, each) for each in dict.fromkeys(scientists))
    return replace(details, scientists=found)


def _title(title: str) -> str:
    if not title.strip() or len(title) > TITLE_LENGTH:
        raise Invalid(f"title must have 1 to {TITLE_LENGTH} characters")
    return title


def _require_text(instrument: Instrument, text: LogText, *, something: bool) -> None:
    """Pass when a text is one, or `something` is attached. Raises Invalid."""
    for each in text.categories:
        if not 1 <= each <= len(instrument.categories):
            raise Invalid(f"There is no log category {each} of instrument {instrument.number}.")
    if not (text.content or something):
        raise Invalid("A log entry has content or an attachment.")


def _require_objects(session: Session, attached: Sequence[int]) -> None:
    """Pass when the actor may view every object, each named once. Raises Invalid."""
    if len(attached) > OBJECTS:
        raise Invalid(f"At most {OBJECTS} objects are attached to a log entry.")
    if len(set(attached)) < len(attached):
        raise Invalid("An object is attached only once.")
    for number in attached:
        if not _may_view(session, number):
            raise Invalid(f"There is no object {number}.")  # or it is not for the actor to know


def _may_view(session: Session, number: int) -> bool:
    if not NUMBER.fullmatch(str(number)):
        return False
    record = session.find(Record, beside=objects.BESIDE, number=number)
    if record is None or not record.versions:
        return False
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    held = access.level(session.actor, family.rungs(session.now))
    now = record.access.at(session.now).record
    return access.may_view_version(held, now, now)
