"""Pages on which people make, see and revoke tokens, at the addresses that clients send them to.

Beside them they see and end the logins of programs.

Source: CAP, "Acquiring an Access Token"; InvenioRDM, "Authentication"; Divio, "Authentication".
They need no script and set no cookie: see signing_in.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct
from msgspec.structs import replace

from api import own_logins, own_tokens
from api.auth import Authenticator
from api.door import send_bytes
from api.errors import status_of
from api.own_tokens import SIZE
from api.pages import dialect, signing_in
from api.pages.drawing import HEADERS, HTML, draw
from api.pages.records import Page
from api.pages.signing_in import Form, Ticket, field
from api.service import Service
from domain.access import Actor
from domain.commands import logins
from domain.commands import tokens as commands
from domain.commands.accounts import Issued
from domain.commands.tokens import EXPIRES_AT, NAME, SCOPE
from domain.errors import (
    Fault,
    Invalid,
    NotFound,
    Path,
    Refusal,
    TooManyRequests,
    Unauthenticated,
)
from domain.log import AnsweredBefore, Retry
from projections.logins import Listed as Login
from projections.tokens import Listed

ALL = "/account/settings/applications/"
NEW = f"{ALL}tokens/new/"
LASTING = timedelta(days=30)  # what the form proposes
UNTIL = ("until",)
FIELDS: MappingProxyType[Path, str] = MappingProxyType(
    {NAME: "name", SCOPE: "scopes", EXPIRES_AT: "until", UNTIL: "until"}
)
LABELS = MappingProxyType({"name": "Name", "scopes": "What it may do", "until": "Last day"})
POLICY = "Content-Security-Policy"
SENDING = HEADERS[POLICY].replace("form-action 'none'", "form-action 'self'")
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["do"],
    "properties": {
        "do": {"type": "string", "description": "sign-in, open, create, revoke or end"},
        **{
            name: {"type": "string"}
            for name in (
                *("username", "password", "ticket"),
                *("once", "name", "until"),
                *("token", "after"),
                *("login", "logins_after"),
            )
        },
        "scope": {"type": "array", "items": {"type": "string"}},
    },
}


class Scope(Struct, frozen=True):
    """A scope, as the form offers it."""

    id: str
    title: str
    help: str


SCOPES = (
    Scope(
        "write",
        "Create and change",
        "Create, save, upload, delete, edit and share drafts, records, objects and files. Programs"
        " that upload or change something need it.",
    ),
    Scope(
        "actions",
        "Publish and act",
        "Publish what you may publish and, in CAP, share, clone and edit what was published.",
    ),
    Scope(
        "user:email",
        "See e-mail addresses",
        "See the e-mail addresses of other people, where you may see them yourself.",
    ),
)


class TokenPage(Page, ABC):
    """A page of tokens: who has not signed in sees how to; forms carry on from there."""

    dialect = replace(
        dialect.DIALECT,
        error=lambda refusal, status: dialect.words(Invalid(refusal.message), status),
    )
    takes_links = False
    asks_who = False
    scope = "read"  # that a form is sent needs nobody's credential: the form says who sends it
    request_type = signing_in.FORM
    takes_keys = False  # each form is its own
    request: ClassVar[dict[str, object]] = {"POST": FORM}
    media_types: ClassVar = {"GET": (HTML,), "POST": (HTML,)}
    title = ""

    def __init__(self, service: Service, authenticator: Authenticator) -> None:
        super().__init__(service)
        self.authenticator = authenticator

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with a form to sign in."""
        self.ask(req, resp, 200)

    async def on_post(self, req: Request, resp: Response) -> None:
        """200 with the page for who signs in or shows its ticket; 201 with a token, this once.

        403 with the form to sign in again. Raises Invalid, Forbidden, NotFound, Conflict.
        """
        form = await signing_in.form(self.service, req)
        username = field(form, "username")
        try:
            ticket, actor, does = await self._signed_in(req, form, username)
        except (Unauthenticated, TooManyRequests) as refused:
            # Not 401: that asks for a header, which no form can send.
            status = 429 if isinstance(refused, TooManyRequests) else 403
            self.ask(req, resp, status, refused.message, username)
            if isinstance(refused, TooManyRequests):
                resp.set_header("Retry-After", str(refused.retry_after))
        else:
            await self.carry_out(req, resp, form, does, ticket, actor)

    async def _signed_in(
        self, req: Request, form: Form, username: str
    ) -> tuple[Ticket, Actor, str]:
        does = field(form, "do")
        text = field(form, "ticket")
        if does == "sign-in":
            ticket = await signing_in.sign_in(
                self.service,
                self.authenticator,
                username,
                field(form, "password"),
                req.remote_addr or "",
            )
            text, does = self.service.cursors.text(ticket), "open"
        return *await signing_in.actor_of(self.service, text), does

    @abstractmethod
    async def carry_out(
        self, req: Request, resp: Response, form: Form, does: str, ticket: Ticket, actor: Actor
    ) -> None:
        """Do what a form says, for who has signed in. Raises Invalid."""

    def ask(
        self, req: Request, resp: Response, status: int, problem: str = "", username: str = ""
    ) -> None:
        """Answer with the form to sign in, and what was wrong with the last try."""
        page = {
            "title": self.title,
            "username": username,
            "here": req.path,
            "ticket": "",
            "faults": [{"field": "username", "label": "", "message": problem}] if problem else [],
        }
        self.answer(resp, status, "sign_in.html", page)

    def answer(self, resp: Response, status: int, template: str, page: dict[str, Any]) -> None:
        """Answer with a page that nobody keeps."""
        send_bytes(resp, draw(template, page=page), status)
        resp.content_type = HTML
        resp.set_headers({**HEADERS, POLICY: SENDING, "Cache-Control": "no-store"})

    def common(self, req: Request, ticket: Ticket) -> dict[str, Any]:
        """Return what each page says for who has signed in."""
        root = self.root(req)
        return {
            "name": ticket.name,
            "ticket": self.service.cursors.text(ticket),
            "all": f"{root}{ALL}",
            "new": f"{root}{NEW}",
            "here": f"{root}{req.path}",
            "faults": [],
        }


class AllTokens(TokenPage):
    """/account/settings/applications/"""

    title = "Your tokens"

    async def carry_out(
        self, req: Request, resp: Response, form: Form, does: str, ticket: Ticket, actor: Actor
    ) -> None:
        """Show tokens and logins, after one was ended if that is asked for. Raises Invalid."""
        status, done, faults = 200, "", []
        if does == "revoke":
            try:
                await self.service.end(actor, commands.revoke, _id(field(form, "token")))
                done = "The token was revoked: it works no more."
            except NotFound:
                status, faults = 404, [Fault((), "There is no such token, or it was revoked.")]
        elif does == "end":
            try:
                await self.service.end(actor, logins.end, _id(field(form, "login")))
                done = "The program was logged out: it acts for you no more."
            except NotFound:
                status, faults = 404, [Fault((), "There is no such login, or it has ended.")]
        elif does != "open":
            raise Invalid("do must be open, revoke or end here.")
        found = await own_tokens.page(self.service, actor, field(form, "after") or None, SIZE)
        after = field(form, "logins_after") or None
        programs = await own_logins.page(self.service, actor, after, SIZE)
        page = self.common(req, ticket) | {
            "done": done,
            "faults": _told(faults),
            "tokens": [_shown(each) for each in found.tokens],
            "following": found.following,
            "logins": [_login(each) for each in programs.logins],
            "logins_following": programs.following,
        }
        self.answer(resp, status, "tokens.html", page)


class NewToken(TokenPage):
    """Where a token is made: at three addresses."""

    title = "New token: sign in"

    async def carry_out(
        self, req: Request, resp: Response, form: Form, does: str, ticket: Ticket, actor: Actor
    ) -> None:
        """Show the form, or the token that it asks for. Raises Invalid."""
        if does == "open":
            proposed = (datetime.now(UTC) + LASTING).date().isoformat()
            self._offer(req, resp, 200, ticket, {"until": [proposed]})
            return
        if does != "create":
            raise Invalid("do must be open or create here.")
        try:
            made = await self._made(req, form, actor)
        except AnsweredBefore:
            said = "This token was made before, and was shown once. Revoke it if you have lost it."
            self._offer(req, resp, 409, ticket, form, [Fault((), said)])
        except Refusal as refused:
            faults = (isinstance(refused, Invalid) and refused.faults) or (
                Fault((), refused.message),
            )
            self._offer(req, resp, status_of(refused), ticket, form, faults)
        else:
            page = self.common(req, ticket) | {
                "secret": made.secret,
                "token": _shown(own_tokens.listed(made)),
            }
            self.answer(resp, 201, "token.html", page)

    async def _made(self, req: Request, form: Form, actor: Actor) -> Issued:
        """Make the token, once for a form: a browser may send it again. Raises as `create`."""
        sent = repr(sorted(form.items()))
        digest = sha256(sent.encode()).hexdigest()
        once = Retry(f"page {digest}", "POST", req.path, digest, lambda _made: (201, None, None))
        return await self.service.run(
            actor,
            lambda: once,
            commands.create,
            field(form, "name"),
            tuple(form.get("scope", ())),
            _end_of(field(form, "until")),
            None,
        )

    def _offer(
        self,
        req: Request,
        resp: Response,
        status: int,
        ticket: Ticket,
        form: Form,
        faults: Iterable[Fault] = (),
    ) -> None:
        """Answer with the form, as it was filled in."""
        chosen = form.get("scope", ())
        page = self.common(req, ticket) | {
            "once": token_urlsafe(16),
            "label": field(form, "name"),
            "until": field(form, "until"),
            "today": datetime.now(UTC).date().isoformat(),
            "scopes": [
                {"id": each.id, "title": each.title, "help": each.help, "chosen": each.id in chosen}
                for each in SCOPES
            ],
            "faults": _told(faults),
        }
        self.answer(resp, status, "new_token.html", page)


def _end_of(day: str) -> datetime | None:
    """Return when a day ends, in UTC; None for none. Raises Invalid."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise Invalid("This is no token.", (Fault(UNTIL, "This is no day."),)) from None


def _told(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Return faults with the fields of the form that they are about."""
    fields = [(FIELDS.get(each.path, ""), each.message) for each in faults]
    return [
        {"field": name, "label": LABELS.get(name, ""), "message": message}
        for name, message in fields
    ]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is none of this id.") from None


def _login(login: Login) -> dict[str, str]:
    return {
        "id": str(login.id),
        "client": login.client,
        "scopes": ", ".join(own_tokens.ordered(login.scopes)),
        "made": _minute(login.made_at),
        "until": _minute(login.expires_at),
    }


def _shown(token: Listed) -> dict[str, str]:
    ends = token.expires_at
    over = ends is not None and ends <= datetime.now(UTC)
    return {
        "id": str(token.id),
        "name": token.label or "(without a name)",
        "scopes": ", ".join(own_tokens.ordered(token.scopes)),
        "made": _minute(token.made_at),
        "used": "not yet" if token.used_at is None else _minute(token.used_at),
        "until": "no end" if ends is None else f"{_minute(ends)}{' (has expired)' if over else ''}",
    }


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
