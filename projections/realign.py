"""A log in a cluster whose transaction ids are smaller than its positions: found, and mended.

Positions are made of transaction ids. After a restore into another cluster new events would stand
before old ones and readers would see an empty log; an offset lifts them over the largest again.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection

from domain.errors import Conflict
from projections import numbers
from projections.database import scalar

SPARE = 1024  # transaction ids left free between the old positions and the new
LAST = "SELECT coalesce(max(position) >> 20, -1) - es.txid_offset() FROM es.event"  # as an id here


def check(conn: Connection[Any]) -> None:
    """Pass when new events will stand after all old ones. Raises Conflict, naming the mend.

    Compares with the next transaction id, not with the horizon: writers that are at work, or any
    transaction that stays open, hold the horizon below positions that are in order.
    """
    if scalar(conn, f"SELECT ({LAST}) >= txid_snapshot_xmax(txid_current_snapshot())"):
        raise Conflict(
            "This log comes from another cluster: its positions are ahead of this one's"
            " transaction ids. Run `muniment realign` once, then start again."
        )


def realign(database_url: str) -> int:
    """Lift transaction ids over the largest position and public numbers over the largest there is.

    Returns by how many transaction ids; 0 when nothing was behind. Run while nothing else writes.
    """
    with psycopg.connect(database_url) as conn:
        conn.execute("LOCK TABLE es.event IN SHARE MODE")
        # The horizon must pass the old positions too, or followers would wait for it.
        behind: int = scalar(
            conn, f"SELECT ({LAST}) - txid_snapshot_xmin(txid_current_snapshot()) + 1"
        )
        lifted = behind + SPARE if behind > 0 else 0
        if lifted:
            _offset(conn, scalar(conn, "SELECT es.txid_offset()") + lifted)
        numbers.lift(conn)
        return lifted


def lift(conn: Connection[Any], over: int) -> None:
    """Lift the transaction ids of a database over this one, in the open transaction."""
    behind: int = over - scalar(conn, "SELECT txid_snapshot_xmin(txid_current_snapshot())")
    _offset(conn, max(0, behind + SPARE))


def _offset(conn: Connection[Any], offset: int) -> None:
    conn.execute(
        "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE"
        f" PARALLEL SAFE LANGUAGE sql RETURN {offset:d}"
    )
