"""What CAP's resources share: the dialect, bodies, how they are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar
from urllib.parse import urlencode

import orjson
from falcon.asgi import Request, Response

from api import addresses
from api.cap import errors, schemas
from api.cap.types import Types
from api.door import Dialect, Resource, send_bytes
from api.service import Service

PIECE = 64 << 10  # bytes that are sent at once, or a little more

DIALECT = Dialect(
    name="cap",
    status=errors.status,
    error=errors.body,
    challenge='Bearer realm="CERN Analysis Preservation"',
    any_origin=True,
)


class CapResource(Resource):
    """A resource of this door; all of them ask for a login."""

    dialect = DIALECT
    needs_login = True
    request: ClassVar[dict[str, object]] = {}  # method → JSON Schema of the body
    query: ClassVar[dict[str, dict[str, Any]]] = {}  # method → parameter → what it does
    parts: ClassVar = schemas.PARTS

    def __init__(self, service: Service, types: Types) -> None:
        self.service = service
        self.types = types

    def base(self, req: Request) -> str:
        """Return what links begin with."""
        return addresses.base(req, self.service.base_url)


def send(resp: Response, value: Any, media_type: str, status: int = 200) -> None:
    """Answer with a value as JSON, in one of the media types."""
    send_bytes(resp, orjson.dumps(value), status)
    resp.content_type = media_type
    resp.set_header("Vary", "Accept")


async def send_parts(
    resp: Response, whole: bytes, parts: AsyncIterator[bytes], media_type: str
) -> None:
    """Answer with JSON: as one piece, or piece by piece where it is more than one.

    The parts stand where the whole has its first empty list.
    """
    pieces = _pieces(whole, parts)
    first = await anext(pieces)
    second = await anext(pieces, None)
    if second is None:
        send_bytes(resp, first)
    else:
        resp.stream = _again(first, second, pieces)
    resp.content_type = media_type
    resp.set_header("Vary", "Accept")


async def _pieces(whole: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    head, _, tail = whole.partition(b"[]")
    held, size, before = [head, b"["], 0, b""
    async for part in parts:
        held += (before, part)
        size, before = size + len(part), b","
        if size > PIECE:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join([*held, b"]", tail])


async def _again(first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for piece in rest:
        yield piece


def page_link(req: Request, url: str, page: int, size: int) -> str:
    """Return the link to a page of a list; no credential is in it."""
    kept = {name: value for name, value in req.params.items() if name != "access_token"}
    return f"{url}?{urlencode(sorted((kept | {'page': page, 'size': size}).items()), doseq=True)}"
