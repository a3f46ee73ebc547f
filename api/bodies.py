"""Request bodies: read whole within a limit, or refused; never half.

Events are read as the server gives them: Falcon's stream takes a client that went away in the
middle of a chunked body for the end of it, and what had come would be stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import falcon.asgi

from domain.errors import Invalid, TooLarge

DRAINED = 16 << 20  # bytes of a refused body that are read, so that the client hears the refusal
IDLE = 2.0  # seconds without a byte of a refused body, after which the client is not waited for

Event = dict[str, Any]


class Request(falcon.asgi.Request):
    """Falcon's request, which keeps the events of its body within reach."""

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Event]],
        first_event: Event | None = None,
        options: falcon.RequestOptions | None = None,
    ) -> None:
        super().__init__(scope, receive, first_event, options)
        self.first_event, self.receive = first_event, receive


async def read(req: falcon.asgi.Request, limit: int) -> bytes:
    """Return the body. Raises TooLarge past `limit` bytes, Invalid when it breaks off."""
    assert isinstance(req, Request)  # noqa: S101 - the application makes no other
    parts = _parts(req)
    expected = req.content_length
    if expected is not None and expected > limit:
        await _drain(parts)
        raise _too_large(limit)
    held: list[bytes] = []
    size = 0
    async for part in parts:
        size += len(part)
        if size > limit:
            held.clear()
            await _drain(parts)
            raise _too_large(limit)
        held.append(part)
    if expected is not None and size != expected:
        raise Invalid(f"The body has {size} bytes, its Content-Length says {expected}.")
    return b"".join(held)


async def _parts(req: Request) -> AsyncGenerator[bytes, None]:
    """Give the body in pieces. Raises Invalid when it breaks off."""
    event = req.first_event
    while event is not None and event["type"] == "http.request":
        yield event.get("body", b"")
        if not event.get("more_body"):
            return
        try:
            event = await req.receive()
        except (OSError, EOFError, ValueError) as error:
            raise Invalid("The request's body cannot be read to its end.") from error
    raise Invalid("The request's body breaks off.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit} bytes that are accepted.", limit)


async def _drain(parts: AsyncGenerator[bytes, None]) -> None:
    """Read on for a while: who is still sending would see a reset in place of the answer."""
    left = DRAINED
    try:
        while left > 0:
            async with asyncio.timeout(IDLE):
                left -= len(await anext(parts))
    except (StopAsyncIteration, TimeoutError, Invalid):
        return
