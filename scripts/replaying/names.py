"""What accounts, groups and actions are called, for people."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.access import EVERYONE, OPERATOR, SIGNED_IN
from projections import lives
from projections.database import scalar

KNOWN = 10_000  # names in memory at once
FIXED = {
    EVERYONE: "everyone",
    SIGNED_IN: "everyone signed in",
    OPERATOR: "the operator",
}


class Names:
    """Looked up when first needed; an id that nobody has stays as it is."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn
        self.of = lru_cache(KNOWN)(self._of)

    def _of(self, id_: UUID) -> str:
        name = FIXED.get(id_) or scalar(self._conn, lives.SQL["called"], {"id": id_})
        return str(name or id_)
