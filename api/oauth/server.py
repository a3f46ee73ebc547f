"""authlib's authorization server over the log: it says what a form asks for, and what is wrong.

Everything here blocks, and runs on a writer's thread. A server is made for each request, of which
it keeps the issuer's address. Source: authlib, "Authorization Server"; RFC 6749; RFC 8628.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from api.oauth.resource import CLIENTS, Refused
from api.service import Service

# authlib refuses what does not come by TLS; here that is for who stands before the service to say.
BY_TLS = "https://localhost"
PUBLIC = ("none",)  # ways in which a program says who it is: it keeps no secret
SAID = {
    "access_denied": "It was refused.",
    "authorization_pending": "Nobody has approved it yet.",
    "expired_token": "This device code has expired.",
    "invalid_client": "There is no such client.",
    "invalid_request": "A parameter is missing.",
    "invalid_scope": "The login does not have this scope.",
    "slow_down": "Ask again later than that.",
    "unsupported_grant_type": "This grant is not known here.",
}


class Client(ClientMixin):
    """A program: public, so that it has no secret, and may do what there is to do."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get_client_id(self) -> str:
        """Return its OAuth client id."""
        return self.name

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may say in this way who it is."""
        return method in PUBLIC

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may use a grant: every one that there is."""
        return True


class Form(OAuth2Request):
    """What a form asks for."""

    def __init__(self, members: dict[str, str]) -> None:
        super().__init__("POST", BY_TLS)
        self.payload = BasicOAuth2Payload(members)
        self._members = members

    @property
    def form(self) -> dict[str, str]:
        """The members of the form."""
        return self._members


class Server(AuthorizationServer):
    """The server that answers one request; `issuer` is its address as who asks reaches it."""

    def __init__(self, service: Service, issuer: str) -> None:
        super().__init__()
        self.service = service
        self.issuer = issuer

    def query_client(self, client_id: str) -> ClientMixin | None:  # type: ignore[override]
        """Return a program; None: there is none."""
        return Client(client_id) if client_id in CLIENTS else None

    def create_oauth2_request(self, request: dict[str, str]) -> Form:
        """Return what a form asks for."""
        return Form(request)

    def save_token(self, token: dict[str, str | int], request: OAuth2Request) -> None:
        """Keep nothing: a login is stored before its tokens are made."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: what happens is in the log."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        """Return what is answered."""
        return body

    def handle_error_response(self, request: OAuth2Request, error: OAuth2Error) -> object:
        """Raise Refused, which this door words as it does every refusal."""
        code = str(error.error)
        raise Refused(code, error.description or SAID.get(code, code))

    def answer(self, endpoint: Any, form: dict[str, str]) -> Any:
        """Return what an endpoint of this server answers. Raises Refused."""
        self.register_endpoint(endpoint)
        return self.create_endpoint_response(endpoint.ENDPOINT_NAME, form)  # type: ignore[no-untyped-call]
