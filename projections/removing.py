"""What an erasure leaves to be done outside the database: bytes and uploads are removed.

The event says which; so whoever erases, and the follower after it, may do it again as often as it
takes. Bytes that were uploaded again since they were named may be under way to another event: they
are waited for. Source: DESIGN.md "Files".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from domain.erasure import Erased
from domain.errors import Refusal
from domain.event import Entry
from domain.storage.blobs import Blobs, Held
from domain.storage.uploads import Uploads
from domain.topics import topics_of
from projections import contents, erasing
from projections.database import connect, scalar, serving
from projections.follower import BATCH, Following, step

log = logging.getLogger(__name__)

PID = "SELECT pid FROM records WHERE id = %(id)s"
NAME = "erasures"
LOCK = 0x65726173  # "eras"
POLL = 0.1  # seconds between two looks
AGAIN = 1.0  # seconds until the next where one could not be finished
SETTLED = timedelta(seconds=60)  # after which no upload waits for its event any more


def remove(
    conn: Connection[Any], blobs: Blobs, uploads: Uploads, record: UUID, event: Erased
) -> bool:
    """Remove what an erasure names and nothing else does; return whether all of it is gone.

    Raises Held while a backup is made, Refusal when the store cannot be read, psycopg.Error.
    """
    if event.drafts or event.whole:
        uploads.forget(scalar(conn, PID, {"id": record}))
    done = True
    settled = datetime.now(UTC) - SETTLED
    # The view first, the lists after it: what is imported into a list was in the view before.
    free = contents.unnamed(conn, event.blobs) if event.blobs else set()
    free -= erasing.listed(conn, sorted(free)) if free else set()
    for sha256 in sorted(free):
        before = max(event.blobs[sha256], settled)
        if not blobs.remove(sha256, before) and blobs.find(sha256) is not None:
            done = False
    return done


def keep_removing(database_url: str, blobs: Blobs, uploads: Uploads, stop: Event) -> None:
    """Remove what erasures name, along the log, until `stop`."""

    def handle(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
        left: Refusal | None = None
        for entry in entries:  # each: what cannot be removed keeps nothing else here
            try:
                if not remove(conn, blobs, uploads, entry.stream, entry.event):
                    left = left or Held("Bytes that were erased were uploaded again a moment ago.")
            except Held as error:
                left = left or error
            except Refusal as error:
                left = error
        if left is not None:
            raise left

    following = Following(NAME, topics_of(Erased), handle)
    while not stop.is_set():
        with suppress(psycopg.OperationalError), connect(serving(database_url, NAME)) as conn:
            while not stop.is_set():
                pause = POLL
                try:
                    if not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
                        pause = AGAIN
                    elif step(conn, following) == BATCH:
                        pause = 0
                except Held:
                    pause = AGAIN
                except Refusal as error:
                    log.error("What was erased could not be removed: %s", error)
                    pause = AGAIN
                stop.wait(pause)
        stop.wait(AGAIN)
