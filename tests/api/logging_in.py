"""A program logs in, as a client of OAuth does: by a device code that somebody approves."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import httpx

from tests.api import asking
from tests.api.asking import PASSWORD, User
from tests.running import Running

CLIENT = "iceprod-public"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass(frozen=True)
class Codes:
    """What a program was given, and the secret that only it has."""

    device: str
    user: str
    verifier: str
    told: dict[str, Any]


def begun(client: httpx.Client, scope: str = "offline_access ") -> Codes:
    """Ask for a pair of codes."""
    verifier = token_urlsafe(40)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    form = {"client_id": CLIENT, "scope": scope, "code_challenge_method": "S256"}
    made = client.post("/oauth/device_authorization", data=form | {"code_challenge": challenge})
    assert made.status_code == 200, made.text
    told = made.json()
    return Codes(told["device_code"], told["user_code"], verifier, told)


def decided(
    client: httpx.Client, user_code: str, name: str, password: str = PASSWORD, approve: str = "yes"
) -> httpx.Response:
    """Send the page's form."""
    form = {"user_code": user_code, "username": name, "password": password, "approve": approve}
    return client.post("/oauth/device", data=form)


def polled(client: httpx.Client, codes: Codes, **other: str) -> httpx.Response:
    """Ask for tokens by a device code."""
    form = {"grant_type": DEVICE_GRANT, "device_code": codes.device, "client_id": CLIENT}
    return client.post("/oauth/token", data=form | {"code_verifier": codes.verifier} | other)


def refreshed(client: httpx.Client, refresh_token: str, **other: str) -> httpx.Response:
    """Ask for tokens by a refresh token, with an empty scope as the client sends it."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": CLIENT}
    return client.post("/oauth/token", data=form | {"scope": ""} | other)


def tokens(client: httpx.Client, name: str, scope: str = "offline_access ") -> dict[str, Any]:
    """Log a program in as an account with PASSWORD."""
    codes = begun(client, scope)
    approved = decided(client, codes.user, name)
    assert approved.status_code == 200, approved.text
    answer = polled(client, codes)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def program(server: Running, user: User) -> httpx.Client:
    """A client that shows a fresh access token of an account's."""
    with asking.client(server) as nobody:
        return asking.client(server, tokens(nobody, user.name)["access_token"])
