"""Commands whose events name bytes of the store."""

from __future__ import annotations

from uuid import UUID, uuid4

from domain.commands import files
from domain.log import Session
from domain.log_entry import Attachment, LogEntryCreated, LogText
from domain.record import Record
from domain.values import Content


def receive(
    session: Session, record: UUID, content: Content, preview: Content | None = None
) -> UUID:
    """Give a record a file."""
    found = session.find(Record, id=record)
    assert found is not None
    files.receive(session, found, "tin.csv", content, preview=preview)
    return record


def attach(session: Session, content: Content) -> UUID:
    """Write into an instrument's log, with a file."""
    event = LogEntryCreated(
        number=session.heads.draw("log_entry"),
        instrument=uuid4(),
        text=LogText(),
        files=(Attachment("tin.csv", content),),
    )
    return session.begin(uuid4(), event).id
