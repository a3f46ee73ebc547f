"""What no door does, decided on the service's log: for records of the matrix."""

from __future__ import annotations

from uuid import UUID, uuid4

from domain.access import Level
from domain.access_links import LinkCreated
from domain.commands import manifests, objects, open_drafts
from domain.family import VersionPublished
from domain.log import Session
from domain.values import Access
from tests.api.matrix.states import NOW


def publish(session: Session, pid: str, to: Access) -> None:
    """Publish a draft with an access: no door takes an embargo that has passed."""
    record, family = open_drafts.opened(session, pid, scope="actions")
    draft = open_drafts.document_of(session, record)
    assert record.draft is not None
    manifest, faults = manifests.of_draft(session, record, record.draft, draft.files)
    assert not faults
    action = open_drafts.action_of(session, record.action)
    event = record.publish_draft(
        draft.document,
        schema_version=action.schema_version,
        access=to,
        manifest=manifest,
        options=draft.files,
    )
    record = session.change(record, event)
    if family.next == record.id:
        moved = VersionPublished(record=record.id, pid=record.pid, index=record.index)
        session.change(family, moved)


def expired(session: Session, pid: str) -> tuple[UUID, UUID]:
    """Make a link that has expired, which no door makes. Return its family's id and its own."""
    _record, family = open_drafts.editable(session, pid)
    event = LinkCreated(link=uuid4(), level=Level.EDIT, expires_at=NOW)
    return session.change(family, event).id, event.link


def change_access(session: Session, pid: str, to: Access) -> None:
    """Give a record another access."""
    objects.change_access(session, objects.find(session, pid), to)


def pid(session: Session, number: int) -> str:
    """Return the public id of an object."""
    return objects.find(session, str(number)).pid


def number(session: Session, pid: str) -> int:
    """Return the number of a record, of a draft too."""
    record, _family = open_drafts.editable(session, pid)
    return record.number
