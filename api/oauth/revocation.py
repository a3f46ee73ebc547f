"""Revocation: a program logs out. Source: RFC 7009.

Its refresh token or any access token of it ends the login, and every access token with it.
"""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api import access_jwts
from api.door import send
from api.oauth import replies
from api.oauth.resource import OAuthResource, client_of, member_of, schema
from api.oauth.token import NOBODY
from domain.commands import logins


class Revocation(OAuthResource):
    """/oauth/revoke"""

    answers: ClassVar = {"POST": replies.NOTHING}
    request: ClassVar = {"POST": schema("token", "client_id", optional=("token_type_hint",))}

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with nothing, whether there was something to end or not.

        Raises Invalid, and Unauthenticated for an unknown client.
        """
        form = await self.form(req)
        client, token = client_of(form), member_of(form, "token")
        read = None
        if access_jwts.is_one(token):
            read = access_jwts.read(self.service.signing_keys, token)
        login = None if read is None else read.login
        await self.service.run(NOBODY, None, logins.revoke, client, refresh=token, login=login)
        send(resp, {})
