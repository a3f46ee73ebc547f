"""Views made again from the log, beside the live ones, while the service goes on.

What one snapshot shows is folded in memory and copied; what later ones show more follows in
turns; then, under the live view's lock for a moment, what is visible by then, and the new table
takes its place. Whoever writes to a view holds its lock until the events are visible, and whoever
waits for it has appended nothing yet: so nothing is lost, and no open transaction is waited for.
Source: DESIGN.md "Views".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from psycopg import Connection, IsolationLevel
from psycopg.errors import LockNotAvailable

from domain.errors import Conflict, NotFound
from domain.mapper import read_entry
from projections import history, numbers
from projections.beside import Beside, rebuilding
from projections.history import NOTHING, WEIGHT, Snapshot
from projections.registry import VIEWS

Progress = Callable[[int, int], None]  # events read, events there are

LOCK = 0x72656275  # "rebu": one rebuild at a time
ROWS = 200_000  # in memory, over all views
FEW = 1_000  # events that may be left for the moment under the lock
TURNS = 20  # at most, when writers bring more than that each time
PATIENCE = 300.0  # seconds that the swap of a view is tried


def rebuild(
    database_url: str, names: Sequence[str], progress: Progress = lambda _done, _all: None
) -> None:
    """Make these views again and swap each for the live one.

    Raises NotFound for a view there is not, Conflict while another rebuild runs or when somebody
    keeps a view locked.
    """
    for name in names:
        if name not in VIEWS:
            raise NotFound(f"There is no view {name}; there are {', '.join(VIEWS)}.")
    with rebuilding(database_url) as conn, rebuilding(database_url) as reader, _alone(conn):
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        reader.read_only = True
        _drop_leftovers(conn)
        new = [Beside(conn, VIEWS[name]) for name in dict.fromkeys(names)]
        topics = {topic for each in new for topic in each.view.topics}
        total = history.count(reader, topics)
        seen, _ = _turn(reader, new, NOTHING, lambda done: progress(done, total))
        for each in new:
            each.finish()
        for _ in range(TURNS):
            seen, more = _turn(reader, new, seen)
            if more <= FEW:
                break
        for each in new:
            _swap(reader, each, seen)
        numbers.lift(conn)


@contextmanager
def _alone(conn: Connection[Any]) -> Iterator[None]:
    # A killed rebuild's server process may live a moment longer than it.
    conn.execute("SET lock_timeout = '5s'")
    try:
        conn.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    except LockNotAvailable:
        raise Conflict("Another rebuild is running.") from None
    conn.execute("RESET lock_timeout")
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _drop_leftovers(conn: Connection[Any]) -> None:
    left = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'rebuild'").fetchall()
    for (name,) in left:
        conn.execute(f'DROP TABLE rebuild."{name}"')


def _turn(
    reader: Connection[Any],
    new: Sequence[Beside[Any]],
    since: Snapshot,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[Snapshot, int]:
    """Bring views to a fresh snapshot, and return it and how many events that took."""
    with reader.transaction():
        seen = history.snapshot(reader)
        return seen, _fold(reader, new, since, progress)


def _fold(
    conn: Connection[Any],
    new: Sequence[Beside[Any]],
    since: Snapshot,
    progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Bring views to what the open transaction sees; return how many events that took."""
    folds = {
        topic: [(each.view.fold, each.rows) for each in new if topic in each.view.topics]
        for topic in {topic for each in new for topic in each.view.topics}
    }
    heads = [(each, frozenset(each.view.topics)) for each in new if each.is_head]
    heavy = [each for each in new if each.is_heavy]
    done = weight = 0
    for batch in history.rows(conn, folds, since):
        for each, topics in heads:
            each.recall(stream for stream, _, topic, _, _ in batch if topic in topics)
        for stream, version, topic, recorded_at, state in batch:
            entry = read_entry(stream, version, topic, recorded_at, state)
            for fold, rows in folds[topic]:
                fold(rows, entry)
            weight += len(state)
        if weight > WEIGHT:
            weight = 0
            for each in heavy:
                each.flush()
        if sum(len(each.rows) for each in new) > ROWS:
            for each in new:
                each.flush()
        done += len(batch)
        progress(done)
    for each in new:
        each.flush()
    return done


def _swap(reader: Connection[Any], new: Beside[Any], seen: Snapshot) -> None:
    """Put one view in the live one's place, with everything visible by then."""
    name, pause, deadline = new.view.name, 0.05, monotonic() + PATIENCE
    while True:
        try:
            with new.conn.transaction():
                new.conn.execute("SET LOCAL synchronous_commit = on")
                new.conn.execute("SET LOCAL lock_timeout = '100ms'")
                new.conn.execute(f"LOCK TABLE view.{name} IN ACCESS EXCLUSIVE MODE")
                _fold(new.conn, [new], seen)
                new.take_over()
                return
        except LockNotAvailable:
            if monotonic() > deadline:
                raise Conflict(f"Somebody keeps the view {name} locked.") from None
        sleep(pause)
        pause = min(2 * pause, 2.0)
        seen, _ = _turn(reader, [new], seen)
