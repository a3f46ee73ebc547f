"""Drafts of records: made, saved, opened again, discarded, published.

A draft is saved whatever is wrong with it, and published when nothing is. Source: InvenioRDM,
"Drafts"; DESIGN.md "Who may do what".
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain import access, drafting
from domain.action import Action
from domain.commands import families, manifests
from domain.commands.builtin import RECORD_MODEL
from domain.commands.models import Model, Read, Sent, model_of, sent
from domain.commands.open_drafts import (
    Keys,
    action_of,
    document_of,
    editable,
    opened,
    require_deciding,
)
from domain.draft import NOTHING, Draft, Loaded
from domain.drafting import DraftDiscarded, DraftSaved
from domain.errors import Fault, Invalid
from domain.family import Family, VersionDiscarded, VersionPublished
from domain.identifiers import new_pid, record_id
from domain.log import Session
from domain.record import Record, RecordCreated
from domain.values import Access, Body


class Edited(Struct, frozen=True):
    """A record with its open draft, as a command leaves them."""

    record: Record
    family: Family
    draft: Draft


class Publication(Struct, frozen=True):
    """A record with the document of its newest version, as a command leaves them."""

    record: Record
    family: Family
    document: Body


def create(session: Session, body: Sent, action: UUID = RECORD_MODEL) -> Edited:
    """Make a record that is a draft, in a family of its own. Raises Unauthenticated, Forbidden."""
    access.require_scope(session.actor, "write")
    under = action_of(session, action)
    event = _event(body, model_of(under).read(session, body, ()))
    return begin(session, families.begin(session, under), under, event, index=1)


def begin(
    session: Session,
    family: Family,
    under: Action,
    event: DraftSaved,
    *,
    index: int,
    cloned_from: UUID | None = None,
) -> Edited:
    """Make a record of a family that is a draft so far."""
    pid = new_pid()
    record = session.begin(
        record_id(pid),
        RecordCreated(
            pid=pid,
            number=session.heads.draw("record"),
            action=under.id,
            family=family.id,
            access=Access(),
            index=index,
            cloned_from=cloned_from,
        ),
    )
    return _change(session, record, family, event)


def save(session: Session, pid: str, body: Sent, expected: int | None = None) -> Edited:
    """Replace all that a draft says; `expected` is the revision that it must be at.

    Raises NotFound, Forbidden, Stale.
    """
    record, family = opened(session, pid, expected)
    before = document_of(session, record)
    model = model_of(action_of(session, record.action))
    event = _event(body, _read(session, model, record, body))
    if _says(before, event):
        return Edited(record, family, before)
    return _change(session, record, family, event)


def edit(session: Session, pid: str, scope: str = "write") -> Edited:
    """Open the newest version of a record for editing; an open draft stays as it is.

    Raises NotFound, Forbidden, Conflict where the record has no drafts.
    """
    record, family = editable(session, pid, scope)
    if record.draft is not None:
        return as_it_is(session, record, family)
    model_of(action_of(session, record.action))
    edited = _change(session, record, family, drafting.reopened(record))
    return replace(edited, draft=_with_document(session, record, edited.draft))


def discard(
    session: Session, pid: str, expected: int | None = None, scope: str = "write"
) -> Record:
    """Have a draft be gone, and a record that was never published with it.

    Raises NotFound, Forbidden, Stale.
    """
    record, family = opened(session, pid, expected, scope)
    if not record.versions:
        require_deciding(session, record, family, "delete this record")
    record = session.change(record, DraftDiscarded())
    if family.next == record.id:
        event = VersionDiscarded(record=record.id, pid=record.pid, index=record.index)
        session.change(family, event)
    return record


def publish(session: Session, pid: str, expected: int | None = None) -> Publication:
    """Make a draft the next version of its record.

    Raises NotFound, Forbidden, Stale, Invalid with everything that is wrong or missing.
    """
    record, family = opened(session, pid, expected, scope="actions")
    require_deciding(session, record, family, "publish this record")
    action = action_of(session, record.action)
    model = model_of(action)
    assert record.draft is not None  # noqa: S101 - as opened says
    draft = document_of(session, record)
    loaded, draft = _checked(session, model, record, draft)
    manifest, faults = None, list[Fault]()
    if record.draft.files or model.needs_files:
        manifest, faults = manifests.of_draft(session, record, record.draft, draft.files)
    if loaded.faults or faults:
        raise Invalid("The draft is not complete and right yet.", (*loaded.faults, *faults))
    event = record.publish_draft(
        loaded.document,
        schema_version=action.schema_version,
        access=draft.access,
        manifest=manifest,
        options=draft.files,
    )
    record = session.change(record, event)
    if family.next == record.id:
        moved = VersionPublished(record=record.id, pid=record.pid, index=record.index)
        family = session.change(family, moved)
    return Publication(record, family, loaded.document)


def _checked(session: Session, model: Model, record: Record, draft: Draft) -> tuple[Loaded, Draft]:
    """Read a draft once more: what is wrong depends on what else there is."""
    if bytes(draft.sent):
        read = _read(session, model, record, sent(bytes(draft.sent)))
        now = replace(draft, access=read.access, files=read.files)
        return Loaded(read.document, read.faults), now
    document = _with_document(session, record, draft).document
    if not draft.faults and model.stands(session, document):
        return Loaded(document), draft
    return model.again(session, document), draft


def as_it_is(session: Session, record: Record, family: Family) -> Edited:
    """Return an open draft."""
    draft = document_of(session, record)
    return Edited(record, family, _with_document(session, record, draft))


def _change(
    session: Session,
    record: Record,
    family: Family,
    event: DraftSaved | drafting.DraftReopened,
) -> Edited:
    record = session.change(record, event)
    return Edited(record, family, drafting.kept(session.entries[-1]))


def _read(session: Session, model: Model, record: Record, body: Sent) -> Read:
    """Return what a body says; files that there are cannot be disabled."""
    read = model.read(session, body, Keys(session, record))
    if record.draft is None or not record.draft.files or read.files.enabled:
        return read
    wrong = Fault(("files", "enabled"), "Files cannot be disabled while there are some.")
    return replace(read, files=replace(read.files, enabled=True), faults=(*read.faults, wrong))


def _event(body: Sent, read: Read) -> DraftSaved:
    return DraftSaved(
        document=read.document,
        access=read.access,
        files=read.files,
        faults=read.faults,
        sent=body.raw if read.faults else NOTHING,
    )


def _says(before: Draft, event: DraftSaved) -> bool:
    """Whether a draft says already what it is to say."""
    names = ("document", "access", "files", "faults", "sent")
    return all(getattr(before, name) == getattr(event, name) for name in names)


def _with_document(session: Session, record: Record, draft: Draft) -> Draft:
    if bytes(draft.document):
        return draft
    past = session.past(record.id, record.versions - 1)
    assert past is not None  # noqa: S101 - the draft was opened from it
    return replace(draft, document=past.body)
