"""The token endpoint: codes are redeemed, logins go on. Source: RFC 6749, 6; RFC 8628, 3.4.

Clients keep the refresh token in a file that several programs share: it is the same after every
refresh, and no program sends another back to the login.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec.structs import replace

from api import access_jwts
from api.door import send
from api.oauth import replies
from api.oauth.device import INTERVAL
from api.oauth.discovery import DEVICE_GRANT
from api.oauth.resource import DIALECT, OAuthResource, Refused, client_of, member_of, schema
from domain.access import ANONYMOUS, SCOPES
from domain.account import Account
from domain.commands import logins
from domain.errors import Unauthenticated
from domain.login import Login
from domain.storage.signing_keys import LIFETIME
from projections import device_codes

NOBODY = replace(ANONYMOUS, via=DIALECT.name)
HASTE = 0.9 * INTERVAL  # who waits the interval, by a clock that is a little fast, is not hasty


class Token(OAuthResource):
    """/oauth/token"""

    answers: ClassVar = {"POST": replies.TOKEN}
    request: ClassVar = {
        "POST": schema(
            "grant_type",
            "client_id",
            optional=("device_code", "code_verifier", "refresh_token", "scope"),
        )
    }

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with an access token for an hour and what refreshes it.

        Raises Invalid, and Unauthenticated for an unknown client.
        """
        form = await self.form(req)
        grant = member_of(form, "grant_type")
        client = client_of(form)
        if grant == DEVICE_GRANT:
            login, account, refresh = await self._redeem(form, client)
            scopes = frozenset(login.scopes)
        elif grant == "refresh_token":
            refresh = member_of(form, "refresh_token")
            login, account = await self._refreshed(client, refresh)
            scopes = _narrowed(login, form.get("scope", ""))
        else:
            raise Refused("unsupported_grant_type", "This grant is not known here.")
        keys, issuer = self.service.signing_keys, self.issuer(req)
        granted = sorted(scopes)
        told = {
            "access_token": await self.service.slow(
                lambda: access_jwts.issue(keys, issuer, login, account, granted)
            ),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": " ".join(["offline_access", *granted]),
        }
        send(resp, told)
        resp.set_header("Cache-Control", "no-store")

    async def _redeem(self, form: dict[str, str], client: str) -> tuple[Login, Account, str]:
        """Begin the login that a device code was approved for. Raises Refused."""
        code = member_of(form, "device_code")
        verifier = form.get("code_verifier", "")
        account, scopes = await self.service.slow(lambda: self._taken(code, verifier, client))
        actor = replace(NOBODY, account=account)
        begun = await self.service.run(actor, None, logins.begin, account, client, scopes)
        return begun.login, begun.account, begun.refresh

    def _taken(self, code: str, verifier: str, client: str) -> tuple[UUID, frozenset[str]]:
        """Take an approved code away; who approved it, and for what. Raises Refused."""
        conn = self.service.connections.get()
        device = device_codes.poll(conn, code, HASTE)
        if device is None or device.client != client or device.dead:
            raise Refused("invalid_grant", "This device code is not valid.")
        if not hmac.compare_digest(_challenge(verifier), device.challenge):
            device_codes.guessed(conn, code)
            raise Refused("invalid_grant", "code_verifier is not that of this device code.")
        if device.expired:
            raise Refused("expired_token", "This device code has expired.")
        if device.approved is None and device.hasty:
            raise Refused("slow_down", "Ask again later than that.")
        if device.approved is None:
            raise Refused("authorization_pending", "Nobody has approved it yet.")
        if not device.approved:
            raise Refused("access_denied", "It was refused.")
        account = device_codes.redeem(conn, code)
        if account is None:
            raise Refused("invalid_grant", "This device code is not valid.")
        return account, device.scopes

    async def _refreshed(self, client: str, refresh: str) -> tuple[Login, Account]:
        try:
            return await self.service.slow(
                lambda: self.service.log.run(NOBODY, logins.by_refresh_token, client, refresh)
            )
        except Unauthenticated as error:
            raise Refused("invalid_grant", error.message) from error


def _challenge(verifier: str) -> str:
    """Return what PKCE makes of a verifier. Source: RFC 7636, 4.2, S256."""
    digest = sha256(verifier.encode("utf-8", "replace")).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _narrowed(login: Login, scope: str) -> frozenset[str]:
    """Return the scopes of a refreshed token: all of the login's, unless fewer are asked for.

    Raises Refused for more than those. Source: RFC 6749, 6.
    """
    asked = frozenset(scope.split()) & SCOPES
    if not asked <= frozenset(login.scopes):
        raise Refused("invalid_scope", "The login does not have this scope.")
    return asked | {"read"} if asked else frozenset(login.scopes)
