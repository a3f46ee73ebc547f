"""The files of a draft, by their keys: started, received, committed, removed, imported.

A key is kept code point by code point or refused. Each event says the whole of what lies in the
view `draft_files` for its key afterwards, so none needs the list. The files of a published record
are frozen. Source: InvenioRDM, "Draft files"; DESIGN.md "Files".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.draft import OpenDraft
from domain.errors import Conflict, Forbidden, NotFound
from domain.event import Change, Entry
from domain.record import Record
from domain.values import Content, FileEntry, Manifest

KEY_LENGTH = 255  # characters. Source: InvenioRDM
State = Literal["pending", "completed", "removed"]  # removed: of those imported


class DraftFile(Struct, frozen=True):
    """A file of an open draft, as far as it differs from those imported."""

    record: UUID
    key: str
    state: State
    started_at: datetime
    updated_at: datetime
    content: Content | None  # None: nothing was received yet, or it was removed


class DraftFilesStarted(Change[Record], frozen=True, kw_only=True):
    """Files were announced; nothing of them is here yet."""

    TOPIC: ClassVar[str] = "record.draft-files-started"
    keys: tuple[str, ...]

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with so many files more in its draft."""
        return _with_files(aggregate, entry, len(self.keys))


class DraftFileReceived(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """The bytes of a started file came, instead of any before; they lie in the store."""

    TOPIC: ClassVar[str] = "record.draft-file-received"
    key: str
    content: Content
    started_at: datetime

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record as it is."""
        return aggregate.moved(entry)


class DraftFileCommitted(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """The bytes of a file are final."""

    TOPIC: ClassVar[str] = "record.draft-file-committed"
    key: str
    content: Content
    started_at: datetime

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record as it is."""
        return aggregate.moved(entry)


class DraftFileRemoved(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """A draft's file is gone, finished or not."""

    TOPIC: ClassVar[str] = "record.draft-file-removed"
    key: str
    imported: bool = False  # whether one of this key was imported

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with one file less in its draft."""
        return _with_files(aggregate, entry, -1)


class DraftFilesImported(Change[Record], frozen=True, kw_only=True):
    """The draft has the files of a version, until they are removed from it one by one."""

    TOPIC: ClassVar[str] = "record.draft-files-imported"
    manifest: Manifest

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with these files in its draft."""
        if aggregate.draft is None:
            return aggregate.moved(entry)
        files = self.manifest.count
        draft = replace(aggregate.draft, base=self.manifest, files=files, changed=False)
        return aggregate.moved(entry, draft=draft)


def _with_files(aggregate: Record, entry: Entry[Any], more: int) -> Record:
    if aggregate.draft is None:  # as after an event that is lost: the audit reads on
        return aggregate.moved(entry)
    draft = replace(aggregate.draft, files=aggregate.draft.files + more, changed=True)
    return aggregate.moved(entry, draft=draft)


def changeable(record: Record, *, reopened: bool = False) -> OpenDraft:
    """Return the draft whose files may change, also where it was opened again if that is said.

    Raises NotFound, Forbidden for a published one.
    """
    if record.draft is None:
        raise NotFound(f"No draft of {record.pid} is open.")
    if record.versions and not reopened:
        raise Forbidden("The files of a published record are frozen: make a new version.")
    return record.draft


def wrong(key: str) -> str | None:
    """Return why no file can have this key, or None."""
    if not key or len(key) > KEY_LENGTH:
        return f"A file's key has 1 to {KEY_LENGTH} characters."
    if any(each < " " or each == "\x7f" or "\ud800" <= each <= "\udfff" for each in key):
        return f"A file's key has no control characters: {key!a}."
    if not {".", ".."}.isdisjoint(key.split("/")):  # no URL leads to it
        return f"No part of a file's key is . or ..: {key}."
    return None


def require_pending(file: DraftFile) -> None:
    """Pass while the bytes of a file may come. Raises Conflict."""
    if file.state == "completed":
        raise Conflict(f"File {file.key} is complete: remove it first to send it again.")


def receive(file: DraftFile, content: Content) -> DraftFileReceived | None:
    """Decide the bytes of a started file; None when it has them. Raises Conflict once committed."""
    require_pending(file)
    if file.content == content:
        return None
    return DraftFileReceived(key=file.key, content=content, started_at=file.started_at)


def commit(
    file: DraftFile, media_type: str | None, width: int | None, height: int | None
) -> DraftFileCommitted | None:
    """Decide that a file is complete; None when it is. Raises Conflict when nothing was received.

    The size is in pixels, of an image.
    """
    if file.state == "completed":
        return None
    if file.content is None:
        raise Conflict(f"File {file.key} has no content yet.")
    content = replace(file.content, media_type=media_type, width=width, height=height)
    return DraftFileCommitted(key=file.key, content=content, started_at=file.started_at)


def after(entry: Entry[Any]) -> DraftFile:
    """Return what an event leaves of one file in the view `draft_files`."""
    event: DraftFileReceived | DraftFileCommitted | DraftFileRemoved = entry.event
    at = entry.recorded_at
    if isinstance(event, DraftFileRemoved):
        return DraftFile(entry.stream, event.key, "removed", at, at, None)
    state: State = "completed" if isinstance(event, DraftFileCommitted) else "pending"
    return DraftFile(entry.stream, event.key, state, event.started_at, at, event.content)


def imported(record: Record, entry: FileEntry) -> DraftFile:
    """Return an imported file as one of the draft."""
    assert record.draft is not None  # noqa: S101 - only a draft has files like this
    at = record.draft.opened_at
    return DraftFile(record.id, entry.key, "completed", at, at, entry.content)
