"""What the log names of a store's bytes: the one place that says which event names which.

What an event has named stays named: the file may have been removed or replaced since, the draft
discarded, but the log tells that it was there, and what it was. Source: DESIGN.md "Files".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, NamedTuple

from domain.community import LogoSet
from domain.draft_files import DraftFileCommitted, DraftFileReceived
from domain.event import Entry, Event
from domain.log_entry import LogEntryCreated
from domain.manifest import ManifestContinued, ManifestStored, entries
from domain.record import FileReceived
from domain.values import Content


class Named(NamedTuple):
    """Bytes, and what consists of them, as in "file 1 of the record"."""

    content: Content
    file: str


Naming = Callable[[Any], Iterator[Named]]


def _received(event: FileReceived) -> Iterator[Named]:
    file = f"file {event.number} of the record"
    yield Named(event.content, file)
    if event.preview is not None:
        yield Named(event.preview, file)


def _draft_file(event: DraftFileReceived | DraftFileCommitted) -> Iterator[Named]:
    yield Named(event.content, f"file {event.key} of a draft of the record")


def _log_entry(event: LogEntryCreated) -> Iterator[Named]:
    for number, attachment in enumerate(event.files, 1):
        yield Named(attachment.content, f"file {number} of the log entry")


def _logo(event: LogoSet) -> Iterator[Named]:
    yield Named(event.content, "logo of the community")


def _manifest(event: ManifestStored | ManifestContinued) -> Iterator[Named]:
    for each in entries(event.files):
        yield Named(each.content, f"file {each.key} of the manifest")


# Events that came of bytes which were received.
RECEIVING: MappingProxyType[type[Event], Naming] = MappingProxyType(
    {
        FileReceived: _received,
        DraftFileReceived: _draft_file,
        DraftFileCommitted: _draft_file,
        LogEntryCreated: _log_entry,
        LogoSet: _logo,
    }
)
# Events that list bytes which others name already: a version has the files that came before it.
LISTING: MappingProxyType[type[Event], Naming] = MappingProxyType(
    {ManifestStored: _manifest, ManifestContinued: _manifest}
)


def named(entry: Entry[Any]) -> Iterator[Named]:
    """Give the bytes that an event names."""
    kind = type(entry.event)
    naming = RECEIVING.get(kind) or LISTING.get(kind)
    if naming is not None:
        yield from naming(entry.event)
