"""Request bodies: read whole within limits of size, time and memory, or refused; never half.

Events are read as the server gives them: Falcon's stream takes a client that went away in the
middle of a chunked body for the end of it, and what had come would be stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from http import HTTPStatus
from typing import Any

import falcon
import falcon.asgi

from domain.errors import Invalid, TooLarge
from domain.heavy import LIGHT

TOGETHER = 4  # bodies of the largest size that a worker holds at once; small ones do not count
HELD = "muniment.held"  # the key of a request's scope under which its held bytes stand
DRAINED = 16 << 20  # bytes of a refused body that are read, so that the client hears the refusal
IDLE = 2.0  # seconds without a byte of a refused body, after which the client is not waited for
DRAINING = 10.0  # seconds that a refused body is read for

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


class Bodies:
    """The bodies that a worker takes in, each up to `limit` bytes and `seconds`.

    Bytes count from their arrival until the request's end, so a client that says much and sends
    little takes nothing from others.
    """

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit = limit
        self.seconds = seconds
        self._held = 0

    async def read(self, req: falcon.asgi.Request) -> bytes:
        """Return the body.

        Raises TooLarge past the limit, Invalid when the body breaks off, and falcon.HTTPError with
        408 when it takes too long, 415 when it is encoded, 503 when too much is held already.
        """
        assert isinstance(req, Request)  # noqa: S101 - the application makes no other
        parts = arriving(req)
        held: list[bytes] = []
        try:
            require_identity(req)
            if not (req.first_event or {}).get("more_body"):  # most: there is nothing to wait for
                return await self._whole(req, parts, held)
            async with asyncio.timeout(self.seconds):
                return await self._whole(req, parts, held)
        except TimeoutError as error:
            raise falcon.HTTPError(
                408, description=f"The body took longer than {self.seconds} seconds to arrive."
            ) from error
        except (TooLarge, falcon.HTTPError):
            held.clear()  # it counts no longer
            await drain(parts)
            raise

    def release(self, scope: dict[str, Any]) -> None:
        """Count a request's body no longer: the request has ended."""
        self._held -= scope.pop(HELD, 0)

    async def _whole(
        self, req: Request, parts: AsyncGenerator[bytes, None], held: list[bytes]
    ) -> bytes:
        expected = req.content_length
        if expected is not None and expected > self.limit:
            raise self._too_large()
        size = 0
        async for part in parts:
            size += len(part)
            if size > self.limit:
                raise self._too_large()
            if size > LIGHT:
                self._hold(req.scope, size)
            held.append(part)
        if expected is not None and size != expected:
            raise Invalid(f"The body has {size} bytes, its Content-Length says {expected}.")
        return b"".join(held)

    def _hold(self, scope: dict[str, Any], size: int) -> None:
        """Count a body's bytes. Raises falcon.HTTPError when they are too many with the others'."""
        held = self._held - scope.get(HELD, 0) + size
        if held > TOGETHER * self.limit:
            self.release(scope)
            raise falcon.HTTPServiceUnavailable(
                description="Too many large bodies are being taken in; try again in a moment.",
                retry_after=1,
            )
        self._held, scope[HELD] = held, size

    def _too_large(self) -> TooLarge:
        message = f"The body is larger than the {self.limit} bytes that are accepted."
        return TooLarge(message, self.limit)


async def patiently(reading: Awaitable[bytes]) -> bytes:
    """Return what is read; Invalid in place of 408, at which some clients send all of it again.

    Raises as the reading does.
    """
    try:
        return await reading
    except falcon.HTTPError as error:
        if error.status_code == HTTPStatus.REQUEST_TIMEOUT:
            raise Invalid(error.description or "The body took too long to arrive.") from error
        raise


def require_identity(req: Request) -> None:
    """Pass when the body is sent as it is. Raises falcon.HTTPError for any Content-Encoding."""
    encoding = req.get_header("Content-Encoding", default="identity")
    if encoding.strip().lower() != "identity":
        raise falcon.HTTPUnsupportedMediaType(
            description="A body is taken without Content-Encoding only.",
            headers={"Accept-Encoding": "identity"},  # RFC 9110, 15.5.16
        )


async def arriving(req: Request) -> AsyncGenerator[bytes, None]:
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


async def drain(parts: AsyncGenerator[bytes, None]) -> None:
    """Read on for a while: who is still sending would see a reset in place of the answer."""
    left = DRAINED
    try:
        async with asyncio.timeout(DRAINING):
            while left > 0:
                async with asyncio.timeout(IDLE):
                    left -= len(await anext(parts))
    except (StopAsyncIteration, TimeoutError, Invalid):
        return
