"""Drafts: what of a record is being written, and what is kept of it.

Source: InvenioRDM, "Drafts"; DESIGN.md "Events", "Rejected input is kept".
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.errors import Fault
from domain.values import Access, Body, FileOptions, Manifest

NOTHING = Body(b"")  # where no document is


class OpenDraft(Struct, frozen=True, omit_defaults=True):
    """What decides on the next event of a draft; its document and its files lie elsewhere."""

    opened_at: datetime
    enabled: bool = True  # whether it may have files
    preview: str | None = None  # the key of the file that is shown first
    files: int = 0
    base: Manifest | None = None  # files it has from a version, but for those in `draft_files`
    changed: bool = False  # whether there are, or were, any in `draft_files`


class Loaded(Struct, frozen=True):
    """A document as a record model reads it: what of it is kept, and what is wrong with it."""

    document: Body
    faults: tuple[Fault, ...] = ()


class Draft(Struct, frozen=True):
    """The document of an open draft.

    `document` is NOTHING where it is that of the newest version. `sent` is what was sent when
    something was wrong with it, else NOTHING: `document` has all there was.
    """

    record: UUID
    by: UUID  # who saved it last
    saved_at: datetime
    document: Body
    sent: Body
    faults: tuple[Fault, ...]
    access: Access
    files: FileOptions
