"""Files of objects: received or linked, one at a time. They make no version.

Source: SampleDB "Files"; DESIGN.md "Files".
"""

from __future__ import annotations

from domain.action import Action
from domain.commands import objects
from domain.errors import Conflict
from domain.log import Session
from domain.record import Record
from domain.values import Content


def addable(session: Session, object_id: str) -> Record:
    """Return the object that the actor may give a file. Raises NotFound, Forbidden, Conflict."""
    record = objects.writable(session, object_id)
    action = session.find(Action, id=record.action)
    if action is not None and action.files == "frozen":
        raise Conflict("The files of this object change only with a new version.")
    return record


def receive(
    session: Session,
    record: Record,
    name: str,
    content: Content,
    *,
    preview: Content | None = None,
    sha512: str | None = None,
) -> Record:
    """Give an addable object a file whose bytes are durable: the last it then has."""
    event = record.receive(name, content, preview=preview, sha512=sha512)
    return session.change(record, event)


def link(session: Session, record: Record, url: str) -> Record:
    """Give an addable object a file that lies elsewhere: the last it then has."""
    return session.change(record, record.link(url))
