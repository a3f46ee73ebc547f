"""Credentials: five ways to show one, one Actor.

`Bearer`, `OAuth2` and `Token` carry a token, `Basic` a name with a password or with one of that
account's own tokens, and `?access_token=` a token. What has two dots is a JSON Web Token, anything
else an opaque one: what refreshes a login is no token here. Source: DESIGN.md "Dialects side by
side".
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from os import urandom
from time import time
from urllib.parse import unquote
from uuid import UUID

from falcon.asgi import Request

from api import access_jwts
from api.remembered import LIFETIME, Remembered, Void
from api.service import Service
from domain import access, secrets
from domain.access import ANONYMOUS, Actor
from domain.errors import TooManyRequests, Unauthenticated
from domain.identifiers import login_name, stream_of
from domain.kept import Kept
from projections import credentials

TOKEN_SCHEMES = frozenset({"bearer", "token", "oauth2"})
REMEMBERED_CREDENTIALS = 100_000
READ_TOKENS = 10_000  # JSON Web Tokens whose signature a worker need not verify again
ADDRESS_LENGTH = 64
SHOWN = " token "  # between a door and a token's id
LINKED = " link "  # after both, before the id of the access link that was shown too
BY_PASSWORD = " password"  # noqa: S105 - after a door
QUEUE = 50  # passwords that wait to be verified: about a second


class Authenticator:
    """Turns what a request shows into an Actor, and remembers it briefly."""

    def __init__(self, service: Service) -> None:
        self.service = service
        counters = service.levels.counters
        self._tokens: Remembered[tuple[str, bytes], Actor] = Remembered(
            counters, REMEMBERED_CREDENTIALS
        )
        self._passwords: Remembered[tuple[str, bytes], Actor] = Remembered(
            counters, REMEMBERED_CREDENTIALS
        )
        # What a token says stays so, also where nobody could tell what is void.
        self._read: Kept[bytes, access_jwts.Read] = Kept(READ_TOKENS)
        self._key = urandom(32)  # what is remembered of a password is worthless elsewhere
        # One argon2 at a time: 19 MiB and 22 ms each are what an attacker would like to multiply.
        self._waiting = 0
        self._argon2 = ThreadPoolExecutor(1, thread_name_prefix="argon2")

    def epoch(self) -> int:
        """Return the count of everything ever voided, to be taken before asking for an actor.

        What is read for an actor may be remembered only if nothing was voided since: else a level
        that a group gave could outlive the membership.
        """
        return self._tokens.epoch()

    def voided_since(self, epoch: int) -> bool:
        """Whether anything was voided since; so it is said too where nobody could tell."""
        return self._tokens.counters is None or self._tokens.epoch() != epoch

    async def actor(
        self, req: Request, door: str, *, refreshing: bool = False, in_query: bool = True
    ) -> Actor:
        """Return who asks; ANONYMOUS when nothing is shown.

        `refreshing` where a refresh token is a credential too: it has the scope REFRESH alone.
        `in_query` where a token in the query is one.
        Raises Unauthenticated when what is shown does not hold, TooManyRequests.
        """
        header = req.get_header("Authorization")
        token = shown_token(req) if in_query or header is not None else None
        if token is not None:
            return await self._by_token(token, door, refreshing=refreshing)
        if header is None:
            return ANONYMOUS
        scheme, _, shown = header.partition(" ")
        if scheme.lower() == "basic":
            return await self._by_basic(shown.strip(), door, req.remote_addr or "")
        raise Unauthenticated("This way of signing in is not known here.")

    async def _by_token(self, token: str, door: str, *, refreshing: bool = False) -> Actor:
        digest = secrets.token_digest(token)
        known = self._tokens.get((door, digest))
        if known is not None:
            self.service.token_use.note(digest)
            return known
        if access_jwts.is_one(token):
            return await self._by_jwt(token, digest, door)
        epoch = self._tokens.epoch()
        shown = await credentials.by_token(self.service.db, digest)
        if shown is None and refreshing:
            return await self._by_refresh(digest, door)
        if shown is None:
            raise Unauthenticated("This token is not valid.")
        lasts = LIFETIME
        if shown.expires_at is not None:
            lasts = (shown.expires_at - datetime.now(UTC)).total_seconds()
            if lasts <= 0:
                raise Unauthenticated("This token has expired.")
        actor = _actor(shown.holder, shown.scopes, f"{door}{SHOWN}{shown.token}")
        self._tokens.put((door, digest), actor, epoch, *_voids(actor), lasts=lasts)
        self.service.token_use.note(digest)
        return actor

    async def _by_jwt(self, token: str, digest: bytes, door: str) -> Actor:
        epoch = self._tokens.epoch()
        keys = self.service.signing_keys
        read = self._read.get(digest)
        if read is None or not access_jwts.still_holds(keys, read):
            read = access_jwts.read(keys, token)
        if read is None:
            return await self._by_foreign(token, digest, door)
        self._read.put(digest, read, 1)
        shown = await credentials.by_login(self.service.db, read.login)
        if shown is None or shown.expires_at is None or shown.expires_at <= datetime.now(UTC):
            raise Unauthenticated("This token is not valid.")
        scopes = shown.scopes & read.scopes
        actor = _actor(shown.holder, scopes, f"{door}{SHOWN}{shown.token}")
        lasts = read.expires_at - time()
        self._tokens.put((door, digest), actor, epoch, *_voids(actor), lasts=lasts)
        return actor

    async def _by_foreign(self, token: str, digest: bytes, door: str) -> Actor:
        """Return whom a token of the issuer that is configured stands for."""
        epoch = self._tokens.epoch()
        issuer = self.service.external_issuer
        known = None if issuer is None else await issuer.read(token)
        if known is None:
            raise Unauthenticated("This token is not valid, or has expired.")
        holder = await credentials.by_name(self.service.db, known.name)
        # By its login name alone: an e-mail address is not vouched for.
        if holder is None or login_name(holder.name) != login_name(known.name):
            raise Unauthenticated("There is no account of this name here.")
        named = stream_of("foreign token", digest.hex())
        actor = _actor(holder, access.SCOPES, f"{door}{SHOWN}{named}")
        lasts = known.expires_at - time()
        self._tokens.put((door, digest), actor, epoch, *_voids(actor), lasts=lasts)
        return actor

    async def _by_refresh(self, digest: bytes, door: str) -> Actor:
        """Return an actor who may refresh a token; remembered it is not: it holds once."""
        shown = await credentials.by_refresh(self.service.db, digest)
        if shown is None:
            raise Unauthenticated("This token is not valid.")
        return Actor(
            account=shown.account,
            number=shown.number,
            name=shown.name,
            admin=False,
            scopes=frozenset({access.REFRESH}),
            via=f"{door}{SHOWN}{shown.token}",
            principals=(),
        )

    async def _by_basic(self, shown: str, door: str, address: str) -> Actor:
        try:
            name, colon, password = b64decode(shown, validate=True).decode().partition(":")
        except ValueError:
            colon = ""
        if not colon or "\0" in name:
            raise Unauthenticated("The Basic credentials cannot be read.")
        return await self.by_password(name, password, door, address)

    async def by_password(
        self, name: str, password: str, door: str, address: str, *, recall: bool = True
    ) -> Actor:
        """Return whose name and password these are, or name and token of his own.

        `name` is without NUL. Without `recall` the password is verified whatever is remembered:
        what it approves may outlast it by more than the moment until all workers know of another.
        Raises Unauthenticated, TooManyRequests.
        """
        mark = hmac.digest(self._key, f"{login_name(name)}:{password}".encode(), sha256)
        known = self._passwords.get((door, mark)) if recall else None
        if known is not None:
            return known
        epoch = self._passwords.epoch()
        holder = await credentials.by_name(self.service.db, name)
        own = await credentials.by_token(self.service.db, secrets.token_digest(password))
        if holder is not None and own is not None and own.holder.account == holder.account:
            return await self._by_token(password, door)
        encoded = holder.password if holder is not None else None
        # Counted by what was shown: that an e-mail address is somebody's is not to be learned here.
        verified = await self._verify(
            encoded or secrets.DECOY, password, _failing(login_name(name), address)
        )
        if verified and holder is not None and encoded is not None:
            actor = _actor(holder, access.SCOPES, f"{door}{BY_PASSWORD}")
            self._passwords.put((door, mark), actor, epoch, *_voids(actor))
            return actor
        self._refuse(_failing(login_name(name), address))
        raise Unauthenticated("The name or the password is wrong.")

    async def _verify(self, encoded: str, password: str, key: str) -> bool:
        """Whether a password is right. Raises TooManyRequests when too many wait to be told."""
        wait = self.service.failures.retry_after(key)
        if self._waiting >= (QUEUE if wait is None else 1):
            raise TooManyRequests("Too many sign-ins are being checked; try again.", wait or 1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._argon2, secrets.verify_password, encoded, password
            )
        finally:
            self._waiting -= 1

    def _refuse(self, key: str) -> None:
        """Count a failure. Raises TooManyRequests when there were too many within a minute."""
        wait = self.service.failures.retry_after(key)
        self.service.failures.record(key)
        if wait is not None:
            raise TooManyRequests("Too many failed sign-ins; wait before the next one.", wait)


def shown_token(req: Request) -> str | None:
    """Return the token that a request shows, in its header or else in its query."""
    header = req.get_header("Authorization")
    if header is None:
        return _query_token(req)
    scheme, _, shown = header.partition(" ")
    return (shown.strip() or None) if scheme.lower() in TOKEN_SCHEMES else None


def token_of(actor: Actor) -> UUID | None:
    """Return the token that an actor has shown; None for a password."""
    _door, found, token = actor.via.partition(LINKED)[0].partition(SHOWN)
    return UUID(token) if found else None


def door_of(via: str) -> str:
    """Return the door that an event came through, without what was shown there."""
    return via.partition(LINKED)[0].partition(SHOWN)[0].removesuffix(BY_PASSWORD)


def link_of(via: str) -> str | None:
    """Return the id of the access link that was shown where an event came through."""
    _shown, found, link = via.partition(LINKED)
    return link if found else None


def _actor(holder: credentials.Holder, scopes: frozenset[str], via: str) -> Actor:
    actor = Actor(
        account=holder.account,
        number=holder.number,
        name=holder.name,
        admin=holder.admin,
        scopes=scopes,
        via=via,
        principals=access.principals_of(holder.account, admin=holder.admin),
    )
    return access.with_memberships(actor, holder.memberships)


def _failing(name: str, address: str) -> str:
    """Return what failures are counted by."""
    return f"{name} {address[:ADDRESS_LENGTH]}"


def _voids(actor: Actor) -> Iterator[Void]:
    """Give what voids an actor: his account, and his groups, by which he may be in projects."""
    yield "credentials", actor.account
    for each in access.of_their_own(actor):
        yield "permissions", each


def _query_token(req: Request) -> str | None:
    """Return `?access_token=`, read from the query itself: a token may hold any character."""
    for part in req.query_string.split("&"):
        if part.startswith("access_token="):
            return unquote(part.removeprefix("access_token="))
    return None
