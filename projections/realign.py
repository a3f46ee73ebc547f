"""A log in a cluster whose transaction ids are smaller than its positions: found, and mended.

Positions are made of transaction ids. After a restore into another cluster new events would stand
before old ones and readers would see an empty log; an offset lifts them over the largest again.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import Connection

from domain.errors import Conflict
from projections.database import scalar

SPARE = 1024  # transaction ids left free between the old positions and the new
BEHIND = (
    "SELECT coalesce(max(position) >> 20, -1) - txid_snapshot_xmin(txid_current_snapshot())"
    " - es.txid_offset() FROM es.event"
)
NUMBERS = {"account": "accounts", "action": "actions", "group": "groups", "record": "records"}


def check(conn: Connection[Any]) -> None:
    """Pass when new events will stand after all old ones. Raises Conflict, naming the mend."""
    if scalar(conn, BEHIND) >= 0:
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
        behind: int = scalar(conn, BEHIND)
        if behind >= 0:
            offset: int = scalar(conn, "SELECT es.txid_offset()") + behind + SPARE
            conn.execute(
                "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE"
                f" PARALLEL SAFE LANGUAGE sql RETURN {offset:d}"
            )
        for kind, view in NUMBERS.items():
            conn.execute(
                f"SELECT setval('es.{kind}_number', greatest(last_value,"
                f" (SELECT coalesce(max(number), 1) FROM view.{view})))"
                f" FROM es.{kind}_number WHERE EXISTS (SELECT FROM view.{view})"
            )
        return max(behind + SPARE, 0) if behind >= 0 else 0
