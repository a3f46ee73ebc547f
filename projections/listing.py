"""The rows of `listed`, and what they amount to, kept along the log. Its SQL is in listing.sql.

To take a document apart and put its words into an index costs as much as to store it. So a write
does not wait for that: what changed since the follower came by is searched as it stands (`recent`),
and a search sees every write at once. An object that is written often is taken apart now and then
only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import sleep
from typing import Any
from uuid import UUID

import orjson
from psycopg import Connection
from psycopg.errors import LockNotAvailable

from domain import access
from domain.community import CommunityChanged, CommunityMoved
from domain.erasure import Erased
from domain.errors import Conflict
from domain.event import Entry
from domain.family import FamilyCreated, PermissionGranted
from domain.group import GroupDeleted
from domain.record import AccessChanged, Published
from domain.topics import topics_of
from projections import communities, grants, sql
from projections.database import SERVING_ROLE, scalar
from projections.findings import RESTORE, Finding, What
from projections.follower import Following

NAME = "listed"
TABLES = ("audiences", "tallies", "margins", NAME)
TOPICS = tuple(
    {*topics_of(Published, AccessChanged, Erased), *grants.view.topics}
    - {*topics_of(FamilyCreated)}
)
MOVES = (CommunityChanged, CommunityMoved, GroupDeleted)
SETS = topics_of(*MOVES)
BATCH = 200  # events a transaction: it holds readers of the log back
FILLED = 2_000  # records a transaction, where the tables are made anew
FEW = 100  # streams that may be left for the moment under the lock
TURNS = 20  # at most, when writers bring more than that each time
FIRST = UUID(int=0)  # before every family
TRIES = 600  # to have the lock, each of a tenth of a second and a pause


def _quoted(topics: Sequence[str]) -> str:
    return ", ".join(f"'{each}'" for each in topics)


SQL = sql.parts(
    sql.load("listing"),
    everyone=f"'{access.EVERYONE}'::uuid",
    access_changed=_quoted(topics_of(AccessChanged)),
    granted_to=_quoted(topics_of(PermissionGranted)),
    of_sets=_quoted(SETS),
    public=communities.PUBLIC,
    signed_in=f"'{access.SIGNED_IN}'::uuid",
    topics=_quoted(TOPICS),
)
_LEARN = SQL["learn"].replace("{those}", SQL["of_families"])
_FORGET = SQL["forget"].replace("{those}", SQL["of_families"])
_FILL = SQL["learn"].replace("{those}", SQL["of_records"])
_WRONG = SQL["wrong"].replace("{those}", SQL["of_all"])


def following() -> Following:
    """Return the work of keeping the rows."""
    return Following(NAME, (*TOPICS, *SETS), _follow, batch=BATCH, ahead=_restamp)


def _restamp(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
    """Have records say that their community opened, moved, was closed or ended.

    It may hold any number of them, so this goes in steps, each a transaction, before the follower
    passes the event: until then searches by datestamps evaluate them all. What happens meanwhile
    is an event of its own, which the follower comes to.
    """
    for community in _moved(conn, entries):
        after: UUID | None = FIRST
        while after is not None:
            after = _restamped(conn, [community], after, BATCH)


def _moved(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> list[UUID]:
    """Return the communities that everybody sees otherwise since some of these entries."""
    asked = {entry.stream for entry in entries if isinstance(entry.event, MOVES)}
    if not asked:
        return []
    # Planned for how little is left, each time.
    moved = conn.execute(SQL["moved_sets"], prepare=False).fetchall()
    return [community for (community,) in moved if community in asked]


def _restamped(
    conn: Connection[Any], streams: Sequence[UUID], after: UUID, limit: int | None
) -> UUID | None:
    """Correct datestamps in communities among some streams; return how far that has come."""
    asked = {"communities": list(streams), "after": after, "limit": limit}
    row = conn.execute(SQL["restamp"], asked).fetchone()
    return None if row is None else row[0]


def _follow(conn: Connection[Any], entries: Sequence[Entry[Any]]) -> None:
    streams = list({entry.stream for entry in entries})
    if streams:
        _learn(conn, _LEARN, streams)
    erased = list({entry.stream for entry in entries if isinstance(entry.event, Erased)})
    if erased:
        _learn(conn, _FORGET, erased)


def _learn(conn: Connection[Any], statement: str, streams: Sequence[UUID]) -> None:
    left = conn.execute(statement, {"streams": streams}).fetchall()
    if left:
        conn.execute(SQL["empty"], {"tallies": [tally for (tally,) in left]})


def ensure(conn: Connection[Any]) -> bool:
    """Make the tables unless they are there; return whether they are to be filled (`mend`).

    In a database that has no events they are not.
    """
    if scalar(conn, "SELECT to_regclass('view.listed')") is None:
        with conn.transaction():
            conn.execute("SET LOCAL search_path = view, es")
            conn.execute(SQL["table"], prepare=False)
            conn.execute(SQL["indexes"], prepare=False)
    begun = scalar(conn, "SELECT position FROM es.follower WHERE name = 'listed'") is not None
    return not begun and bool(scalar(conn, "SELECT EXISTS (SELECT FROM es.event)"))


def mend(conn: Connection[Any]) -> None:
    """Make the tables anew, beside searches and writes, and swap them for the live ones.

    In short transactions, on a connection that is used for nothing else any more. Raises Conflict
    when somebody keeps one of them locked.
    """
    conn.execute("SET search_path = rebuild, view, es")
    conn.execute("SET maintenance_work_mem = '256MB'")
    conn.execute("SET enable_seqscan = off")  # rows are looked up, however few there were at first
    position = scalar(conn, sql.load("log")["horizon"]) - 1
    with conn.transaction():
        for table in TABLES:
            conn.execute(f"DROP TABLE IF EXISTS rebuild.{table}")
        conn.execute("SET LOCAL search_path = rebuild, es")
        conn.execute(SQL["table"], prepare=False)
        for table in TABLES:
            rights = "SELECT, INSERT, UPDATE, DELETE"
            conn.execute(f"GRANT {rights} ON rebuild.{table} TO {SERVING_ROLE}")
    after = -1
    while rows := conn.execute(SQL["next"], {"after": after, "limit": FILLED}).fetchall():
        _learn(conn, _FILL, [record for record, _ in rows])
        after = rows[-1][1]
    with conn.transaction():
        conn.execute("SET LOCAL search_path = rebuild, es")
        conn.execute(SQL["indexes"], prepare=False)
    for table in TABLES:
        conn.execute(f"VACUUM (ANALYZE) rebuild.{table}")
    for _ in range(TURNS):
        horizon = scalar(conn, sql.load("log")["horizon"]) - 1
        more = _catch_up(conn, position, horizon)
        position = horizon
        if more <= FEW:
            break
    _swap(conn, position)


def _catch_up(conn: Connection[Any], after: int, until: int) -> int:
    params = {"after": after, "until": until, "topics": [*TOPICS, *SETS]}
    streams = [stream for (stream,) in conn.execute(SQL["since"], params)]
    _restamped(conn, streams, FIRST, None)
    for at in range(0, len(streams), BATCH):
        _learn(conn, _LEARN, streams[at : at + BATCH])
    return len(streams)


def _swap(conn: Connection[Any], position: int) -> None:
    for _ in range(TRIES):
        try:
            with conn.transaction():
                conn.execute("SET LOCAL lock_timeout = '100ms'")
                tables = ", ".join(f"view.{table}" for table in TABLES)
                conn.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
                # The follower waits for the locks, and will go on where it has come to.
                come = max(position, scalar(conn, SQL["reached"]) or 0)
                _catch_up(conn, position, come)
                conn.execute(SQL["come"], {"position": come})
                for table in TABLES:
                    conn.execute(f"DROP TABLE view.{table}")
                    conn.execute(f"ALTER TABLE rebuild.{table} SET SCHEMA view")
                return
        except LockNotAvailable:
            sleep(0.1)
    raise Conflict(f"Somebody keeps the view {NAME} locked.") from None


def findings(conn: Connection[Any], *, damaged: bool) -> Iterator[Finding]:
    """Give the rows that are not what the views say. `damaged` says that the log is."""
    mends = RESTORE if damaged else "muniment rebuild search"
    with conn.cursor("listed", binary=True) as cursor:
        cursor.execute(_WRONG)
        for record, unfounded, missing, differing in cursor:
            what: What = "row-changed"
            message = f"a search would be told other {', '.join(differing)} than the record has"
            if unfounded or missing:
                what = "row-unfounded" if unfounded else "row-missing"
                message = "a search would be told something else than the record says"
            yield Finding(what, message, mends, view=NAME, key={"record": record})
    with conn.cursor("miscounted") as cursor:
        cursor.execute(SQL["miscounted"])
        for table, key in cursor:
            message = "the records are not as many"
            yield Finding("row-changed", message, mends, view=table, key=orjson.loads(key))
