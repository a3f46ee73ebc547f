"""Fixity: the bytes of all files are read over once in 30 days, and compared with their digests.

Beside the follower, in one process at a time, in order of the digests and no faster than a rate,
so that readers do not wait for it. How far it has come is in a file of the data folder: after a
restart it goes on there, with the blob that it was at. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event, get_native_id
from typing import Any

import psycopg
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.errors import Damaged
from domain.storage.blobs import Blobs, intact
from domain.storage.noted import Noted
from projections import contents, sql
from projections.database import connect, scalar, serving

log = logging.getLogger(__name__)

SQL = sql.load("fixity")

LOCK = 0x66697879  # "fixy"
EVERY = timedelta(days=30)  # from the beginning of one pass to that of the next
PAUSE = 60.0  # seconds between two looks whether one is due
AGAIN = 3600.0  # seconds until damaged blobs are read once more: they may have been put back
NOTE = 1.0  # seconds between two notes of how far it is
BATCH = 100  # blobs whose names are in memory
NAMED = 1000  # damaged blobs that are remembered at most
OPENING = 16 << 10  # bytes that a blob counts for besides its own: small ones cost too
NICE = 10  # how much the thread stands back


class Pass(Struct, frozen=True):
    """All blobs that events name, read once: `of` so many, as it began; `size` in bytes."""

    began_at: datetime
    of: int
    after: str = ""  # the digest of the last that was read
    blobs: int = 0
    size: int = 0
    damaged: int = 0
    finished_at: datetime | None = None


class Fixity(Struct, frozen=True):
    """The last pass that came to its end, the one under way, and what is damaged: digests."""

    last: Pass | None = None
    now: Pass | None = None
    damaged: tuple[str, ...] = ()


class Stopped(Exception):
    """The process is to end."""


class Pace:
    """No more than so many bytes a second."""

    def __init__(self, rate: int, stop: Event) -> None:
        self._rate = rate
        self._stop = stop
        self._free_at = 0.0

    def passed(self, size: int) -> None:
        """Wait until more may be read after so many bytes. Raises Stopped."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size / self._rate
        if self._stop.wait(self._free_at - now):
            raise Stopped


class Checking:
    """The work in steps, which end where the names of so many blobs do."""

    def __init__(
        self, database_url: str, blobs: Blobs, noted: Noted[Fixity], rate: int, stop: Event
    ) -> None:
        self._database_url = serving(database_url, "fixity")
        self._blobs = blobs
        self._noted = noted
        self._pace = Pace(rate, stop)
        self._note_at = 0.0
        self._again_at = 0.0
        self._state = Fixity()

    def step(self) -> bool:
        """Read the next blobs; return whether there are more to be read now. Raises Stopped."""
        with connect(self._database_url) as conn:
            if not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
                return False
            self._state = self._noted.last()
            try:
                self._damaged_again(conn)
                return self._next(conn)
            finally:
                self._note()

    def _next(self, conn: Connection[Any]) -> bool:
        now, last = self._state.now, self._state.last
        if now is None:
            if last is not None and datetime.now(UTC) < last.began_at + EVERY:
                return False
            now = Pass(datetime.now(UTC), scalar(conn, SQL["count"]) or 0)
        params = {"after": now.after, "limit": BATCH}
        rows = conn.execute(SQL["next"], params).fetchall()
        for (sha256,) in rows:
            whole, size = self._whole(conn, sha256)
            now = replace(now, after=sha256, blobs=now.blobs + 1, size=now.size + size)
            now = now if whole else replace(now, damaged=now.damaged + 1)
            self._state = replace(self._state, now=now)
            if time.monotonic() >= self._note_at:
                self._note()
        if len(rows) < BATCH:
            done = replace(now, finished_at=datetime.now(UTC))
            self._state = replace(self._state, last=done, now=None)
        return len(rows) == BATCH

    def _damaged_again(self, conn: Connection[Any]) -> None:
        """Read what was found to be damaged once more, from time to time."""
        if self._state.damaged and time.monotonic() >= self._again_at:
            for each in self._state.damaged:
                self._whole(conn, each)
            self._again_at = time.monotonic() + AGAIN

    def _whole(self, conn: Connection[Any], sha256: str) -> tuple[bool, int]:
        """Read a blob, remember whether it is damaged; return whether not, and its size."""
        size = 0

        def passed(part: int) -> None:
            nonlocal size
            size += part
            self._pace.passed(part)

        self._pace.passed(OPENING)
        try:
            whole = intact(self._blobs, sha256, passed)
        except Damaged:
            whole = False
        # It may have been removed by right, after its name was read.
        whole = whole or bool(contents.unnamed(conn, [sha256]))
        known = self._state.damaged
        if whole:
            known = tuple(each for each in known if each != sha256)
        elif sha256 not in known:
            log.error(
                "A blob is damaged: %s; muniment audit says what consists of it.",
                self._blobs.where(sha256),
            )
            known = (*known, sha256)[:NAMED]
        self._state = replace(self._state, damaged=known)
        return whole, size

    def _note(self) -> None:
        with suppress(OSError):  # as of a full disk, which is said elsewhere
            self._noted.note(self._state)
        self._note_at = time.monotonic() + NOTE


def keep_checking(
    database_url: str, blobs: Blobs, noted: Noted[Fixity], rate: int, stop: Event
) -> None:
    """Read all blobs over, from time to time until `stop`, at `rate` bytes a second."""
    os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)  # of this thread: Linux has it so
    checking = Checking(database_url, blobs, noted, rate, stop)
    while not stop.is_set():
        more = False
        try:
            more = checking.step()
        except Stopped:
            return
        except psycopg.OperationalError:
            pass
        except Exception:
            log.exception("Files cannot be read over; this is tried again.")
        if not more:
            stop.wait(PAUSE)
