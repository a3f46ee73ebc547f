"""Revocation: a program logs out. Source: RFC 7009.

Its refresh token or any access token of it ends the login, and every access token with it.
"""

from __future__ import annotations

from typing import ClassVar

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oauth2.rfc7009 import RevocationEndpoint
from falcon.asgi import Request, Response

from api import access_jwts
from api.door import send
from api.oauth import replies
from api.oauth.grants import NOBODY
from api.oauth.resource import OAuthResource, schema
from api.oauth.server import PUBLIC, Client, Server
from domain.commands import logins
from domain.login import Login


class Shown(TokenMixin):
    """A token of a login, of either kind."""

    def __init__(self, login: Login) -> None:
        self.login = login

    def check_client(self, client: Client) -> bool:
        """Whether it is this program's."""
        return self.login.client == client.name


class Ending(RevocationEndpoint):
    """Ends the login of a token that is shown."""

    CLIENT_AUTH_METHODS = PUBLIC
    server: Server

    def query_token(self, token_string: str, token_type_hint: str | None) -> Shown | None:
        """Return what a token is of; None: it is none, or its login has ended."""
        service, read = self.server.service, None
        if access_jwts.is_one(token_string):
            read = access_jwts.read(service.signing_keys, token_string)
        login = None if read is None else read.login
        found = service.log.run(NOBODY, logins.shown, refresh=token_string, login=login)
        return None if found is None else Shown(found)

    def revoke_token(self, token: Shown, request: OAuth2Request) -> None:
        """End the login. Raises OutOfSpace."""
        service = self.server.service
        if service.space is not None:
            service.space.require_for_ending()
        service.log.run(NOBODY, logins.revoke, token.login.id)


class Revocation(OAuthResource):
    """/oauth/revoke"""

    answers: ClassVar = {"POST": replies.NOTHING}
    request: ClassVar = {"POST": schema("token", "client_id", optional=("token_type_hint",))}

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with nothing, whether there was something to end or not.

        Raises Invalid, and Unauthenticated for an unknown client.
        """
        form = await self.form(req)
        form.pop("token_type_hint", None)  # both kinds are found without it. RFC 7009, 2.1
        server = Server(self.service, self.issuer(req))
        send(resp, await self.service.slow(lambda: server.answer(Ending, form)))
