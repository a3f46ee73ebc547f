"""Under audit: the blobs that the log names, against those there are.

The names are sorted on disk and passed beside the store's own list: memory holds one piece of one
blob, however many there are. A blob that nothing names may be an upload under way, until it is
older than an upload may take.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from shlex import quote
from typing import Any, NamedTuple

from domain.draft_files import DraftFileReceived, DraftFileRemoved
from domain.drafting import DraftDiscarded
from domain.errors import Damaged
from domain.event import Entry
from domain.log_entry import LogEntryCreated
from domain.manifest import ManifestContinued, ManifestStored, entries
from domain.record import FileReceived, Published
from domain.storage.blobs import GRACE, Blobs, Stored, intact
from domain.values import Content
from projections.findings import Finding, What

KEEP = "mend what else was found first: an event that is gone may name it"


class Named(NamedTuple):
    """A blob, and the first file that consists of it: which one, and of what."""

    sha256: str
    size: int
    file: str


class Keeping:
    """What a log names of a store. `progress` is told how many blobs were read, and how many are.

    Its temporary file is gone when it is closed.
    """

    def __init__(self, blobs: Blobs, progress: Callable[[int, int], None]) -> None:
        self.named = 0
        self._blobs = blobs
        self._progress = progress
        self._began = datetime.now(UTC)
        self._file = sqlite3.connect("")
        self._file.executescript(
            "CREATE TABLE named (sha256 PRIMARY KEY, size, file) WITHOUT ROWID;"
            "CREATE TABLE draft (record, key, sha256, size, PRIMARY KEY (record, key))"
            " WITHOUT ROWID;"
        )

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def add(self, entry: Entry[Any]) -> None:
        """Take note of the blobs that an event names."""
        self._follow_draft(entry)
        for content, file in _contents(entry):
            named = Named(content.sha256, content.size, file)
            statement = "INSERT OR IGNORE INTO named VALUES (?, ?, ?)"
            self.named += self._file.execute(statement, named).rowcount

    def _follow_draft(self, entry: Entry[Any]) -> None:
        """Take note of what an open draft consists of: nothing keeps what it had before."""
        event, record = entry.event, str(entry.stream)
        if isinstance(event, DraftFileReceived):
            held = (record, event.key, event.content.sha256, event.content.size)
            self._file.execute("INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", held)
        elif isinstance(event, DraftFileRemoved):
            self._file.execute(
                "DELETE FROM draft WHERE (record, key) = (?, ?)", (record, event.key)
            )
        elif isinstance(event, Published | DraftDiscarded):
            self._file.execute("DELETE FROM draft WHERE record = ?", (record,))

    def findings(self, *, damaged: bool) -> Iterator[Finding]:
        """Compare, after the last event. `damaged` says that something else is wrong already."""
        self.named += self._file.execute(
            "INSERT OR IGNORE INTO named SELECT sha256, size,"
            " 'file ' || key || ' of the draft ' || record FROM draft"
        ).rowcount
        stored = self._blobs.everything()
        at = next(stored, None)
        rows = self._file.execute("SELECT * FROM named ORDER BY sha256")
        for done, row in enumerate(rows, 1):
            named = Named(*row)
            while at is not None and at.sha256 < named.sha256:
                yield from self._unnamed(at, damaged=damaged)
                at = next(stored, None)
            found = at is not None and at.sha256 == named.sha256
            yield from self._compared(named, at if found else None)
            at = next(stored, None) if found else at
            self._progress(done, self.named)
        while at is not None:
            yield from self._unnamed(at, damaged=damaged)
            at = next(stored, None)

    def _compared(self, named: Named, stored: Stored | None) -> Iterator[Finding]:
        # Looked for once more: its folder may have been listed before it came.
        if stored is None and (stored := self._blobs.find(named.sha256)) is None:
            yield self._finding("blob-missing", named, "is not there")
            return
        try:
            sound = stored.size == named.size and intact(self._blobs, named.sha256)
        except Damaged:
            yield self._finding("blob-changed", named, "cannot be read")
            return
        if not sound:
            yield self._finding("blob-changed", named, "has other bytes than were received")

    def _finding(self, what: What, named: Named, wrong: str) -> Finding:
        message = f"what {named.file} consists of {wrong}"
        where = quote(self._blobs.where(named.sha256))
        mend = f"put {where} back from a backup, or send the file again"
        return Finding(what, message, mend, blob=named.sha256)

    def _unnamed(self, stored: Stored, *, damaged: bool) -> Iterator[Finding]:
        if stored.uploaded_at > self._began - GRACE:
            return
        mend = KEEP if damaged else f"rm {quote(self._blobs.where(stored.sha256))}"
        message = f"no event names it, since {stored.uploaded_at:%Y-%m-%d %H:%M}"
        yield Finding("blob-unnamed", message, mend, blob=stored.sha256)


def _contents(entry: Entry[Any]) -> Iterator[tuple[Content, str]]:
    """Give the contents that an event names, and which file consists of each."""
    event = entry.event
    if isinstance(event, FileReceived):
        file = f"file {event.number} of the record {entry.stream}"
        yield event.content, file
        if event.preview is not None:
            yield event.preview, file
    elif isinstance(event, ManifestStored | ManifestContinued):
        for each in entries(event.files):
            yield each.content, f"file {each.key} of the manifest {entry.stream}"
    elif isinstance(event, LogEntryCreated):
        for number, attachment in enumerate(event.files, 1):
            yield attachment.content, f"file {number} of the log entry {entry.stream}"
