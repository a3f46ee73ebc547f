"""Many listen to the feed: they cost memory alone, and each hears everything."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.api import asking
from tests.hard.writers import Writers
from tests.running import Running

pytestmark = pytest.mark.alone

MEMORY = 200_000  # bytes a listener: 200 MB for a thousand
FIRST = 16  # listeners that no worker is likely to have none of
READS = 16  # at a time: more than all workers have connections
READERS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'muniment reader'"


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    """A service of its own, whose memory nobody else uses."""
    with Running(data) as running:
        yield running


@pytest.mark.parametrize("listeners", [100, pytest.param(1000, marks=pytest.mark.soak)])
def test_idle_listeners_hold_no_connection_and_little_memory(
    running: Running, listeners: int
) -> None:
    """Reads go on beside them, and what is appended reaches each of them once, in order."""
    asyncio.run(_listen(running, listeners))


async def _listen(running: Running, listeners: int) -> None:
    writers = Writers(running)
    path = f"/objects/{writers.shared[0]}/versions/0"
    async with asking_async(running) as client, AsyncExitStack() as stack:
        position = await _end(client)
        for _ in range(FIRST):  # what the first one costs in each worker
            await stack.enter_async_context(_listener(running, position))
        before = _memory(running)
        connections = asking.query(running, READERS)
        heard = [
            await stack.enter_async_context(_listener(running, position)) for _ in range(listeners)
        ]
        assert _memory(running) - before <= listeners * MEMORY
        assert asking.query(running, READERS) == connections
        for _ in range(10):
            reads = await asyncio.gather(*(client.get(path) for _ in range(READS)))
            assert {each.status_code for each in reads} == {200}

        with asking.client(running, running.admin_token) as writer:
            writers.create(writer)
        page = (await client.get("/api/events", params={"after": position})).json()
        said = [each["id"] for each in page["events"]]
        assert len(said) == 3
        for each in heard:
            assert [await anext(each) for _ in said] == said


@pytest.mark.soak
def test_listeners_who_do_not_read_share_what_they_are_sent(running: Running) -> None:
    """Large events that wait for many are held once; others are served meanwhile."""
    many, large, count = 200, 5 << 20, 6

    async def stand_still() -> None:
        async with asking_async(running) as client, AsyncExitStack() as stack:
            position = await _end(client)
            before = _memory(running)
            for _ in range(many):
                await stack.enter_async_context(_listener(running, position))
            with asking.client(running, running.admin_token) as writer:
                action = asking.action(writer)
                for _ in range(count):
                    asking.new_object(writer, action, json.dumps({"text": "x" * large}))
            assert len((await client.get("/api/events", params={"after": position})).content) > 0
            assert _memory(running) - before < many * large / 2

    asyncio.run(stand_still())


@pytest.mark.soak
def test_an_idle_stream_gives_a_sign_of_life(running: Running) -> None:
    """A comment, which no client takes for an event."""

    async def wait() -> None:
        async with asking_async(running) as client:
            position = await _end(client)
            headers = {"Accept": "text/event-stream", "Last-Event-ID": position}
            async with client.stream("GET", "/api/events", headers=headers) as answer:
                lines = answer.aiter_lines()
                assert [await anext(lines) for _ in range(3)] == [
                    "retry: 1000",
                    ": keep-alive",
                    ": keep-alive",
                ]

    asyncio.run(wait())


def test_a_stream_outlives_a_restart_of_the_database(running: Running) -> None:
    """Who listens hears nothing of it, and then what was appended after it."""

    async def listen() -> None:
        async with asking_async(running) as client:
            position = await _end(client)
            async with _listener(running, position) as heard:
                os.kill(running.processes("postgres")[0], signal.SIGKILL)
                await asyncio.to_thread(Writers, running)
                page = await client.get("/api/events", params={"after": position, "limit": "2"})
                said = [each["id"] for each in page.json()["events"]]
                assert [await anext(heard) for _ in said] == said

    asyncio.run(listen())


def asking_async(running: Running) -> httpx.AsyncClient:
    """A client that is the first administrator."""
    return httpx.AsyncClient(
        base_url=running.url,
        headers={"Authorization": f"Bearer {running.admin_token}"},
        timeout=60,
    )


async def _end(client: httpx.AsyncClient) -> str:
    """The position of the newest event: a listener who begins before it is not idle."""
    params = {"limit": "1000"}
    while (page := (await client.get("/api/events", params=params)).json())["events"]:
        params["after"] = page["next"]
    return params["after"]


@asynccontextmanager
async def _listener(running: Running, position: str) -> AsyncIterator[AsyncIterator[str]]:
    """Listen on a bare socket, once the stream has begun; gives the ids of events."""
    host, _, port = running.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET /api/events HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n"
        f"Authorization: Bearer {running.admin_token}\r\nLast-Event-ID: {position}\r\n\r\n".encode()
    )
    try:
        await reader.readuntil(b"retry: 1000\n")
        yield _ids(reader)
    finally:
        writer.close()


async def _ids(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """The events' ids; what is sent in chunks has each id and its data in one."""
    while True:
        line = await reader.readuntil(b"\n")
        if line.startswith(b"id: "):
            data = await reader.readuntil(b"\n")
            found = str(json.loads(data.removeprefix(b"data: "))["id"])
            assert line == f"id: {found}\n".encode()
            yield found


def _memory(running: Running) -> int:
    """The workers' memory in bytes, what they share counted once."""
    total = 0
    for pid in running.processes("worker"):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) << 10
    return total
