"""What of a document a search sees: what jsonb can hold, and of a large document its small members.

A write never fails because of a search. jsonb has no NUL, and its numbers end somewhere; to take
megabytes apart at each write would cost more than anybody will look for in them; what little is
taken of them is taken in the helper process.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import orjson
from msgspec import Raw

from domain import heavy
from projections.columns import Jsonb

LARGE = 256 << 10  # bytes of which no more is searched
LONG = 1_000  # digits; jsonb takes more than ten times as many
EMPTY = b"{}"

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")  # NUL and surrogates
_FAR = re.compile(rb"[eE][+-]?[0-9]{5}")  # beyond every double
_members = msgspec.json.Decoder(dict[str, Raw])


def searchable(body: Raw) -> Jsonb:
    """Return what of a document is searched; the same for the same bytes, for ever."""
    raw = bytes(body)
    try:
        if len(raw) > LARGE:
            raw = heavy.call(_small_members, raw)
        return Jsonb(_plain(raw) if _is_odd(raw) else raw)
    except (msgspec.DecodeError, orjson.JSONDecodeError, UnicodeDecodeError):
        return Jsonb(EMPTY)


def _small_members(raw: bytes) -> bytes:
    """Return an object of those members that together stay below LARGE, the smallest first."""
    if not raw.lstrip().startswith(b"{"):
        return EMPTY
    written = [
        b"%b:%b" % (orjson.dumps(key), bytes(value)) for key, value in _members.decode(raw).items()
    ]
    left, kept = LARGE, set[int]()
    for at in sorted(range(len(written)), key=lambda at: len(written[at])):
        left -= len(written[at]) + 1
        if left < 0:
            break
        kept.add(at)
    return b"{%b}" % b",".join(written[at] for at in sorted(kept))


def _is_odd(raw: bytes) -> bool:
    """Whether the bytes may hold what jsonb cannot."""
    if b"\\u" in raw and _ESCAPE.search(raw):
        return True
    zeros = raw.translate(_ZEROS)
    return b"00000" in zeros and (_FAR.search(raw) is not None or b"0" * LONG in zeros)


def _plain(raw: bytes) -> bytes:
    """Return the document without NUL, its numbers as doubles."""
    return orjson.dumps(_without_nul(orjson.loads(raw)))


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(each) for key, each in value.items()}
    return value
