"""The page on which somebody approves what a program asks for. Source: RFC 8628, 3.3.

The form carries the password itself, so nobody's session can be made to approve anything. Failures
are counted by name and address, as those of every sign-in, and by code.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any, ClassVar

from falcon.asgi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec.structs import replace

from api.auth import Authenticator, token_of
from api.door import send_bytes
from api.oauth.device import as_kept
from api.oauth.resource import DIALECT, OAuthResource, schema
from api.service import Service
from domain.errors import Invalid, Refusal, TooManyRequests, Unauthenticated
from projections import credentials, device_codes

HTML = "text/html; charset=utf-8"
STYLE = Markup(files("api.oauth").joinpath("templates/style.css").read_text("utf-8"))  # noqa: S704
DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_page = Environment(
    loader=PackageLoader("api.oauth"), autoescape=True, undefined=StrictUndefined
).get_template("device.html")


class DevicePage(OAuthResource):
    """/oauth/device"""

    request: ClassVar = {"POST": schema("user_code", "approve", optional=("username", "password"))}
    query: ClassVar = {"GET": {"user_code": "the code that the program shows"}}
    media_types: ClassVar = {"GET": (HTML,), "POST": (HTML,)}

    dialects: ClassVar = {"POST": (DIALECT, replace(DIALECT, name="oauth-page", media_type=HTML))}

    def __init__(self, service: Service, authenticator: Authenticator) -> None:
        super().__init__(service)
        self.authenticator = authenticator

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with a form for the code, a name and a password."""
        _show(resp, 200, user_code=req.get_param("user_code", default="")[:100])

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with a page that says what was decided; `approve` is yes or no.

        Raises Invalid for a code that waits no more, Forbidden for a wrong password.
        """
        form = await self.form(req)
        user = form.get("user_code", "")
        given = {"user_code": user, "username": form.get("username", "")}
        try:
            approved = await self._decided(form, as_kept(user), req.remote_addr or "")
        except (TooManyRequests, Unauthenticated) as refused:
            # Not 401: that asks for a header, which no form can send.
            _show(resp, 403, **given, message=refused.message)
        except Refusal as refused:
            _show(resp, 400, **given, message=refused.message)
        else:
            said = "The program may act for you now." if approved else "The program was refused."
            _show(resp, 200, message=f"{said} You can close this page.", done=True)

    async def _decided(self, form: dict[str, str], user: str, address: str) -> bool:
        """Return whether it was approved. Raises Invalid, Unauthenticated, TooManyRequests."""
        approve = form.get("approve")
        if approve not in ("yes", "no"):
            raise Invalid("approve must be yes or no.")
        connections, slow = self.service.connections, self.service.slow
        if not await slow(lambda: device_codes.waits(connections.get(), user)):
            raise Invalid("This code is not known, or has expired.")
        name, password = form.get("username", ""), form.get("password", "")
        holder = await credentials.by_name(self.service.db, name)
        # As it is before the password is verified: one that is set meanwhile ends the login.
        before = await credentials.standing(
            self.service.db, [] if holder is None else [holder.account]
        )
        try:
            actor = await self.authenticator.by_password(
                name, password, DIALECT.name, address, recall=False
            )
            version = dict(before).get(actor.account)
            # A token may have fewer scopes than a login.
            if version is None or token_of(actor) is not None:
                raise Unauthenticated("The name or the password is wrong.")
        except Unauthenticated:
            await slow(lambda: device_codes.guessed(connections.get(), user))
            raise
        approved = approve == "yes"
        if not await slow(
            lambda: device_codes.decide(
                connections.get(), user, actor.account, version, approved=approved
            )
        ):
            raise Invalid("This code is not known, or has expired.")
        return approved


def _show(resp: Response, status: int, **values: Any) -> None:
    shown = {"user_code": "", "username": "", "message": "", "done": False} | values
    send_bytes(resp, _page.render(shown, style=STYLE).encode(), status)
    resp.content_type = HTML
    resp.set_header("Content-Security-Policy", POLICY)
    resp.set_header("Referrer-Policy", "no-referrer")
    resp.set_header("Cache-Control", "no-store")
