"""Clean-up: blobs that no event names go when they are older than the grace time.

Beside the follower, in one process at a time. Whether an event names a blob is asked of a view that
is kept in the events' own transactions, after the store was asked how old the blob is: an event
that is not committed by then comes of an upload within the grace time, and that made the blob young
again, which the store looks at once more under its lock. What was uploaded before the log began is
another log's: in front of an empty database nothing is removed. Source: DESIGN.md "Files".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event
from typing import Any

import psycopg
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from domain.errors import Refusal
from domain.storage.blobs import Blobs, Held, Stored
from domain.storage.looks import Look, Looks
from domain.storage.uploads import Uploads
from projections import contents, sql
from projections.database import connect, scalar, serving

log = logging.getLogger(__name__)

SQL = sql.load("cleaning")

LOCK = 0x636C6561  # "clea"
PAUSE = timedelta(hours=1)  # between two looks, at most
AGAIN = 60.0  # seconds until the next look where one could not be finished
BATCH = 500  # blobs in memory at once


class Removed(Struct, frozen=True):
    """What one look removed: how many blobs, of how many bytes."""

    blobs: int = 0
    size: int = 0


@dataclass
class Stock:
    """The blobs that a look has seen: how many, of how many bytes."""

    blobs: int = 0
    size: int = 0

    def seen(self, blobs: Iterable[Stored]) -> Iterator[Stored]:
        """Give blobs, and count them."""
        for each in blobs:
            self.blobs, self.size = self.blobs + 1, self.size + each.size
            yield each


def remove_unnamed(
    conn: Connection[Any], blobs: Blobs, before: datetime, stock: Stock | None = None
) -> Removed:
    """Remove the blobs that no event names and that were last uploaded before an instant.

    `stock` counts all there are. Raises Held while a backup is made, Refusal when the store cannot
    be read, psycopg.Error.
    """
    began: datetime | None = scalar(conn, SQL["began"])
    if began is None:
        return Removed()
    everything = (stock or Stock()).seen(blobs.everything())
    old = (each for each in everything if began <= each.uploaded_at < before)
    removed = size = 0
    while batch := {each.sha256: each for each in islice(old, BATCH)}:
        for sha256 in sorted(contents.unnamed(conn, batch)):
            if blobs.remove(sha256, before):
                removed, size = removed + 1, size + batch[sha256].size
    return Removed(removed, size)


def keep_clean(
    database_url: str, blobs: Blobs, uploads: Uploads, looks: Looks, grace: timedelta, stop: Event
) -> None:
    """Remove what nothing names and what uploads left, from time to time until `stop`.

    Each look is noted.
    """
    while not stop.is_set():
        pause = min(PAUSE, grace).total_seconds()
        try:
            done = _look(database_url, blobs, uploads, grace)
        except Held:
            done, pause = replace(looks.last(), waits_for="backup"), AGAIN
        except (Refusal, psycopg.OperationalError) as error:
            log.error("The clean-up could not be finished: %s", error)
            done, pause = replace(looks.last(), waits_for="repair"), AGAIN
        if done is not None:
            with suppress(OSError):  # as of a full disk, which is said elsewhere
                looks.note(done)
        stop.wait(pause)


def _look(database_url: str, blobs: Blobs, uploads: Uploads, grace: timedelta) -> Look | None:
    """Look once; None where another process is at it."""
    with connect(serving(database_url, "clean-up")) as conn:
        if not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
            return None
        began = time.monotonic()
        before = datetime.now(UTC) - grace
        expired = uploads.clean(datetime.now(UTC))
        blobs.clean(before)
        stock = Stock()
        removed = remove_unnamed(conn, blobs, before, stock)
        if removed.blobs or expired:
            log.warning(
                "Removed %d blobs that nothing names, %d bytes, and %d expired uploads, in %.1f s.",
                removed.blobs,
                removed.size,
                expired,
                time.monotonic() - began,
            )
        return Look(
            datetime.now(UTC),
            removed.blobs,
            removed.size,
            expired,
            kept_blobs=stock.blobs - removed.blobs,
            kept_size=stock.size - removed.size,
        )
