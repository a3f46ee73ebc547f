"""Device authorization: a program asks for a pair of codes. Source: RFC 8628, 3.1 and 3.2."""

from __future__ import annotations

import re
from secrets import choice, token_urlsafe
from typing import Any, ClassVar

from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint
from falcon.asgi import Request, Response

from api.door import send
from api.oauth import replies
from api.oauth.resource import OAuthResource, Refused, client_of, member_of, schema
from api.oauth.server import PUBLIC, Server
from projections import device_codes

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, no words. RFC 8628, 6.1
HALF = 5  # letters; both halves have 43 bits
SCOPE = 1000  # characters that a program may ask for; what waits is kept
INTERVAL = 1  # seconds between two polls
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC 7636, 4.2


class Codes(DeviceAuthorizationEndpoint):
    """Makes pairs of codes and keeps them, counted by the address that asked for them."""

    CLIENT_AUTH_METHODS = PUBLIC
    EXPIRES_IN = device_codes.LIFETIME
    INTERVAL = INTERVAL
    server: Server

    def __init__(self, server: Server, challenge: str, address: str) -> None:
        super().__init__(server)
        self.challenge = challenge
        self.address = address

    def generate_device_code(self) -> str:
        """Return 256 bits."""
        return token_urlsafe(32)

    def generate_user_code(self) -> str:
        """Return two halves: authlib's codes have 35 bits."""
        return "-".join("".join(choice(LETTERS) for _ in range(HALF)) for _ in range(2))

    def get_verification_uri(self) -> str:
        """Return where the page is."""
        return f"{self.server.issuer}/device"

    def save_device_credential(self, client_id: str, scope: str | None, data: Any) -> None:
        """Keep a pair. Raises Refused while too many wait."""
        full = device_codes.begin(
            self.server.service.connections.get(),
            data["device_code"],
            data["user_code"],
            client_id,
            scope or "",
            self.challenge,
            self.address,
        )
        if full == "own":
            raise Refused("slow_down", "Too many codes wait that were asked for from there.")
        if full == "every":
            raise Refused("temporarily_unavailable", "Too many codes wait; ask in a few minutes.")


class DeviceAuthorization(OAuthResource):
    """/oauth/device_authorization"""

    answers: ClassVar = {"POST": replies.DEVICE}
    request: ClassVar = {
        "POST": schema("client_id", "code_challenge", "code_challenge_method", optional=("scope",))
    }

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with a device code for the program and a user code for whoever approves it.

        Raises Invalid, also while too many codes wait, and Unauthenticated for an unknown client.
        """
        form = await self.form(req)
        client_of(form)
        challenge = member_of(form, "code_challenge")
        if form.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
            raise Refused("invalid_request", "code_challenge must be made by S256.")
        if len(form.get("scope", "")) > SCOPE:
            raise Refused("invalid_scope", f"scope has at most {SCOPE} characters.")
        server = Server(self.service, self.issuer(req))
        codes = Codes(server, challenge, req.remote_addr or "")
        send(resp, await self.service.slow(lambda: server.answer(codes, form)))
        resp.set_header("Cache-Control", "no-store")


def as_kept(user: str) -> str:
    """Return a user code as it was given out, however somebody has typed it."""
    letters = re.sub(r"[\s-]", "", user).upper()
    return f"{letters[:HALF]}-{letters[HALF:]}"
