"""Open drafts: who may work on one, and which files it has. Every command on drafts begins here."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain import access
from domain.access import Level
from domain.action import Action
from domain.commands import objects
from domain.draft import Draft
from domain.draft_files import DraftFile, imported, wrong
from domain.errors import NoRecord, NotFound, Stale, Torn
from domain.family import Family
from domain.identifiers import PID, record_id
from domain.log import Session
from domain.record import Record


def editable(session: Session, pid: str, scope: str = "write") -> tuple[Record, Family]:
    """Return a record that the actor may edit, and its family.

    Raises Unauthenticated, Forbidden, NotFound.
    """
    access.require_scope(session.actor, scope)
    record = None
    if PID.fullmatch(pid):
        record = session.find(Record, beside=objects.BESIDE, recall=True, id=record_id(pid))
    if record is None or not record.exists:
        raise NoRecord(f"There is no record {pid}.")
    family = session.find(Family, id=record.family)
    assert family is not None  # noqa: S101 - a record's family is made with it
    session.rely(family)
    held = session.level(family)
    access.require(session.actor, held, Level.EDIT, "edit this record")
    return record, family


def require_deciding(session: Session, record: Record, family: Family, what: str) -> None:
    """Pass for who may publish a draft, or end a record with it: who edits, or must manage it.

    Raises Forbidden.
    """
    managed = action_of(session, record.action).is_deposit_type
    held = session.level(family)
    access.require(session.actor, held, Level.MANAGE if managed else Level.EDIT, what)


def opened(
    session: Session, pid: str, expected: int | None = None, scope: str = "write"
) -> tuple[Record, Family]:
    """Return a record whose open draft the actor may edit, and its family.

    Raises Unauthenticated, Forbidden, NotFound, Stale when it is not at the revision expected.
    """
    record, family = editable(session, pid, scope)
    if record.draft is None:
        raise NoRecord(f"No draft of {pid} is open.")
    if expected is not None and expected != record.version:
        raise Stale(f"This draft is at revision {record.version}, not {expected}.")
    return record, family


def document_of(session: Session, record: Record) -> Draft:
    """Return the document of an open draft. Raises Torn when it was closed a moment ago."""
    draft = session.draft(record)
    if draft is None:
        raise Torn(f"The draft of {record.pid} is gone.")
    return draft


def action_of(session: Session, action: UUID) -> Action:
    """Return the action that a record is made under. Raises NotFound when there is none yet."""
    found = session.find(Action, id=action)
    if found is None:
        raise NotFound("There is no such record model.")
    return found


def files(session: Session, record: Record, keys: Sequence[str]) -> dict[str, DraftFile]:
    """Return those of an open draft's files that have these keys."""
    possible = [key for key in keys if wrong(key) is None]
    found = {each.key: each for each in session.heads.draft_files(record.id, possible)}
    base = record.draft.base if record.draft else None
    if base is not None:
        for key in possible:
            held = None if key in found else session.heads.manifest_file(base, key)
            if held is not None:
                found[key] = imported(record, held)
    return {key: file for key, file in found.items() if file.state != "removed"}


class Keys:
    """The keys of an open draft's files, asked for one by one."""

    def __init__(self, session: Session, record: Record) -> None:
        self._session = session
        self._record = record

    def __contains__(self, key: object) -> bool:
        """Whether there is a file of this key."""
        return isinstance(key, str) and bool(files(self._session, self._record, [key]))
