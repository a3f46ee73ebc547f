"""Erasure: content of a record is taken out of the log and out of everything made of it.

The event says which events of its stream are emptied, in its own transaction; what they changed of
the record, and what their versions were but for what they said, it says itself: so a fold goes on
without them. Source: DESIGN.md "The log", "Evidence".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from domain.event import Change, Entry
from domain.record import Record
from domain.values import Access, Visibility

DRAFT = -1  # stands for a record's draft among the numbers of its versions


class Tombstone(Struct, frozen=True, omit_defaults=True):
    """What is known of an erased version; `number` -1: of a draft."""

    number: int
    revision: int  # of the record, by its being published
    recorded_at: datetime
    valid_from: datetime
    visibility: Visibility = "restricted"  # as it was published
    opens_at: datetime | None = None  # when an embargo ends that it was published under


class Left(Struct, frozen=True, omit_defaults=True):
    """What a record goes on with that no emptied event says any more."""

    versions: int
    files: int
    locations: int
    schema_version: int | None
    access: Access


class Erased(Change[Record], frozen=True, kw_only=True, omit_defaults=True):
    """Some of what a record said is gone, for a reason."""

    TOPIC: ClassVar[str] = "record.erased"
    reason: str
    family: UUID  # the record's
    left: Left
    events: tuple[int, ...] = ()  # of this stream, which are emptied
    tombstones: tuple[Tombstone, ...] = ()
    drafts: bool = False  # whether those are erased, too
    whole: bool = False  # whether everything is
    newest: bool = False  # whether the newest version is
    files: tuple[int, ...] = ()  # numbers of files that are gone
    comments: tuple[int, ...] = ()
    locations: tuple[int, ...] = ()
    # Bytes that they named, by SHA-256, and when they did so last: what nobody else names goes.
    blobs: dict[str, datetime] = field(default_factory=dict)
    kept: tuple[str, ...] = ()  # bytes that they named and that something else still lists

    @property
    def versions(self) -> tuple[int, ...]:
        """The numbers of the versions that are gone."""
        return tuple(each.number for each in self.tombstones if each.number != DRAFT)

    @property
    def files_kept(self) -> int:
        """How many files' bytes stay, for something else lists them."""
        return len(self.kept)

    def apply(self, aggregate: Record, entry: Entry[Any]) -> Record:
        """Return the record with what is left."""
        return aggregate.moved(
            entry,
            versions=self.left.versions,
            files=self.left.files,
            locations=self.left.locations,
            schema_version=self.left.schema_version,
            access=self.left.access,
            draft=None if self.drafts or self.whole else aggregate.draft,
            manifest=None if self.newest else aggregate.manifest,
            options=None if self.newest else aggregate.options,
        )


def left_of(record: Record) -> Left:
    """Return what of a record is no content: an embargo's reason is."""
    access = record.access
    if access.embargo is not None:
        access = replace(access, embargo=replace(access.embargo, reason=None))
    return Left(record.versions, record.files, record.locations, record.schema_version, access)
