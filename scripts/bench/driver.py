"""The load: kept-alive connections on raw sockets, cheap enough that the server is the limit.

Each connection is a lane of ready-made requests, sent one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import cast

import uvloop
from msgspec import Struct

LAST_CHUNK = b"0\r\n\r\n"
TAIL = len(LAST_CHUNK)


class Driven(Struct, frozen=True):
    """What a round did: answers on each lane, and how long it took."""

    answers: list[int]
    seconds: float
    largest: int  # bytes of the largest answer, head and body


class Lane(asyncio.Protocol):
    """One connection. `done` is set when its time is over or its requests are used up."""

    def __init__(self, requests: Iterator[bytes], status: int, seconds: float) -> None:
        self.requests = requests
        self.begins = b"HTTP/1.1 %d " % status
        self.seconds = seconds
        self.loop = asyncio.get_running_loop()
        self.done: asyncio.Future[None] = self.loop.create_future()
        self.answers = self.largest = 0
        self._head = b""
        self._body = self._received = 0
        self._chunked = False
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait: every lane begins at the same moment."""
        self.transport = cast("asyncio.Transport", transport)

    def begin(self) -> None:
        """Send the first request."""
        self.ends = self.loop.time() + self.seconds
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer; send the next request when it was the last."""
        if not self._received:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._begin_answer(self._head[:end].lower(), end + 4)
            self._received, data = len(self._head), self._head
        else:
            self._received += len(data)
        if self._chunked:
            self._tail = (self._tail + data)[-TAIL:]
            if self._tail != LAST_CHUNK:
                return
        elif self._received < self._body:
            return
        self.answers += 1
        self.largest = max(self.largest, self._received)
        if self.loop.time() < self.ends:
            self._next()
        else:
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the round: the server must keep connections alive."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server closed"))

    def _begin_answer(self, head: bytes, length: int) -> None:
        if not head.startswith(self.begins.lower()):
            self.done.set_exception(AssertionError(f"not what was wanted: {self._head!r}"))
            self.transport.abort()
            return
        self._chunked = b"transfer-encoding: chunked" in head
        at = head.find(b"content-length: ")
        self._body = length
        if at >= 0 and b" 304 " not in head[:16]:
            self._body += int(head[at + 16 :].split(b"\r", 1)[0])

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self._end()
            return
        self._head = self._tail = b""
        self._received = 0
        self.transport.write(request)

    def _end(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()


def drive(
    port: int, lanes: Sequence[Sequence[bytes]], status: int, seconds: float, *, once: bool
) -> Driven:
    """Send requests for so many seconds; `once`: end when the first lane has sent all that it has.

    Raises AssertionError at the first answer with another status.
    """
    return uvloop.run(_drive(port, lanes, status, seconds, once))


async def _drive(
    port: int, lanes: Sequence[Sequence[bytes]], status: int, seconds: float, once: bool
) -> Driven:
    loop = asyncio.get_running_loop()
    open_lanes: list[Lane] = []
    for requests in lanes:
        source = iter(requests) if once else cycle(requests)
        _, lane = await loop.create_connection(
            lambda source=source: Lane(source, status, seconds),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        open_lanes.append(lane)
    started = loop.time()
    for lane in open_lanes:
        lane.begin()
    ended, _ = await asyncio.wait(
        [lane.done for lane in open_lanes], return_when=asyncio.FIRST_COMPLETED
    )
    took = loop.time() - started
    for future in ended:
        future.result()
    for lane in open_lanes:
        lane.done.cancel()
        lane.transport.abort()
    return Driven(
        [lane.answers for lane in open_lanes], took, max(lane.largest for lane in open_lanes)
    )
