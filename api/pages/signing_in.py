"""Signing in on a page: a form with name and password, then a ticket that further forms carry.

A page sets no cookie, so no other site can have a browser act for who has signed in: what is sent
shows the ticket that stands in the page alone. It says whose page it is, in what state the account
was (another password ends it) and until when; it is signed with the key that signs places in lists.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import UUID

from falcon.asgi import Request
from msgspec import Struct

from api.auth import BY_PASSWORD, Authenticator, token_of
from api.service import Service
from domain import access
from domain.access import Actor
from domain.errors import Forbidden, Invalid, Unauthenticated
from projections import credentials

FORM = "application/x-www-form-urlencoded"
LARGEST = 64 << 10  # bytes of a form
MOST = 32  # fields of one
LASTING = timedelta(minutes=10)  # of a ticket
OURS = (None, "same-origin", "none")  # from where a browser may say that a form comes
SIGN_IN_AGAIN = "The time on this page is over, or your password has changed. Sign in again."

Form = dict[str, list[str]]


class Ticket(Struct, frozen=True):
    """Who has signed in on a page; `version` is the account's, `until` seconds since 1970."""

    account: UUID
    version: int
    name: str
    number: int
    until: int


async def form(service: Service, req: Request) -> Form:
    """Return the fields of a form. Raises Invalid, Forbidden when it stands on another site.

    And as api.bodies.Bodies.read.
    """
    body = await service.bodies.read(req)
    if req.get_header("Sec-Fetch-Site") not in OURS:  # nobody signs others in as somebody else
        raise Forbidden("This form was sent from another site.")
    if len(body) > LARGEST:
        raise Invalid(f"A form has {LARGEST:,} bytes at most.")
    try:
        found = parse_qs(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST
        )
    except ValueError as error:
        raise Invalid("The body is no form.") from error
    if any("\0" in each for held in found.values() for each in held):
        raise Invalid("NUL is no character of a form.")
    return found


def field(form: Form, name: str) -> str:
    """Return the text of a field; empty without it. Raises Invalid when it is there twice."""
    first, *more = form.get(name) or [""]
    if more:
        raise Invalid(f"{name} is there twice.")
    return first


async def sign_in(
    service: Service, authenticator: Authenticator, name: str, password: str, address: str
) -> Ticket:
    """Return a ticket for who has this name and this password.

    Raises Unauthenticated, also for a token in the password's place: a ticket may do all that a
    password may. Raises TooManyRequests.
    """
    holder = await credentials.by_name(service.db, name)
    # As it is before the password is verified: one that is changed meanwhile ends the ticket.
    before = await credentials.standing(service.db, [] if holder is None else [holder.account])
    actor = await authenticator.by_password(name, password, "pages", address, recall=False)
    version = dict(before).get(actor.account)
    if version is None or token_of(actor) is not None:
        raise Unauthenticated("Sign in with your password here, not with a token.")
    until = int((datetime.now(UTC) + LASTING).timestamp())
    return Ticket(actor.account, version, actor.name, actor.number, until)


async def actor_of(service: Service, text: str) -> tuple[Ticket, Actor]:
    """Return a ticket and whose it is. Raises Unauthenticated when it holds no longer, or is none.

    The actor may do what a password may with his own account, and holds nothing else.
    """
    try:
        ticket = service.cursors.read(text, Ticket)
    except Invalid:
        raise Unauthenticated(SIGN_IN_AGAIN) from None
    standing = await credentials.standing(service.db, [ticket.account])
    if (ticket.account, ticket.version) not in standing or (
        ticket.until <= datetime.now(UTC).timestamp()
    ):
        raise Unauthenticated(SIGN_IN_AGAIN)
    return ticket, Actor(
        account=ticket.account,
        number=ticket.number,
        name=ticket.name,
        admin=False,
        scopes=access.SCOPES,
        via=f"pages{BY_PASSWORD}",
        principals=(),
    )
