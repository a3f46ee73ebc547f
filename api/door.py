"""A door: one dialect's routes, and what is the same about each request that comes through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson
from falcon.asgi import Request, Response
from msgspec import Struct

from api.service import Service
from domain.errors import Refusal
from domain.event import Answer

JSON = "application/json"


def _nothing(_location: str) -> dict[str, Any]:
    return {}


class Dialect(Struct, frozen=True):
    """How a dialect words refusals. `name` stands in the `via` of every event."""

    name: str
    status: Callable[[Refusal], int]
    error: Callable[[Refusal, int], dict[str, Any]]  # with the status it is answered with
    challenge: str = 'Bearer realm="Muniment"'  # the WWW-Authenticate of a 401
    created: Callable[[str], dict[str, Any]] = _nothing  # the body of a 201, by its Location
    media_type: str = JSON  # of a refusal
    written: Callable[[dict[str, Any]], bytes] = orjson.dumps  # how it becomes a body
    headers: dict[str, str] = {}  # that it comes with
    any_origin: bool = False  # whether the scripts of every web page may use it


class Resource:
    """What every resource has: its dialect, and HEAD wherever there is GET."""

    service: Service
    dialect: Dialect
    needs_login: bool
    refreshing = False  # whether a refresh token is a credential here
    asks_who = True  # whether credentials are read at all
    request_type = JSON  # the media type of bodies
    scope = "write"  # that a token needs to change something here
    dialects: ClassVar[dict[str, tuple[Dialect, ...]]] = {}  # method → all that `dialect_of` gives
    takes_links = False  # whether an access link opens what is here
    token_in_query = True  # whether a token in the query is a credential here
    tells_options = False  # whether OPTIONS is a question that whoever asks signs in for
    options: ClassVar[Mapping[str, Any]] = {}  # JSON Schema of its answer
    takes_keys = True  # whether its POST takes an Idempotency-Key
    too_late = 408  # how a body is refused that takes too long to come

    def dialect_of(self, req: Request) -> Dialect:
        """Return the dialect in which a request is refused."""
        return self.dialect

    def media_type_of(self, req: Request) -> str:
        """Return the media type of JSON that a request is answered with."""
        return JSON

    async def body(self, req: Request) -> bytes:
        """Return the request's body; who sends it may still do so when it has come.

        Raises as api.bodies.Bodies.read and api.gate.Gate.still_open.
        """
        body = await self.service.bodies.read(req)
        await req.context.gate.still_open(req, self)
        return body

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had."""
        created = self.dialect_of(req).created
        return orjson.dumps(created(answer.location) if answer.location else {})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        get = cls.__dict__.get("on_get")
        if get is not None:
            cls.on_head = get  # type: ignore[attr-defined]


def send(resp: Response, value: object, status: int = 200) -> None:
    """Answer with a value as JSON."""
    send_bytes(resp, orjson.dumps(value), status)


def send_bytes(resp: Response, body: bytes, status: int = 200) -> None:
    """Answer with JSON that is bytes already."""
    resp.status = status
    resp.content_type = JSON
    resp.data = body


def methods(resource: object) -> frozenset[str]:
    """Return the methods that a resource answers."""
    found = {name[3:].upper() for name in dir(resource) if name.startswith("on_")}
    return frozenset(found)


def handles(resource: object, req: Request) -> bool:
    """Whether the resource answers this method: if not, 405 comes before any sign-in."""
    return hasattr(resource, f"on_{req.method.lower()}")
