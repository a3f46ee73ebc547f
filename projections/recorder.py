"""The recorder: events and the rows they change, durable in one transaction.

It takes the place of the eventsourcing library's own for PostgreSQL, whose table lock and NOTIFY
inside the writing transaction keep commits from sharing a flush (DESIGN.md "The log").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic, sleep
from typing import Any, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    OperationalError,
    StoredEvent,
    Subscription,
)
from psycopg import RawCursor
from psycopg.errors import (
    DeadlockDetected,
    DiskFull,
    NotNullViolation,
    ObjectInUse,
    ReadOnlySqlTransaction,
    SerializationFailure,
    UniqueViolation,
)
from psycopg.rows import scalar_row

from domain.errors import Conflict, OutOfSpace
from domain.event import Aggregate, Entry
from domain.mapper import Positioned, Stored
from domain.standing import Standing
from projections import sql
from projections.database import PATIENCE, RETRY, Connections, lost, scalar
from projections.registry import concerned
from projections.statement import compose

SQL = sql.load("log")


class Recorder(ApplicationRecorder):
    """Appends with one statement and reads in the order of positions."""

    def __init__(
        self, connections: Connections, after_commit: Callable[[Sequence[Entry[Any]]], None]
    ) -> None:
        """Call `after_commit` with each save's entries before the save is acknowledged."""
        super().__init__()
        self.connections = connections
        self.after_commit = after_commit

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        entries: Sequence[Entry[Any]] = (),
        heads: Mapping[UUID, Aggregate] | None = None,
        relied: Sequence[Aggregate] = (),
        recalled: Sequence[Aggregate] = (),
        standing: Sequence[Standing] = (),
        **_kwargs: Any,
    ) -> Sequence[int]:
        """Append events and change the views, all or nothing, and return the positions.

        Those `relied` on must be as they are given until everything is durable, those `recalled`
        when it is saved; `standing` must last until then, too. Raises IntegrityError when something
        is not so or a stream has moved on, Conflict for an erasure beside a rebuild, OutOfSpace
        when the disk is full, OperationalError when the server stays away.
        """
        stored = cast("Sequence[Stored]", stored_events)
        changes = []
        for view in concerned(frozenset(type(entry.event) for entry in entries)):
            changed = view.changes(entries, heads or {})
            if changed:
                changes.append((view.name, changed))
        text, params = compose(stored, changes, relied, recalled, standing)
        try:
            positions = self._positions(text, params)
        except DiskFull as error:
            raise OutOfSpace("The disk is full: nothing was stored.") from error
        except psycopg.OperationalError as error:
            if not lost(error):
                raise
            positions = self._again(stored[0], text, params)
        self.after_commit(entries)
        return positions

    def _positions(self, text: str, params: list[Any]) -> list[int]:
        # Raw: psycopg splits a statement of this length again at every use.
        with RawCursor(self.connections.get(), row_factory=scalar_row) as cursor:
            try:
                return cursor.execute(text, params).fetchall()
            except NotNullViolation as error:
                if error.diag.column_name == "position":
                    raise IntegrityError("The stream has moved on.") from error
                if error.diag.table_name == "answers":
                    raise IntegrityError("The Idempotency-Key was used.") from error
                raise
            except UniqueViolation as error:
                if error.diag.table_name == "event":
                    raise IntegrityError("The stream has moved on.") from error
                raise
            except (DeadlockDetected, SerializationFailure) as error:
                raise IntegrityError("Another save stood in the way.") from error
            except ObjectInUse as error:  # says an erasure's trigger
                raise Conflict("Nothing is erased while a rebuild runs.") from error
            except ReadOnlySqlTransaction as error:
                raise OperationalError("The database is read only.") from error

    def _again(self, first: Stored, text: str, params: list[Any]) -> list[int]:
        """Finish a save whose answer was lost: it may have been committed, or not, or not yet.

        The salt makes a digest unique, so the stored digest tells whether the save was ours. A
        server process that still works on it makes the second try wait, and then conflict.
        """
        deadline = monotonic() + PATIENCE
        while True:
            try:
                positions = self._stored(first)
                if positions:
                    return positions
                try:
                    return self._positions(text, params)
                except IntegrityError:
                    positions = self._stored(first)
                    if positions:
                        return positions
                    raise
            except DiskFull as error:
                raise OutOfSpace("The disk is full: nothing was stored.") from error
            except psycopg.OperationalError as error:
                if not lost(error):
                    raise
                if monotonic() > deadline:
                    raise OperationalError("The database does not answer.") from error
                sleep(RETRY)

    def _stored(self, first: Stored) -> list[int]:
        """Return the positions of a save, if it was committed."""
        key = {"stream": first.originator_id, "digest": first.digest}
        with self.connections.get().cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(SQL["positions_of_save"], key).fetchall()

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return the events of a stream, in order of version."""
        statement = SQL["events_of_stream_backwards" if desc else "events_of_stream"]
        params = {"stream": originator_id, "gt": gt or 0, "lte": lte, "limit": limit}
        rows = self.connections.get().execute(statement, params).fetchall()
        return [Stored(*row) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Positioned]:
        """Return entries below the horizon, in order of position: none can appear among them."""
        params = {
            "after": (start or 0) - (1 if inclusive_of_start else 0),
            "stop": stop,
            "topics": list(topics) or None,
            "limit": limit,
        }
        rows = self.connections.get().execute(SQL["notifications"], params).fetchall()
        return [Positioned(*row) for row in rows]

    def max_notification_id(self) -> int | None:
        """Return the last position below the horizon, or None before the first event."""
        found: int | None = scalar(self.connections.get(), SQL["last_position"])
        return found

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Refuse: followers read by position (projections/follower.py)."""
        raise NotImplementedError("Followers read the log with projections.follower.")
