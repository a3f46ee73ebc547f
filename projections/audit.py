"""The audit: the whole log, event by event, and every view against what the log says.

It writes nothing, and sees log and views as one snapshot shows them: an event and the rows it
changes are one transaction, so the two agree whatever is written meanwhile. The log is read stream
by stream, and beside it each view in order of its key: memory holds the rows of one stream, and
not even the documents of these. Source: DESIGN.md "Evidence".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import Connection, IsolationLevel
from psycopg.conninfo import make_conninfo

from domain.event import Entry
from projections import sql
from projections.comparing import Comparable, ordered
from projections.database import connect
from projections.findings import RESTORE, Finding, Found
from projections.live import LiveRows
from projections.registry import VIEWS
from projections.spool import Spool
from projections.stream import Stream, Views

SQL = sql.load("audit")

BATCH = 1000  # events in memory at once, where their states are small
LARGE = 32 << 10  # bytes of a state that is fetched on its own

Progress = Callable[[int, int], None]  # events read, events there are


def audit(database_url: str, progress: Progress = lambda _done, _total: None) -> Iterator[Finding]:
    """Give every finding when the audit comes upon it; none when nothing is wrong."""
    with _reader(database_url) as conn, conn.transaction():
        conn.execute(SQL["hold"].format(views=", ".join(VIEWS)))
        total, now = conn.execute(SQL["begun"]).fetchall()[0]
        with conn.cursor("holes") as cursor:
            for row in cursor.execute(SQL["holes"]):
                yield _hole(*row)
        with closing(_Audit(conn, now)) as work:
            yield from work.findings(lambda done: progress(done, total))


def _reader(database_url: str) -> Connection[Any]:
    options = "-c search_path=view,es -c timezone=UTC -c jit=off"
    url = make_conninfo(database_url, application_name="muniment audit", options=options)
    conn = connect(url)
    conn.isolation_level = IsolationLevel.REPEATABLE_READ
    conn.read_only = True
    return conn


class _Audit:
    """One audit: the live rows of each view, beside the log."""

    def __init__(self, conn: Connection[Any], now: datetime) -> None:
        self.conn = conn
        self.now = now
        self._damaged = False  # something is wrong with some event
        comparables = [Comparable(view) for view in VIEWS.values()]
        self._views = Views(
            [LiveRows(each, ordered(conn, each)) for each in comparables if each.view.by_stream]
        )
        self._spools = [Spool(each) for each in comparables if not each.view.by_stream]

    def close(self) -> None:
        """Remove what was kept on disk."""
        for each in self._spools:
            each.close()

    def findings(self, progress: Callable[[int], None]) -> Iterator[Finding]:
        """Give every finding; `progress` is told how many events were read."""
        for id_, events in groupby(self._events(progress), attrgetter("stream")):
            stream = Stream(id_, self._views)
            for event in events:
                yield from stream.add(event, self._set_apart)
            yield from stream.end()
            self._damaged = self._damaged or stream.damaged
        for live in self._views.all:
            yield from live.rest(damaged=False)
        for spool in self._spools:
            yield from self._apart(spool)

    def _events(self, progress: Callable[[int], None]) -> Iterator[Found]:
        done = 0
        with self.conn.cursor("log", binary=True) as cursor:
            cursor.execute(SQL["events"], {"large": LARGE})
            while batch := cursor.fetchmany(BATCH):
                for row in batch:
                    event = Found(*row)
                    yield self._with_state(event) if event.state is None else event
                done += len(batch)
                progress(done)

    def _with_state(self, event: Found) -> Found:
        params = {"position": event.position}
        (state,) = self.conn.execute(SQL["state"], params, binary=True).fetchall()[0]
        return event._replace(state=state)

    def _set_apart(self, entry: Entry[Any]) -> None:
        """Keep the rows that follow from more than one stream for the end."""
        for spool in self._spools:
            view = spool.comparable.view
            rows: dict[Any, Any] = {}
            view.fold(rows, entry)
            for key, row in rows.items():
                if view.lasts(row, self.now):
                    spool.put(key, row)

    def _apart(self, spool: Spool[Any]) -> Iterator[Finding]:
        view = spool.comparable.view
        rows = ordered(self.conn, spool.comparable)
        lasting = (each for each in rows if view.lasts(view.row(*each), self.now))
        live = LiveRows(spool.comparable, lasting)
        for key, values in spool.rows():
            yield from live.compared(key, values, damaged=self._damaged)
        yield from live.rest(damaged=self._damaged)


def _hole(position: int, following: int, topic: str, stream: UUID, version: int) -> Finding:
    what = f"{topic}, event {version} of the stream {stream} at position {following}"
    message = f"an event is missing here: the same save has {what}"
    return Finding("gap", message, RESTORE, position=position)
