"""What the issuer's endpoints share: forms in, JSON out, errors as OAuth words them.

Who asks shows no credential of ours in a header, but in the form itself. Source: RFC 6749, 5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE
from falcon.asgi import Request

from api import addresses, bodies
from api.door import Dialect, Resource
from api.errors import status_of
from api.service import Service
from domain.errors import Forbidden, Invalid, Refusal, TooManyRequests

PREFIX = "/oauth"
CLIENTS = frozenset({"iceprod-public"})  # programs, none of which keeps a secret
KNOWN: Mapping[str, Any] = {  # members of forms that may not be any text
    "approve": {"enum": ["yes", "no"]},
    "client_id": {"enum": sorted(CLIENTS)},
    "code_challenge": {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
    "code_challenge_method": {"const": "S256"},
    "grant_type": {"enum": [DEVICE_CODE_GRANT_TYPE, "refresh_token"]},
}
FORM = "application/x-www-form-urlencoded"
LARGEST = 64 << 10  # bytes of a form
MOST = 32  # members of one


class Refused(Invalid):
    """What OAuth has a word for; `code` is the word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _status(refusal: Refusal) -> int:
    """Return the status: clients of IceProd's repeat what is answered with 429."""
    if isinstance(refusal, Refused):
        return 401 if refusal.code == "invalid_client" else 400
    return 403 if isinstance(refusal, TooManyRequests) else status_of(refusal)


def _error(refusal: Refusal, _status: int) -> dict[str, Any]:
    code = refusal.code if isinstance(refusal, Refused) else "invalid_request"
    return {
        "error": "access_denied" if isinstance(refusal, Forbidden) else code,
        "error_description": refusal.message,
    }


DIALECT = Dialect(
    name="oauth",
    status=_status,
    error=_error,
)


class OAuthResource(Resource):
    """An endpoint of the issuer."""

    dialect = DIALECT
    needs_login = False
    asks_who = False
    takes_keys = False
    too_late = 400
    request_type = FORM
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the form

    def __init__(self, service: Service) -> None:
        self.service = service

    def issuer(self, req: Request) -> str:
        """Return the issuer's address, as who asks reaches it."""
        return f"{addresses.base(req, self.service.base_url)}{PREFIX}"

    async def form(self, req: Request) -> dict[str, str]:
        """Return the members of a form, without empty ones. Raises Refused, TooLarge."""
        body = await bodies.patiently(self.service.bodies.read(req))
        if len(body) > LARGEST:
            raise Refused("invalid_request", f"A form has {LARGEST:,} bytes at most.")
        try:
            pairs = parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST
            )
        except ValueError as error:
            raise Refused("invalid_request", "The body is no form.") from error
        members = dict(pairs)
        if len(members) < len(pairs):  # RFC 6749, 3.2
            raise Refused("invalid_request", "A parameter is there twice.")
        if any("\0" in each for each in members.values()):
            raise Refused("invalid_request", "NUL is no character of a parameter.")
        return {name: value for name, value in members.items() if value}


def client_of(form: dict[str, str]) -> str:
    """Return which program asks. Raises Refused."""
    client = form.get("client_id", "")
    if client not in CLIENTS:
        raise Refused("invalid_client", "There is no such client.")
    return client


def member_of(form: dict[str, str], name: str, code: str = "invalid_request") -> str:
    """Return a member of a form. Raises Refused when it is not there."""
    value = form.get(name)
    if value is None:
        raise Refused(code, f"{name} is missing.")
    return value


def schema(*required: str, optional: tuple[str, ...] = ()) -> dict[str, object]:
    """Return the JSON Schema of a form."""
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: KNOWN.get(name, text) for name in (*required, *optional)},
    }
