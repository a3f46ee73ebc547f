"""What gives tokens: an approved device code, once, and a refresh token, again and again.

Source: RFC 8628, 3.4; RFC 7636, 4.6; RFC 6749, 6. The rules are authlib's.
"""

from __future__ import annotations

import hmac
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, TokenMixin
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant, DeviceCredentialMixin
from msgspec.structs import replace

from api import access_jwts
from api.oauth.device import INTERVAL
from api.oauth.resource import DIALECT
from api.oauth.server import PUBLIC, Client, Server
from domain.access import ANONYMOUS
from domain.account import Account
from domain.commands import logins
from domain.commands.logins import OFFLINE
from domain.errors import Unauthenticated
from domain.login import Login
from domain.storage.signing_keys import LIFETIME
from projections import device_codes
from projections.device_codes import Device

NOBODY = replace(ANONYMOUS, via=DIALECT.name)
HASTE = 0.9 * INTERVAL  # who waits the interval, by a clock that is a little fast, is not hasty


class Waiting(DeviceCredentialMixin):
    """A device code, and what it stands for."""

    def __init__(self, code: str, device: Device) -> None:
        self.code = code
        self.device = device

    def get_client_id(self) -> str:
        """Return the program that asked for it."""
        return self.device.client

    def get_scope(self) -> str:
        """Return what was asked for."""
        return " ".join(self.device.scopes)

    def get_user_code(self) -> str:
        """Return nothing: only its digest is kept, and what was decided lies beside it."""
        return ""

    def is_expired(self) -> bool:
        """Whether it was redeemed too late."""
        return self.device.expired


class ByDeviceCode(DeviceCodeGrant):
    """Begins the login that a device code was approved for."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC
    server: Server
    credential: Waiting

    def query_device_credential(self, device_code: str) -> Waiting:
        """Return what a device code stands for, to who has its verifier.

        Raises InvalidGrantError. Each wrong verifier is counted.
        """
        form = self.request.form
        conn = self.server.service.connections.get()
        device = device_codes.poll(conn, device_code, HASTE)
        if device is None or device.client != form["client_id"] or device.dead:
            raise InvalidGrantError("This device code is not valid.")
        verifier = form.get("code_verifier", "")
        if not _matches(verifier, device.challenge):
            device_codes.guessed(conn, device_code)
            raise InvalidGrantError("code_verifier is not that of this device code.")
        self.credential = Waiting(device_code, device)
        return self.credential

    def query_user_grant(self, user_code: str) -> tuple[Waiting, bool] | None:
        """Return whether it was approved; None: nobody has decided."""
        approved = self.credential.device.approved
        return None if approved is None else (self.credential, approved)

    def should_slow_down(self, credential: Waiting) -> bool:
        """Whether it was asked about too soon."""
        return credential.device.hasty

    def generate_token(self, user: Waiting, **_: Any) -> dict[str, str | int]:  # type: ignore[override]
        """Return the tokens of the login that begins. Raises InvalidGrantError, OutOfSpace."""
        service, device = self.server.service, user.device
        assert device.account is not None  # noqa: S101 - it was approved
        if service.space is not None:
            service.space.require()
        actor = replace(NOBODY, account=device.account)
        try:
            begun = service.log.run(
                actor,
                logins.begin,
                user.code,
                device.account,
                device.account_version or 0,
                device.client,
                device.scopes,
            )
        except Unauthenticated as refused:
            raise InvalidGrantError(refused.message) from refused
        device_codes.forget(service.connections.get(), user.code)
        scopes = frozenset(begun.login.scopes)
        return told(self.server, begun.login, begun.account, begun.refresh, scopes)


class Held(TokenMixin):
    """A refresh token, the login that it goes on with, and whose that is."""

    def __init__(self, shown: str, login: Login, account: Account) -> None:
        self.shown = shown
        self.login = login
        self.account = account

    def check_client(self, client: Client) -> bool:
        """Whether it is this program's."""
        return self.login.client == client.name

    def get_scope(self) -> str:
        """Return what the login may do."""
        return " ".join([OFFLINE, *self.login.scopes])


class ByRefreshToken(RefreshTokenGrant):
    """Goes on with a login. The token stays good: several programs share the file it lies in."""

    TOKEN_ENDPOINT_AUTH_METHODS = PUBLIC
    server: Server

    def authenticate_refresh_token(self, refresh_token: str) -> Held:
        """Return the login that a token goes on with. Raises InvalidGrantError."""
        log = self.server.service.log
        try:
            return Held(refresh_token, *log.run(NOBODY, logins.by_refresh_token, refresh_token))
        except Unauthenticated as refused:
            raise InvalidGrantError(refused.message) from refused

    def authenticate_user(self, refresh_token: Held) -> Held:
        """Return whose it is, and the login."""
        return refresh_token

    def revoke_old_credential(self, refresh_token: TokenMixin) -> None:
        """Leave it as it is."""

    def generate_token(self, user: Held, scope: str, **_: Any) -> dict[str, str | int]:  # type: ignore[override]
        """Return an access token, with all scopes of the login unless fewer were asked for."""
        granted = logins.granted(frozenset(scope.split()), user.login.scopes)
        return told(self.server, user.login, user.account, user.shown, frozenset(granted))


def told(
    server: Server, login: Login, account: Account, refresh: str, scopes: frozenset[str]
) -> dict[str, str | int]:
    """Return the answer with an access token for an hour and what refreshes it."""
    granted = sorted(scopes)
    keys = server.service.signing_keys
    return {
        "access_token": access_jwts.issue(keys, server.issuer, login, account, granted),
        "refresh_token": refresh,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": " ".join([OFFLINE, *granted]),
    }


def _matches(verifier: str, challenge: str) -> bool:
    """Whether a verifier is that of a challenge."""
    if not verifier.isascii():
        return False
    made: str = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]
    return hmac.compare_digest(made, challenge)
