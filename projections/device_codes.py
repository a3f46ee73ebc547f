"""Device codes that wait for somebody's approval. Their SQL is in device_codes.sql.

They are no events: whoever asks gets one, signed in or not, and within the hour nothing is left of
it; what follows when one is redeemed, a login, is in the log. Its stream is the code's, so that of
two workers which redeem one code one does, and the code is forgotten when the login is stored. Only
digests of codes are kept, and so many: nobody can fill the disk with them, nor take all there may
be from one address. Source: RFC 8628.
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from psycopg import Connection

from domain.secrets import token_digest
from projections import sql

SQL = sql.load("device_codes")

LIFETIME = 600  # seconds
TOLD = 3600  # seconds after which nobody is told any more that a code has expired: it is unknown
MOST = 10_000  # codes that wait at a time, about: of requests at once each may still find room
MOST_OF_ONE = 1_000  # of those, asked for from one address
GUESSES = 100  # wrong passwords and verifiers, after which a code is dead


class Device(Struct, frozen=True):
    """What a device code stands for; `approved` is None as long as nobody has decided."""

    client: str
    scopes: frozenset[str]
    challenge: str  # PKCE, S256
    approved: bool | None
    expired: bool
    dead: bool  # guessed at too often
    hasty: bool  # asked about again before `interval` was over
    account: UUID | None  # who decided, and the version that the account then had
    account_version: int | None


def begin(
    conn: Connection[Any],
    device: str,
    user: str,
    client: str,
    scopes: str,
    challenge: str,
    address: str,
) -> Literal["own", "every"] | None:
    """Keep a new pair of codes, and clear away those that expired an hour ago.

    Return None, or why it was not kept: too many wait that were asked for from this address, or
    too many in all.
    """
    row = conn.execute(
        SQL["begin"],
        {
            "device": token_digest(device),
            "user_code": token_digest(user),
            "client": client,
            "scopes": scopes.split(),
            "challenge": challenge,
            "address": _network(address),
            "lifetime": LIFETIME,
            "told": TOLD,
            "most": MOST,
            "most_of_one": MOST_OF_ONE,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - counts are there of nothing, too
    full: Literal["own", "every"] | None = row[0]
    return full


def poll(conn: Connection[Any], device: str, interval: float) -> Device | None:
    """Return what a device code stands for, and note when it was asked about."""
    key = {"device": token_digest(device), "interval": interval, "guesses": GUESSES}
    row = conn.execute(SQL["poll"], key).fetchone()
    return None if row is None else Device(row[0], frozenset(row[1]), *row[2:])


def forget(conn: Connection[Any], device: str) -> None:
    """Take away a code whose login is stored."""
    conn.execute(SQL["forget"], {"device": token_digest(device)})


def waits(conn: Connection[Any], user: str) -> bool:
    """Whether a user code waits for a decision."""
    key = {"user_code": token_digest(user), "guesses": GUESSES}
    return conn.execute(SQL["waits"], key).fetchone() is not None


def decide(
    conn: Connection[Any], user: str, account: UUID, account_version: int, *, approved: bool
) -> bool:
    """Approve or refuse what a user code stands for; False: it waits no more.

    `account_version` is one that the account had before its password was verified.
    """
    key = {"user_code": token_digest(user), "guesses": GUESSES}
    decided = {"account": account, "account_version": account_version, "approved": approved}
    return conn.execute(SQL["decide"], key | decided).rowcount == 1


def guessed(conn: Connection[Any], code: str) -> None:
    """Count a wrong guess about a device code, or a user code."""
    conn.execute(SQL["guessed"], {"code": token_digest(code)})


def _network(address: str) -> str:
    """Return what codes are counted by: an address, or all of the network that one line has."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""  # a socket of this machine
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or found.exploded[:19])  # the first 64 bits
