"""Webhooks over HTTP: administrators say who is told of events, and see what could not be told.

They are settings, not events (projections/webhooks.py). Where one may lead the operator says.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID, uuid4, uuid5

from falcon.asgi import Request, Response
from msgspec import Struct

from api import addresses, problem
from api.door import Resource, send
from api.idempotency import NO_CONTENT, retry
from api.service import Service
from api.webhooks import messages, replies
from api.webhooks.targets import Rules
from domain import access, documents
from domain.errors import Conflict, Fault, Invalid, NotFound
from domain.log import AnsweredBefore, Session
from projections import webhooks
from projections.database import Connections

LONGEST = 2000  # characters of a URL
MOST = 100  # kinds that one body names
KIND = 100  # characters of one
MEMBERS = frozenset({"url", "kinds"})
EVERYTHING = ["*"]
NEW: dict[str, Any] = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": LONGEST},
        "kinds": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST,
            "items": {"type": "string", "maxLength": KIND},
            "description": "topics of events, or beginnings with a star; without it, all",
        },
    },
}


class Sent(Struct, frozen=True):
    """What a body says of a new webhook."""

    url: str
    kinds: list[str]


def sent(body: bytes, depth: int) -> Sent:
    """Return what a body says. Raises Invalid, naming all that is wrong."""
    said = documents.read(body, max_depth=depth)
    if not isinstance(said, dict):
        raise Invalid("The body must be an object.")
    faults = [Fault((name,), "There is no such field.") for name in said.keys() - MEMBERS]
    url, kinds = said.get("url"), said.get("kinds", EVERYTHING)
    if not isinstance(url, str) or len(url) > LONGEST:
        faults.append(Fault(("url",), f"A webhook has a URL of {LONGEST} characters at most."))
    if not _are_kinds(kinds):
        about = f"Kinds are an array of 1 to {MOST} texts of {KIND} characters at most."
        faults.append(Fault(("kinds",), about))
    if faults:
        raise Invalid("This is no webhook.", tuple(faults))
    return Sent(str(url), kinds)


def create(
    _session: Session,
    connections: Connections,
    rules: Rules,
    key: Callable[[], bytes],
    body: bytes,
    depth: int,
    id_: UUID,
) -> tuple[webhooks.Webhook, bytes]:
    """Read a body and make the webhook it asks for, all on a writer's thread; with its key.

    Raises Damaged before anything is made: it would be told things under a key that nobody saw.
    """
    said = sent(body, depth)
    rules.target(said.url)
    signing = messages.key_of(key(), id_)
    conn = connections.get()
    webhooks.add(conn, said.url, said.kinds, id_)
    return webhooks.one(conn, id_), signing


def remove(_session: Session, connections: Connections, id_: UUID) -> None:
    """Tell a webhook nothing any more."""
    webhooks.remove(connections.get(), id_)


def redeliver(_session: Session, connections: Connections, id_: UUID) -> None:
    """Send a webhook its dead letters once more."""
    conn = connections.get()
    webhooks.one(conn, id_)
    webhooks.revive(conn, id_)


class WebhookResource(Resource):
    """A resource of administrators'; nothing of it is kept by who asks."""

    dialect = problem.DIALECT
    needs_login = True
    parts: ClassVar = {
        "id": {"type": "string", "format": "uuid", "description": "the id of a webhook"}
    }

    def __init__(self, service: Service) -> None:
        self.service = service


class Webhooks(WebhookResource):
    """/api/webhooks/"""

    answers: ClassVar = {"GET": replies.ALL, "POST": replies.MADE}
    request: ClassVar = {"POST": NEW}

    def __init__(self, service: Service, rules: Rules, key: Callable[[], bytes]) -> None:
        super().__init__(service)
        self.rules = rules
        self.key = key

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with all webhooks, the oldest first, without their keys. Raises Forbidden."""
        access.require_admin(req.context.actor)
        connections = self.service.connections
        found = await self.service.slow(lambda: webhooks.everyone(connections.get()))
        send(resp, {"webhooks": [replies.shown(each) for each in found]})

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new webhook and, this once, its key; 409 when it is asked for again.

        Its host is one that the operator named. Raises Forbidden, Invalid, Conflict; and Damaged,
        with nothing made, while no key is to be had.
        """
        access.require_admin(req.context.actor)  # before anything is read for nothing
        body = await self.body(req)
        access.require_admin(req.context.actor)
        actor = req.context.actor
        try:
            made, signing = await self.service.run(
                actor,
                retry(req, body, lambda _made: (201, None, None)),
                create,
                self.service.connections,
                self.rules,
                self.key,
                body,
                self.service.limits.json_depth,
                _new_id(req, actor.account, body),
            )
        except AnsweredBefore as error:
            raise Conflict("This webhook was made before, and its key is shown once.") from error
        send(resp, replies.shown(made) | {"key": messages.shown(signing)}, 201)
        resp.location = f"{addresses.base(req, self.service.base_url)}/api/webhooks/{made.id}"
        resp.set_header("Cache-Control", "no-store")


class Webhook(WebhookResource):
    """/api/webhooks/{id}"""

    answers: ClassVar = {"GET": replies.ONE}

    async def on_get(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """200 with a webhook, without its key. Raises Forbidden, NotFound."""
        access.require_admin(req.context.actor)
        id_, connections = _id(id), self.service.connections
        send(resp, replies.shown(await self.service.slow(lambda: _one(connections, id_))))

    async def on_delete(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """204 when it is told nothing any more, also what waits. Raises Forbidden, NotFound."""
        access.require_admin(req.context.actor)
        connections = self.service.connections
        await self.service.run(req.context.actor, None, remove, connections, _id(id))
        resp.status = NO_CONTENT


class Dead(WebhookResource):
    """/api/webhooks/{id}/dead"""

    answers: ClassVar = {"GET": replies.DEAD}

    async def on_get(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """200 with what it could not be told, and why: the oldest 1000. Raises Forbidden, NotFound.

        How many there are the webhook says.
        """
        access.require_admin(req.context.actor)
        id_, connections = _id(id), self.service.connections

        def letters() -> list[webhooks.Letter]:
            _one(connections, id_)
            return webhooks.dead(connections.get(), id_)

        found = await self.service.slow(letters)
        send(resp, {"dead_letters": [replies.shown_letter(each) for each in found]})


class Redelivery(WebhookResource):
    """/api/webhooks/{id}/redeliver"""

    async def on_post(self, req: Request, resp: Response, id: str) -> None:  # noqa: A002
        """204 when its dead letters are sent once more. Raises Forbidden, NotFound."""
        access.require_admin(req.context.actor)
        await self.service.run(
            req.context.actor,
            retry(req, b"", lambda _done: (NO_CONTENT, None, None)),
            redeliver,
            self.service.connections,
            _id(id),
        )
        resp.status = NO_CONTENT


def _new_id(req: Request, account: UUID, body: bytes) -> UUID:
    """Return an id; of one Idempotency-Key one, so that what is begun twice is made once.

    The process may end when it has made the webhook and not yet noted that.
    """
    key = req.get_header("Idempotency-Key")
    return uuid4() if key is None else uuid5(account, f"{key} {sha256(body).hexdigest()}")


def _one(connections: Connections, id_: UUID) -> webhooks.Webhook:
    return webhooks.one(connections.get(), id_)


def _id(text: str) -> UUID:
    """Return an id. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such webhook.") from None


def _are_kinds(value: object) -> bool:
    return (
        isinstance(value, list)
        and 1 <= len(value) <= MOST
        and all(isinstance(each, str) and len(each) <= KIND for each in value)
    )
