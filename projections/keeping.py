"""Under audit: the blobs that the log names, against those there are.

The names are sorted on disk and passed beside the store's own list: memory holds one piece of one
blob, however many there are. A blob that nothing names may be an upload under way, until it is
older than an upload may take.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import SystemRandom
from shlex import quote
from typing import Any, NamedTuple
from uuid import UUID

from domain import contents
from domain.erasure import Erased
from domain.errors import Damaged
from domain.event import Entry
from domain.storage.blobs import GRACE, Blobs, Stored, intact
from projections.findings import Finding, What

RANDOM = SystemRandom()  # nobody can tell which blobs a sample passes over

REMOVED = timedelta(minutes=5)  # after an erasure what it names is there no more
KEEP = "mend what else was found first: an event that is gone may name it"


class Named(NamedTuple):
    """A blob, and the first file that consists of it: which one, and the event that says so."""

    sha256: str
    size: int
    file: str
    stream: str
    version: int


class Keeping:
    """What a log names of a store. `progress` is told how many blobs were read, and how many are.

    What nothing names is found when it is older than `grace`. `sample` says of how many of the
    blobs the bytes are read, picked at random; of the others it is seen whether they are there, and
    how long. The temporary file is gone when it is closed.
    """

    def __init__(
        self,
        blobs: Blobs,
        progress: Callable[[int, int], None],
        grace: timedelta = GRACE,
        sample: Callable[[int], int] | None = None,
    ) -> None:
        self.named = 0
        self.read = 0
        self._sample = sample
        self._blobs = blobs
        self._progress = progress
        self._young = datetime.now(UTC) - grace
        self._file = sqlite3.connect("")
        self._file.execute("CREATE TABLE named (sha256 PRIMARY KEY, size, file, stream, version)")
        self._file.execute("CREATE TABLE erased (sha256 PRIMARY KEY)")
        self._removed = datetime.now(UTC) - REMOVED

    def close(self) -> None:
        """Remove the temporary file."""
        self._file.close()

    def add(self, entry: Entry[Any]) -> None:
        """Take note of the blobs that an event names."""
        for content, file in contents.named(entry):
            named = Named(content.sha256, content.size, file, str(entry.stream), entry.version)
            statement = "INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?, ?)"
            self.named += self._file.execute(statement, named).rowcount
        if isinstance(entry.event, Erased) and entry.recorded_at < self._removed:
            erased = [(sha256,) for sha256 in entry.event.blobs]
            self._file.executemany("INSERT OR IGNORE INTO erased VALUES (?)", erased)

    def findings(self, *, damaged: bool) -> Iterator[Finding]:
        """Compare, after the last event. `damaged` says that something else is wrong already."""
        stored = self._blobs.everything()
        at = next(stored, None)
        rows = self._file.execute("SELECT * FROM named ORDER BY sha256")
        wanted = self.named if self._sample is None else self._sample(self.named)
        for done, row in enumerate(rows, 1):
            named = Named(*row)
            while at is not None and at.sha256 < named.sha256:
                yield from self._unnamed(at, damaged=damaged)
                at = next(stored, None)
            found = at is not None and at.sha256 == named.sha256
            # Each as likely as any other, and so many in all (Knuth, algorithm S).
            chosen = RANDOM.random() * (self.named - done + 1) < wanted - self.read
            self.read += chosen
            yield from self._compared(named, at if found else None, whole=chosen)
            at = next(stored, None) if found else at
            self._progress(done, self.named)
        while at is not None:
            yield from self._unnamed(at, damaged=damaged)
            at = next(stored, None)

    def _compared(self, named: Named, stored: Stored | None, *, whole: bool) -> Iterator[Finding]:
        # Looked for once more: its folder may have been listed before it came.
        if stored is None and (stored := self._blobs.find(named.sha256)) is None:
            yield self._finding("blob-missing", named, "is not there")
            return
        try:
            sound = stored.size == named.size
            sound = sound and (not whole or intact(self._blobs, named.sha256))
        except Damaged:
            yield self._finding("blob-changed", named, "cannot be read")
            return
        if not sound:
            yield self._finding("blob-changed", named, "has other bytes than were received")

    def _finding(self, what: What, named: Named, wrong: str) -> Finding:
        message = f"what {named.file} {named.stream} consists of {wrong}"
        where = quote(self._blobs.where(named.sha256))
        mend = f"put {where} back from a backup, or send the file again"
        stream = UUID(named.stream)
        return Finding(what, message, mend, stream=stream, version=named.version, blob=named.sha256)

    def _unnamed(self, stored: Stored, *, damaged: bool) -> Iterator[Finding]:
        erased = "SELECT 1 FROM erased WHERE sha256 = ?"
        if self._file.execute(erased, [stored.sha256]).fetchone() is not None:
            message = "an erasure names it, and nothing else, and it is there"
            mend = KEEP if damaged else f"rm {quote(self._blobs.where(stored.sha256))}"
            yield Finding("blob-unnamed", message, mend, blob=stored.sha256)
            return
        if stored.uploaded_at > self._young:
            return
        mend = KEEP if damaged else f"rm {quote(self._blobs.where(stored.sha256))}"
        message = f"no event names it, since {stored.uploaded_at:%Y-%m-%d %H:%M}"
        yield Finding("blob-unnamed", message, mend, blob=stored.sha256)
