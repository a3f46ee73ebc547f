"""Where a walk through what was found has come to, as opaque text."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from domain.errors import Invalid

UNKNOWN = "There is no such place in this search; begin it anew."
LARGEST = 16 << 10  # characters; a snapshot names the transactions that were open
_SNAPSHOT = re.compile(r"[0-9]{1,19}:[0-9]{1,19}:([0-9]{1,19}(,[0-9]{1,19})*)?")


class Cursor(Struct, frozen=True, array_like=True):
    """The place after a record. `start` is the snapshot (pg_snapshot) that the walk began with."""

    start: str
    sort: str
    key: str  # what the record was sorted by, as PostgreSQL writes it
    number: int
    total: int  # how many records the walk has
    full: bool | None = None  # whether they are ranked by all their words

    def text(self) -> str:
        """Return the cursor as text that a URL may hold as it is."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


_decode = msgspec.json.Decoder(Cursor).decode


def parse(text: str, sort: str) -> Cursor:
    """Return the cursor that a text is, of a walk that is sorted so. Raises Invalid."""
    try:
        if len(text) > LARGEST or not text.isascii():
            raise ValueError
        cursor = _decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if not _SNAPSHOT.fullmatch(cursor.start) or cursor.sort != sort:
            raise ValueError
        if not 0 <= cursor.number < 1 << 63 or not 0 <= cursor.total < 1 << 63:
            raise ValueError
        _KEYS[sort](cursor.key)
    except (ValueError, Error, msgspec.MsgspecError):
        raise Invalid(UNKNOWN) from None
    return cursor


_KEYS: dict[str, Callable[[str], object]] = {
    "bestmatch": float,
    "newest": datetime.fromisoformat,
    "oldest": datetime.fromisoformat,
    "updated-desc": datetime.fromisoformat,
    "updated-asc": datetime.fromisoformat,
    "version": int,
}
