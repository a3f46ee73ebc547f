"""The audit: the whole log, event by event, and every view against what the log says.

It writes nothing, and sees log and views as one snapshot shows them: an event and the rows it
changes are one transaction, so the two agree whatever is written meanwhile. The log is read stream
by stream, and beside it each view in order of its key: memory holds the rows of one stream, and
not even the documents of these. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import make_conninfo

from domain.event import Entry
from projections import listing, saves, sealed, sql
from projections.comparing import Comparable, ordered
from projections.database import connect
from projections.findings import Finding, Found
from projections.keeping import Keeping
from projections.live import LiveRows
from projections.registry import VIEWS
from projections.spool import Spool
from projections.stream import Stream, Views

SQL = sql.load("audit")

BATCH = 1000  # events in memory at once, where their states are small
LARGE = 32 << 10  # bytes of a state that is fetched on its own

Progress = Callable[[int, int], None]  # events read, events there are


def audit(
    database_url: str,
    progress: Progress = lambda _done, _total: None,
    keeping: Keeping | None = None,
    checkpoints: Iterable[str] | None = None,
    newest: Callable[[], str | None] | None = None,
) -> Iterator[Finding]:
    """Give every finding when the audit comes upon it; none when nothing is wrong.

    Without `keeping` no blob is looked at. `checkpoints` are those that were kept outside before
    this was called; None: there is no file of them. `newest` gives the last of them later on.
    """
    wrong = False
    note = keeping.add if keeping is not None else lambda _entry: None
    for each in _of_database(database_url, progress, note, checkpoints, newest):
        wrong = True
        yield each
    if keeping is not None:
        yield from _with_objects(database_url, keeping.findings(damaged=wrong))


def _with_objects(database_url: str, found: Iterable[Finding]) -> Iterator[Finding]:
    """Say of which object a damaged file is: a stream's id is no name for a person."""
    with ExitStack() as stack:
        conn: Connection[Any] | None = None
        for each in found:
            if each.stream is None:
                yield each
                continue
            conn = conn or stack.enter_context(reading(database_url))
            rows = conn.execute(SQL["object"], {"stream": each.stream}).fetchall()
            said = f"{each.message}, named by event {each.version}"
            if rows:
                number, pid = rows[0]
                said += f" of object {number} ({pid})"
            yield replace(each, message=said)


def _of_database(
    database_url: str,
    progress: Progress,
    note: Callable[[Entry[Any]], None],
    checkpoints: Iterable[str] | None,
    newest: Callable[[], str | None] | None,
) -> Iterator[Finding]:
    with reading(database_url) as conn:
        total, now = conn.execute(SQL["begun"]).fetchall()[0]
        yield from sealed.findings(conn, checkpoints, newest)
        yield from saves.findings(conn)
        with closing(_Apart(conn, now)) as apart:
            damaged = False

            def add(entry: Entry[Any]) -> None:
                apart.add(entry)
                note(entry)

            for each in _findings(conn, None, add, lambda done: progress(done, total)):
                damaged = damaged or each.view is None
                yield each
            yield from apart.findings(damaged=damaged)
        yield from listing.findings(conn, damaged=damaged)


def verify(conn: Connection[Any], streams: Sequence[UUID]) -> Iterator[Finding]:
    """Give every finding about these streams and the rows that follow from each of them."""
    return _findings(conn, streams, lambda _entry: None, lambda _done: None)


@contextmanager
def reading(database_url: str) -> Iterator[Connection[Any]]:
    """Give a connection that only reads, and sees log and views at one moment."""
    # Its cursors are read to their ends: tables are sorted, not looked up row by row.
    options = "-c search_path=view,es -c timezone=UTC -c jit=off -c cursor_tuple_fraction=1"
    url = make_conninfo(database_url, application_name="muniment audit", options=options)
    with connect(url) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        with conn.transaction():
            conn.execute(SQL["hold"].format(views=", ".join((*VIEWS, *listing.TABLES))))
            yield conn


def _findings(
    conn: Connection[Any],
    streams: Sequence[UUID] | None,
    apart: Callable[[Entry[Any]], None],
    progress: Callable[[int], None],
) -> Iterator[Finding]:
    """Compare stream by stream. `apart` is given every entry, `progress` how many were read."""
    comparables = [Comparable(view) for view in VIEWS.values() if view.by_stream]
    views = Views([LiveRows(each, ordered(conn, each, streams)) for each in comparables])
    for id_, events in groupby(_events(conn, streams, progress), attrgetter("stream")):
        stream = Stream(id_, views)
        for event in events:
            yield from stream.add(event, apart)
        yield from stream.end()
    for live in views.all:
        yield from live.rest(damaged=False)


def _events(
    conn: Connection[Any], streams: Sequence[UUID] | None, progress: Callable[[int], None]
) -> Iterator[Found]:
    """Give the events stream by stream. Only their places are sorted, not what is in them."""
    places = SQL["places" if streams is None else "places_of"]
    done = 0
    with conn.cursor("places", binary=True) as cursor:
        cursor.execute(places, {"streams": streams})
        while batch := cursor.fetchmany(BATCH):
            params = {"positions": [position for (position,) in batch], "large": LARGE}
            for row in conn.execute(SQL["events"], params, binary=True):
                event = Found(*row)
                yield _with_state(conn, event) if event.state is None else event
            done += len(batch)
            progress(done)


def _with_state(conn: Connection[Any], event: Found) -> Found:
    params = {"position": event.position}
    (state,) = conn.execute(SQL["state"], params, binary=True).fetchall()[0]
    return event._replace(state=state)


class _Apart:
    """The views whose rows follow from the events of any stream."""

    def __init__(self, conn: Connection[Any], now: datetime) -> None:
        self.conn = conn
        self.now = now
        views = [each for each in VIEWS.values() if not each.by_stream]
        self._spools = [Spool(Comparable(each)) for each in views]

    def close(self) -> None:
        """Remove what was kept on disk."""
        for each in self._spools:
            each.close()

    def add(self, entry: Entry[Any]) -> None:
        """Keep the rows that an entry makes."""
        for spool in self._spools:
            view = spool.comparable.view
            rows: dict[Any, Any] = {}
            view.fold(rows, entry)
            for key, row in rows.items():
                if view.lasts(row, self.now):
                    spool.put(key, row)

    def findings(self, *, damaged: bool) -> Iterator[Finding]:
        """Compare, after the last event. `damaged` says that something is wrong with some event."""
        for spool in self._spools:
            view = spool.comparable.view
            rows = ordered(self.conn, spool.comparable)
            lasting = (each for each in rows if view.lasts(view.row(*each), self.now))
            live = LiveRows(spool.comparable, lasting)
            for key, values in spool.rows():
                yield from live.compared(key, values, damaged=damaged)
            yield from live.rest(damaged=damaged)
