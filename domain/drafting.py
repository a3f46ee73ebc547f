"""What happens to a record's draft: saved, opened again after a publish, discarded.

Each of the events says the whole of what lies in the view `drafts` afterwards. Source: InvenioRDM,
"Drafts".
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import replace

from domain.draft import NOTHING, Draft, OpenDraft
from domain.errors import Fault
from domain.event import Change, Entry
from domain.record import Record
from domain.values import Access, Body, FileOptions


class DraftSaved(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """What was sent was kept as far as it is valid, in place of all that the draft was before."""

    TOPIC: ClassVar[str] = "record.draft-saved"
    document: Body  # what of it is kept
    access: Access  # that the record is to have when it is published
    files: FileOptions
    faults: tuple[Fault, ...] = ()
    sent: Body = NOTHING  # all that was sent, where something was wrong with it

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with this draft open."""
        before = aggregate.draft or OpenDraft(opened_at=entry.recorded_at)
        draft = replace(before, enabled=self.files.enabled, preview=self.files.default_preview)
        return aggregate.moved(entry, draft=draft)


class DraftReopened(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """The newest version became a draft again, with its access and its files."""

    TOPIC: ClassVar[str] = "record.draft-reopened"
    access: Access
    files: FileOptions

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with this draft open."""
        draft = OpenDraft(
            opened_at=entry.recorded_at,
            enabled=self.files.enabled,
            preview=self.files.default_preview,
            files=aggregate.manifest.count if aggregate.manifest else 0,
            base=aggregate.manifest,
        )
        return aggregate.moved(entry, draft=draft)


class DraftDiscarded(Change[Record], frozen=True, kw_only=True):
    """The draft is gone, and its files; without any version so is the record."""

    TOPIC: ClassVar[str] = "record.draft-discarded"

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record without a draft."""
        return aggregate.moved(entry, draft=None)


def kept(entry: Entry[DraftSaved] | Entry[DraftReopened]) -> Draft:
    """Return what an event leaves in the view `drafts`."""
    event = entry.event
    new = Draft(
        record=entry.stream,
        by=entry.by,
        saved_at=entry.recorded_at,
        document=NOTHING,
        sent=NOTHING,
        faults=(),
        access=event.access,
        files=event.files,
    )
    if isinstance(event, DraftSaved):
        return replace(new, document=event.document, sent=event.sent, faults=event.faults)
    return new


def reopened(record: Record) -> DraftReopened:
    """Decide that the newest version of a record is edited."""
    files = record.options or FileOptions(enabled=record.manifest is not None)
    return DraftReopened(access=record.access, files=files)


def shown_otherwise(draft: Draft, files: FileOptions) -> DraftSaved:
    """Decide that a draft says the same, and shows its files in another way."""
    return DraftSaved(
        document=draft.document,
        access=draft.access,
        files=files,
        faults=draft.faults,
        # What is not there must be the default itself: empty bytes are no JSON.
        sent=draft.sent if bytes(draft.sent) else NOTHING,
    )
