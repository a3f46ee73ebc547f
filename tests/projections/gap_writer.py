"""One of the writing processes of the gap test: `python -m tests.projections.gap_writer URL S`."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from hashlib import sha256
from random import Random
from uuid import UUID

import psycopg
from eventsourcing.persistence import RecordConflictError

from domain.errors import Conflict
from domain.log import AnsweredBefore, Log, Retry, Session
from tests.writing import actor, create, log_on, publish

PAUSE = 0.03  # seconds that a transaction may stay open after its append


def main(database: str, seconds: float, seed: int, records: list[UUID]) -> None:
    """Write for so long: plainly, with pauses, with rollbacks, under keys; racing for records."""
    random = Random(seed)
    ends_at = time.monotonic() + seconds
    key = 0
    with log_on(database) as log:
        while time.monotonic() < ends_at:
            chance = random.random()
            if chance < 0.4:
                log.run(actor(), publish, random.choice(records))
            elif chance < 0.5:
                records.append(log.run(actor(), create).id)
            elif chance < 0.7:
                _slowly(log, random, random.choice(records))
            elif chance < 0.9:
                key += 1
                _once(log, key, random.choice(records))
            else:
                _nothing(log, random)


def _slowly(log: Log, random: Random, record: UUID) -> None:
    """Append, stay open for a while, then commit or roll back."""
    session = Session(log.heads, actor(), log.validator)
    publish(session, record)
    conn = log.heads.connections.get()  # type: ignore[attr-defined]
    with suppress(RecordConflictError), conn.transaction():
        log.save(*session.entries, entries=session.entries, heads=session.changed)
        time.sleep(random.uniform(0, PAUSE))
        if random.random() < 0.5:
            raise psycopg.Rollback


def _once(log: Log, key: int, record: UUID) -> None:
    """Publish under a key that every other process uses too."""
    retry = Retry(
        key=f"key {key}",
        method="POST",
        path="/",
        digest=sha256(b"").hexdigest(),
        answer=lambda _made: (201, None, None),
    )
    with suppress(AnsweredBefore, Conflict):
        log.run_once(actor(UUID(int=1)), retry, publish, record)


def _nothing(log: Log, random: Random) -> None:
    """Take a transaction id, wait, and leave without a word."""
    conn = log.heads.connections.get()  # type: ignore[attr-defined]
    with conn.transaction():
        conn.execute("SELECT txid_current()")
        time.sleep(random.uniform(0, PAUSE))
        raise psycopg.Rollback


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), [UUID(each) for each in sys.argv[4:]])
