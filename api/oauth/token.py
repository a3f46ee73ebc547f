"""The token endpoint: codes are redeemed, logins go on. Source: RFC 6749, 6; RFC 8628, 3.4.

Clients keep the refresh token in a file that several programs share: it is the same after every
refresh, and no program sends another back to the login.
"""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.oauth import replies
from api.oauth.grants import ByDeviceCode, ByRefreshToken
from api.oauth.resource import OAuthResource, member_of, schema
from api.oauth.server import Server
from domain.access import SCOPES
from domain.commands.logins import OFFLINE

KNOWN = SCOPES | {OFFLINE}


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
        member_of(form, "grant_type")
        # What is no scope here is passed over, and is not taken for all: RFC 6749, 3.3.
        asked = form.get("scope", "").split()
        form["scope"] = " ".join(each if each in KNOWN else "read" for each in asked)
        server = Server(self.service, self.issuer(req))
        server.register_grant(ByDeviceCode)
        server.register_grant(ByRefreshToken)

        def given() -> Any:
            return server.create_token_response(form)

        send(resp, await self.service.slow(given))
        resp.set_header("Cache-Control", "no-store")
