"""Headroom: on a disk that is nearly full the database uses its own log's space again.

The server stops when its write-ahead log needs a new segment and there is no space for it. A
checkpoint makes the next segments of those that are needed no more, and frees the others.
Source: PostgreSQL 18, "WAL Configuration".
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event

import psycopg

from domain.storage.space import Space

LOOK = 0.2  # seconds between two looks at the disk
PAUSE = 30.0  # seconds between two checkpoints


def keep(database_url: str, space: Space, stop: Event) -> None:
    """Order a checkpoint when there is too little space, and again while there is, until `stop`.

    The role of `database_url` must be one that may.
    """
    while not stop.wait(LOOK):
        if space.problem() is None:
            continue
        with suppress(psycopg.Error):
            with psycopg.connect(database_url, autocommit=True) as conn:
                conn.execute("CHECKPOINT")
            stop.wait(PAUSE)
