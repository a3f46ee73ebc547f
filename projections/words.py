"""The words of documents, in an index of their own that follows the log. Its SQL is in words.sql.

To take a document apart and put its words into an index costs as much as to store it. So a write
does not wait for that: what was published since the follower came by is searched by its document,
and a search for words sees every write at once. An object that is written often is taken apart now
and then only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.event import Entry
from domain.record import Published
from projections import sql
from projections.database import scalar
from projections.findings import RESTORE, Finding, What
from projections.follower import Following

NAME = "words"
BATCH = 200  # documents a transaction: it holds readers of the log back
_BEFORE_ALL = UUID(int=0)
_TEXTS = sql.load("words")
SQL = {name: text.replace("{pending}", _TEXTS["pending"]) for name, text in _TEXTS.items()}


def following() -> Following:
    """Return the work of keeping the words of newest versions."""
    return Following(NAME, (Published.TOPIC,), _learn, batch=BATCH)


def _learn(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
    records = list({entry.stream for entry in entries})
    if records:
        conn.execute(SQL["learn"], {"records": records})


def mend(conn: Connection[Any]) -> None:
    """Make all words what the documents say, and note how far in the log that goes.

    In short transactions, on a connection that is used for nothing else any more.
    """
    conn.execute("SET search_path = view, es")
    position = scalar(conn, sql.load("log")["horizon"]) - 1
    after = _BEFORE_ALL
    while rows := conn.execute(SQL["next"], {"after": after, "limit": BATCH}).fetchall():
        records = [record for (record,) in rows]
        conn.execute(SQL["mend"], {"records": records})
        after = records[-1]
    conn.execute(SQL["unfounded"])
    conn.execute(SQL["come"], {"position": position})


def findings(conn: Connection[Any], *, damaged: bool) -> Iterator[Finding]:
    """Give the rows that are not what the documents say. `damaged` says that the log is."""
    mends = RESTORE if damaged else "muniment rebuild search"
    with conn.cursor("words", binary=True) as cursor:
        cursor.execute(SQL["wrong"])
        for record, unfounded, missing in cursor:
            what: What = "row-changed"
            if unfounded or missing:
                what = "row-unfounded" if unfounded else "row-missing"
            message = "these are not the words of the document"
            key = {"record": record}
            yield Finding(what, message, mends, view=NAME, key=key)
