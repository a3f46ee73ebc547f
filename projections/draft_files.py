"""draft_files: files of open drafts, but for imported ones left as they are. SQL: draft_files.sql.

What a draft has beside them is the manifest it imported; a row of a key stands before one there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from domain.draft_files import (
    DraftFile,
    DraftFileCommitted,
    DraftFileReceived,
    DraftFileRemoved,
    DraftFilesImported,
    DraftFilesStarted,
    after,
    imported,
)
from domain.drafting import DraftDiscarded
from domain.erasure import Erased
from domain.event import Entry
from domain.record import Published, Record
from domain.values import Content, FileEntry
from projections import manifest_pages
from projections.database import Db, fetch, fetch_one
from projections.view import GroupedView, Key

PAGE = 500  # files in memory at once

Rows = Iterator[tuple[Key, DraftFile | None]]

_keys = msgspec.json.Decoder(list[str]).decode
_contents = msgspec.json.Decoder(list[Content]).decode

view = GroupedView("draft_files", DraftFile, key=("record", "key"))


@view.on(DraftFilesStarted)
def started(entry: Entry[DraftFilesStarted]) -> Rows:
    """Give files of which nothing is here yet."""
    at = entry.recorded_at
    for key in entry.event.keys:
        yield (entry.stream, key), DraftFile(entry.stream, key, "pending", at, at, None)


@view.on(DraftFileReceived)
def received(entry: Entry[DraftFileReceived]) -> Rows:
    """Give the file with its bytes."""
    yield (entry.stream, entry.event.key), after(entry)


@view.on(DraftFileCommitted)
def committed(entry: Entry[DraftFileCommitted]) -> Rows:
    """Give the file, complete."""
    yield (entry.stream, entry.event.key), after(entry)


@view.on(DraftFileRemoved)
def removed(entry: Entry[DraftFileRemoved]) -> Rows:
    """Take the file away, or what was imported under its key."""
    yield (entry.stream, entry.event.key), after(entry) if entry.event.imported else None


@view.on(DraftFilesImported)
def imported_all(entry: Entry[DraftFilesImported]) -> Rows:
    """Take away what is left of files that were removed."""
    yield (entry.stream,), None


@view.on(DraftDiscarded)
def discarded(entry: Entry[DraftDiscarded]) -> Rows:
    """Take all files away."""
    yield (entry.stream,), None


@view.on(Published)
def published(entry: Entry[Published]) -> Rows:
    """Take all files away: they are in the version's manifest."""
    if entry.event.from_draft:
        yield (entry.stream,), None


@view.on(Erased)
def erased(entry: Entry[Erased]) -> Rows:
    """Take all files away, if the draft was erased."""
    if entry.event.drafts or entry.event.whole:
        yield (entry.stream,), None


def entries(keys: str, contents: str) -> list[FileEntry]:
    """Return the files that SQL["entries"] gives."""
    return list(map(FileEntry.of, _keys(keys), _contents(contents)))


async def one(db: Db, record: Record, key: str) -> DraftFile | None:
    """Return a file of a record's open draft, or None."""
    base = record.draft.base if record.draft else None
    row = await fetch_one(db, view.sql["one"], {"record": record.id, "key": key})
    if row is not None:
        file = view.columns.load(row)
        return None if file.state == "removed" else file
    found = await manifest_pages.one(db, base, key)
    return None if found is None else imported(record, found)


async def page(db: Db, record: Record, after: str) -> list[DraftFile]:
    """Return some files of a record's open draft that follow a key, in order of key.

    None: there are no more. The list begins after the key "".
    """
    base = record.draft.base if record.draft else None
    while True:
        rest = await manifest_pages.after(db, base, after)
        params = {"record": record.id, "after": after, "limit": PAGE}
        own = [view.columns.load(row) for row in await fetch(db, view.sql["page"], params)]
        ends = [part[-1].key for part in (rest, own if len(own) == PAGE else []) if part]
        end = min(ends, default=None)
        shown = merged(record, rest, own, end)
        if shown or end is None:
            return shown
        after = end


def merged(
    record: Record, rest: Sequence[FileEntry], own: Sequence[DraftFile], end: str | None
) -> list[DraftFile]:
    """Return a draft's files up to a key, in order of key: its own stand before those imported.

    `rest` is some of what was imported, `own` some of the draft's, both after one key and complete
    up to `end`; None: to their ends.
    """
    found = {each.key: imported(record, each) for each in rest}
    found |= {each.key: each for each in own}
    kept = [found[key] for key in sorted(found) if end is None or key <= end]
    return [each for each in kept if each.state != "removed"]
