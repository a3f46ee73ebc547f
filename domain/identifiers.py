"""Public ids, and the UUID of the stream each one stands for.

A stream whose id is derived from a name can begin only once: that is how names are unique.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from uuid import UUID, uuid5

import base32_lib

from domain.errors import NotFound

NAMESPACE = UUID("6d756e69-6d65-5e74-8000-000000000000")
PID = re.compile(r"[0-9a-z]{5}-[0-9a-z]{5}")
DEPID = re.compile(r"[0-9a-f]{32}")  # CAP's id of a deposit: the stream of the record
BASE32 = re.compile(r"[a-z2-7]{26}")  # 128 bits, and two of padding that are zero
NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")  # written in one way


def stream_of(kind: str, name: str) -> UUID:
    """Return the id of the stream that a name of this kind owns."""
    return uuid5(NAMESPACE, f"{kind}:{name}")


def new_pid() -> str:
    """Return a fresh public id: ten base-32 characters, the last two their check."""
    pid: str = base32_lib.generate(length=10, split_every=5, checksum=True)
    return pid


def pid_of(stream: UUID) -> str:
    """Return the public id of a stream that was begun without one: forty of its bits."""
    pid: str = base32_lib.encode(stream.int >> 88, split_every=5, min_length=10, checksum=True)
    return pid


def record_id(pid: str) -> UUID:
    """Return the stream of the record that this public id names."""
    return stream_of("record", pid)


def family_id(pid: str) -> UUID:
    """Return the stream of a family that is begun under this public id.

    It is the one that a record would have: no family is called what a record is called.
    """
    return record_id(pid)


def base32_of(id_: UUID) -> str:
    """Return an id as Divio writes it: 26 characters of lower-case base 32 (RFC 4648, 6).

    The eleventh is a letter, for in it are bits of the UUID's version: it is never all digits.
    """
    return b32encode(id_.bytes).decode().rstrip("=").lower()


def id_of_base32(text: str) -> UUID | None:
    """Return the id that is written so, None where none is."""
    if not BASE32.fullmatch(text):
        return None
    found = UUID(bytes=b32decode(text.upper() + "======"))
    return found if base32_of(found) == text else None


def account_id(name: str) -> UUID:
    """Return the stream of the account with this login name, whatever its case."""
    return stream_of("account", login_name(name))


def login_name(name: str) -> str:
    """Return a login name as it is compared. Source: SampleDB, names are case-insensitive."""
    return name.strip().casefold()


def object_key(text: str) -> int | UUID:
    """Return the number or the stream of the object that `<id>` in a URL names.

    It is a number, a public id or a deposit's id. Raises NotFound for anything else.
    """
    if NUMBER.fullmatch(text):
        return int(text)
    if PID.fullmatch(text):
        return record_id(text)
    if DEPID.fullmatch(text):
        return UUID(text)
    raise NotFound(f"There is no object {text}.")
