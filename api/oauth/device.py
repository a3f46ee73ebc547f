"""Device authorization: a program asks for a pair of codes. Source: RFC 8628, 3.1 and 3.2."""

from __future__ import annotations

import re
from secrets import choice, token_urlsafe
from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.oauth import replies
from api.oauth.resource import OAuthResource, Refused, client_of, member_of, schema
from projections import device_codes

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, no words. RFC 8628, 6.1
HALF = 5  # letters; both halves have 43 bits
SCOPE = 1000  # characters that a program may ask for; what waits is kept
INTERVAL = 1  # seconds between two polls
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # RFC 7636, 4.2


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
        client = client_of(form)
        challenge = member_of(form, "code_challenge")
        if form.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
            raise Refused("invalid_request", "code_challenge must be made by S256.")
        scope = form.get("scope", "")
        if len(scope) > SCOPE:
            raise Refused("invalid_scope", f"scope has at most {SCOPE} characters.")
        device = token_urlsafe(32)
        user = "-".join("".join(choice(LETTERS) for _ in range(HALF)) for _ in range(2))

        address = req.remote_addr or ""
        full = await self.service.slow(
            lambda: device_codes.begin(
                self.service.connections.get(), device, user, client, scope, challenge, address
            )
        )
        if full == "own":
            raise Refused("slow_down", "Too many codes wait that were asked for from there.")
        if full == "every":
            raise Refused("temporarily_unavailable", "Too many codes wait; ask in a few minutes.")
        page = f"{self.issuer(req)}/device"
        told = {
            "device_code": device,
            "user_code": user,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user}",
            "expires_in": device_codes.LIFETIME,
            "interval": INTERVAL,
        }
        send(resp, told)
        resp.set_header("Cache-Control", "no-store")


def as_kept(user: str) -> str:
    """Return a user code as it was given out, however somebody has typed it."""
    letters = re.sub(r"[\s-]", "", user).upper()
    return f"{letters[:HALF]}-{letters[HALF:]}"
