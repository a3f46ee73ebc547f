"""The log as JSON lines: each event as the feed gives it (api/feed/items.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection

from api.feed import positions
from api.feed.items import Item
from domain.identifiers import NUMBER
from domain.mapper import UNREADABLE
from projections import lives
from projections.feed import BEGINNING, SQL, Row
from scripts.replaying.lines import one_line

BATCH = 1000  # events a query
WEIGHT = 8 << 20  # bytes of states a query, about


def position_of(conn: Connection[Any], text: str | None) -> int:
    """Return the position that the feed's `id` or a number names.

    Raises Invalid for what is none, and for the position of no event here.
    """
    if text is None:
        return BEGINNING
    position = int(text) if NUMBER.fullmatch(text) else positions.parse(text)
    if not conn.execute(SQL["there"], {"position": position}).fetchall():
        raise positions.foreign()
    return position


def log(conn: Connection[Any], since: int) -> Iterator[bytes]:
    """Give a line an event after a position, in order, until the horizon of the moment.

    Raises Conflict at an event that is damaged.
    """
    while True:
        params = {"after": since, "limit": BATCH, "weight": WEIGHT}
        rows = [Row(*row) for row in conn.execute(SQL["after"], params, binary=True)]
        if not rows:
            return
        for row in rows:
            try:
                item = Item(row)
            except UNREADABLE as error:
                raise lives.unreadable(row.stream, row.version, row.position) from error
            yield one_line(item.body)
        since = rows[-1].position
