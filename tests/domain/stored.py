"""Stored examples of events: one file an event class and shape, as it was first stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psycopg

from domain.mapper import SALT_BYTES, Stored

FOLDER = Path(__file__).parent / "stored_events"
SALT = bytes(SALT_BYTES)


@dataclass(frozen=True)
class Example:
    """A row of the log, and the shape it is stored in."""

    topic: str
    class_version: int
    stream: UUID
    version: int
    recorded_at: datetime
    state: bytes

    @property
    def row(self) -> Stored:
        """The row as the log hands it to the mapper."""
        digest = sha256(SALT + self.state).digest()
        return Stored(
            self.stream, self.version, self.topic, self.state, self.recorded_at, SALT, digest
        )


def read(path: Path) -> Example:
    """Read one example."""
    held = json.loads(path.read_text("utf-8"))
    return Example(
        topic=held["topic"],
        class_version=held["class_version"],
        stream=UUID(held["stream"]),
        version=held["version"],
        recorded_at=datetime.fromisoformat(held["recorded_at"]),
        state=held["state"].encode(),
    )


EXAMPLES = sorted((read(path) for path in FOLDER.glob("*.json")), key=lambda each: each.recorded_at)


def put_into(database: str, examples: Sequence[Example]) -> None:
    """Append examples to a log as they stand, each in a transaction of its own."""
    with psycopg.connect(database, autocommit=True) as conn:
        for each in examples:
            conn.execute(
                "INSERT INTO es.event"
                " (stream, version, position, topic, recorded_at, state, salt, digest) VALUES"
                " (%s, %s, (txid_current() + es.txid_offset()) << 20, %s, %s, %s, %s, %s)",
                [
                    *(each.stream, each.version, each.topic, each.recorded_at),
                    *(each.state, SALT, each.row.digest),
                ],
            )
