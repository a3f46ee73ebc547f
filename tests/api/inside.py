"""The application inside this process, on an event loop that is watched: no server between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter, process_time
from typing import Any, NamedTuple

from falcon.asgi import App

CHUNK = 64 << 10  # as a server reads from a socket
TICK = 0.001  # seconds


class Answer(NamedTuple):
    """An answer, in the pieces that were sent."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes]

    @property
    def body(self) -> bytes:
        """The pieces as one: a copy, not to be made while the loop is watched."""
        return b"".join(self.pieces)


class Watch:
    """How long the loop stood still, in seconds.

    A process may be made to wait by others on the machine: time counts as far as this process used
    the processor in it, whichever of its threads did.
    """

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            wall, processor = perf_counter(), process_time()
            await asyncio.sleep(TICK)
            gap = min(perf_counter() - wall, process_time() - processor) - TICK
            self.longest = max(self.longest, gap)


@asynccontextmanager
async def watched() -> AsyncIterator[Watch]:
    """Watch the loop while the block runs."""
    watch = Watch()
    task = asyncio.create_task(watch.run())
    await asyncio.sleep(0.05)
    watch.longest = 0.0
    try:
        yield watch
    finally:
        await asyncio.sleep(2 * TICK)  # so that the watch wakes from what came last
        task.cancel()


@asynccontextmanager
async def started(app: App[Any, Any]) -> AsyncIterator[None]:
    """Start the application, as a server does, and end it."""
    events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
    life = asyncio.create_task(app(scope, events.get, said.put))
    await events.put({"type": "lifespan.startup"})
    assert (await said.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await events.put({"type": "lifespan.shutdown"})
        await life


async def ask(
    app: App[Any, Any], method: str, path: str, body: bytes = b"", **headers: str
) -> Answer:
    """Send a request and return the answer; `headers` have _ in place of -."""
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (b"host", b"localhost"),
            (b"content-length", b"%d" % len(body)),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent > len(body):
            await asyncio.Event().wait()  # nothing follows, and the client stays
        await asyncio.sleep(0)
        piece = body[sent : sent + CHUNK]
        sent += CHUNK
        return {"type": "http.request", "body": piece, "more_body": sent < len(body)}

    status = 0
    found: dict[str, str] = {}
    pieces: list[bytes] = []

    async def send(event: Any) -> None:
        nonlocal status
        if event["type"] == "http.response.start":
            status = event["status"]
            found.update((name.decode(), value.decode()) for name, value in event["headers"])
        else:
            pieces.append(event.get("body", b""))
        await asyncio.sleep(0)

    await app(scope, receive, send)
    return Answer(status, found, pieces)
