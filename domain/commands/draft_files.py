"""Files of drafts: one key at a time, whatever else there is.

Source: InvenioRDM, "Draft files"; DESIGN.md "Files".
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from domain import draft_files
from domain.commands.open_drafts import action_of, document_of, files, opened
from domain.draft import OpenDraft
from domain.draft_files import (
    DraftFile,
    DraftFileRemoved,
    DraftFilesImported,
    DraftFilesStarted,
    after,
    wrong,
)
from domain.drafting import shown_otherwise
from domain.errors import Conflict, Invalid, NotFound
from domain.log import Session
from domain.manifest import StoredManifest, manifest_id
from domain.record import Record
from domain.values import Content, FileOptions


class Filed(Struct, frozen=True):
    """A record and one file of its draft, as a command leaves them."""

    record: Record
    file: DraftFile


def start(session: Session, pid: str, keys: Sequence[str]) -> Record:
    """Announce files, all or none: then they are pending.

    Raises NotFound, Forbidden, Conflict where files are disabled, Invalid for keys that cannot be
    or are there.
    """
    record = _changeable(session, pid)
    if record.draft is None or not record.draft.enabled:
        raise Conflict("Files are disabled for this record.")
    if not keys:
        raise Invalid("No file is named.")
    for key in keys:
        if reason := wrong(key):
            raise Invalid(reason)
    there = files(session, record, keys)
    seen: set[str] = set()
    for key in keys:
        if key in there or key in seen:
            raise Invalid(f"File with key {key} already exists.")
        seen.add(key)
    return session.change(record, DraftFilesStarted(keys=tuple(keys)))


def one(session: Session, pid: str, key: str) -> DraftFile:
    """Return a file that may change. Raises NotFound, Forbidden."""
    return _one(session, _changeable(session, pid), key)


def receivable(session: Session, pid: str, key: str) -> DraftFile:
    """Return a file whose content may come. Raises NotFound, Forbidden, Conflict once committed."""
    file = one(session, pid, key)
    draft_files.require_pending(file)
    return file


def receive(session: Session, pid: str, key: str, content: Content) -> Filed:
    """Give a started file its bytes, which are durable, instead of any before.

    Raises NotFound, Forbidden, Conflict once committed.
    """
    record = _changeable(session, pid)
    file = _one(session, record, key)
    return _filed(session, record, file, draft_files.receive(file, content))


def commit(
    session: Session,
    pid: str,
    key: str,
    *,
    media_type: str | None = None,
    width: int | None = None,
    height: int | None = None,
) -> Filed:
    """Have a file be complete; a second time changes nothing. The size of an image is in pixels.

    Raises NotFound, Forbidden, Conflict when nothing was received.
    """
    record = _changeable(session, pid)
    file = _one(session, record, key)
    return _filed(session, record, file, draft_files.commit(file, media_type, width, height))


def remove(session: Session, pid: str, key: str) -> Record:
    """Take a file away; the draft's `files` name it no more. Raises NotFound, Forbidden."""
    record = _changeable(session, pid)
    draft = _draft(session, record)
    _one(session, record, key)
    base = draft.base
    held = base is not None and session.heads.manifest_file(base, key) is not None
    said = document_of(session, record)
    record = session.change(record, DraftFileRemoved(key=key, imported=held))
    shown = _without(said.files, key)
    return record if shown == said.files else session.change(record, shown_otherwise(said, shown))


def import_files(session: Session, pid: str) -> Record:
    """Give a draft without files those of the newest published version; no byte is copied.

    Raises NotFound when there is no such version, Forbidden, Conflict where files are disabled,
    Invalid when the draft has files.
    """
    record, family = opened(session, pid)
    draft = _draft(session, record)
    if family.next != record.id:
        raise NotFound("There is no published version to import files from.")
    if not draft.enabled:
        raise Conflict("Files are disabled for this record.")
    if draft.files:
        raise Invalid("Files are imported into a draft without files only.")
    latest = (
        session.find(Record, family=family.id, index=family.index)
        if family.latest is None
        else session.find(Record, id=family.latest)
    )
    if latest is None or latest.manifest is None:
        return record
    stored = session.find(StoredManifest, id=manifest_id(latest.manifest.digest))
    if stored is not None:
        session.rely(stored)  # nobody erases it meanwhile
    return session.change(record, DraftFilesImported(manifest=latest.manifest))


def _without(shown: FileOptions, key: str) -> FileOptions:
    preview = None if shown.default_preview == key else shown.default_preview
    order = tuple(each for each in shown.order if each != key)
    return replace(shown, default_preview=preview, order=order)


def _changeable(session: Session, pid: str) -> Record:
    record, _ = opened(session, pid)
    _draft(session, record)
    return record


def _draft(session: Session, record: Record) -> OpenDraft:
    reopened = action_of(session, record.action).is_deposit_type
    return draft_files.changeable(record, reopened=reopened)


def _one(session: Session, record: Record, key: str) -> DraftFile:
    file = files(session, record, [key]).get(key)
    if file is None:
        raise NotFound(f"There is no file {key}.")
    return file


def _filed(
    session: Session,
    record: Record,
    file: DraftFile,
    event: draft_files.DraftFileReceived | draft_files.DraftFileCommitted | None,
) -> Filed:
    if event is None:
        return Filed(record, file)
    return Filed(session.change(record, event), after(session.entries[-1]))
