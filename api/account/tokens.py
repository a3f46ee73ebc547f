"""Tokens of one's own: listed, made, revoked. Source: DESIGN.md "Who may do what"."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api import addresses, instants, own_tokens, query
from api.account import replies
from api.account.resource import AccountResource
from api.auth import token_of
from api.door import send
from api.idempotency import retry
from api.own_tokens import MOST, SIZE
from domain import documents
from domain.commands import making_tokens
from domain.commands import tokens as commands
from domain.commands.accounts import Issued
from domain.commands.tokens import ALIASES, EXPIRES_AT, NAME, NAME_LENGTH, SCOPE
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.instants import rfc3339
from domain.log import AnsweredBefore, Session
from projections.tokens import Listed

MOST_SCOPES = 100  # that one body names
MEMBERS = frozenset({"name", "scopes", "expires_at"})
NEW: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": NAME_LENGTH},
        "scopes": {
            "type": "array",
            "items": {"enum": ["read", "write", "actions", "user:email", *ALIASES]},
            "description": "read is always among them, and alone where nothing is said",
        },
        "expires_at": {
            "type": ["string", "null"],
            "description": "a date, or a date and a time; without it, or null: never",
        },
    },
}


class Sent(Struct, frozen=True):
    """What a body says of a new token."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


def sent(body: bytes, depth: int) -> Sent:
    """Return what a body says. Raises Invalid, naming all that is wrong.

    A member that is not known is refused: who mistypes `expires_at` wants no token for ever.
    """
    said = documents.read(body, max_depth=depth)
    if not isinstance(said, dict):
        raise Invalid("The body must be an object.")
    faults = [Fault((name,), "There is no such field.") for name in said.keys() - MEMBERS]
    name, scopes, until = said.get("name"), said.get("scopes"), said.get("expires_at")
    if not isinstance(name, str):
        faults.append(Fault(NAME, "A token has a name: what it is for."))
    if scopes is not None and not _are_texts(scopes):
        faults.append(Fault(SCOPE, f"Scopes are an array of {MOST_SCOPES} texts at most."))
    at = None
    if isinstance(until, str):
        try:
            at = instants.parse("expires_at", until)
        except Invalid as error:
            faults.append(Fault(EXPIRES_AT, error.message))
    elif until is not None:
        faults.append(Fault(EXPIRES_AT, "This must be a text, or null."))
    if faults:
        raise Invalid("This is no token.", tuple(faults))
    return Sent(str(name), tuple(scopes or ()), at)


def create(session: Session, body: bytes, depth: int, made_with: UUID | None) -> Issued:
    """Read a body and make the token it asks for, all on a writer's thread."""
    said = sent(body, depth)
    return commands.create(session, said.name, said.scopes, said.expires_at, made_with)


class Tokens(AccountResource):
    """/api/me/tokens/"""

    answers: ClassVar = {"GET": replies.PAGE, "POST": replies.MADE}
    request: ClassVar = {"POST": NEW}
    query: ClassVar = {
        "GET": {
            "size": {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "description": f"tokens of a page; else {SIZE}",
            },
            "after": "where a page begins, as links.next has it",
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with one's own tokens, never their secrets: access tokens, then newest first.

        Raises Invalid.
        """
        size = query.number(req, "size", least=1, most=MOST) or SIZE
        found = await own_tokens.page(
            self.service, req.context.actor, req.get_param("after") or None, size
        )
        url = f"{addresses.base(req, self.service.base_url)}/api/me/tokens"
        links = {"self": url}
        if found.following is not None:
            links["next"] = f"{url}?{urlencode({'after': found.following, 'size': size})}"
        send(resp, {"hits": {"hits": [_shown(each) for each in found.tokens]}, "links": links})
        resp.set_header("Cache-Control", "no-store")

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new token and, this once, its secret; 409 when it is asked for again.

        Raises Forbidden for a token that lacks a scope or was made with another, Invalid, Conflict.
        """
        making_tokens.require_all(req.context.actor)  # before anything is read for nothing
        body = await self.body(req)
        actor = req.context.actor
        try:
            made = await self.service.run(
                actor,
                retry(req, body, lambda _made: (201, None, None)),
                create,
                body,
                self.service.limits.json_depth,
                token_of(actor),
            )
        except AnsweredBefore as error:
            raise Conflict("This token was made before, and is shown once.") from error
        send(resp, _shown(own_tokens.listed(made)) | {"token": made.secret}, 201)
        resp.set_header("Cache-Control", "no-store")


class Token(AccountResource):
    """/api/me/tokens/{id}"""

    async def on_delete(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """204 when the token acts for nobody any more, nor what was made with it.

        Raises Forbidden for a token that lacks a scope, NotFound.
        """
        making_tokens.require_all(req.context.actor)
        try:
            token = UUID(id)
        except ValueError:
            raise NotFound("There is no such token.") from None
        await self.service.end(req.context.actor, commands.revoke, token)
        resp.status = 204


def _are_texts(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MOST_SCOPES
        and all(isinstance(each, str) for each in value)
    )


def _shown(token: Listed) -> dict[str, Any]:
    return {
        "id": str(token.id),
        "name": token.label,
        "scopes": own_tokens.ordered(token.scopes),
        "expires_at": None if token.expires_at is None else rfc3339(token.expires_at),
        "created_at": rfc3339(token.made_at),
        "last_used_at": None if token.used_at is None else rfc3339(token.used_at),
        "made_with": None if token.parent is None else str(token.parent),
    }
