"""The load: kept-alive connections on raw sockets, cheap enough that the server is the limit.

Each connection is a lane of ready-made requests, sent one after the other. One thread polls them
all: an event loop would take as much of the machine's two cores as a remembered answer does.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Sequence
from itertools import cycle
from time import monotonic

from msgspec import Struct

LENGTH = b"content-length: "
CHUNKED = b"transfer-encoding: chunked"
LAST_CHUNK = b"0\r\n\r\n"
PIECE = 64 << 10  # bytes read at once; for more, each read would map new memory


class Driven(Struct, frozen=True):
    """What a round did: answers on each lane, and how long it took."""

    answers: list[int]
    seconds: float


class Lane:
    """One connection and its requests."""

    def __init__(self, port: int, requests: Sequence[bytes], status: int, *, once: bool) -> None:
        self.requests = iter(requests) if once else cycle(requests)
        self.begins = b"HTTP/1.1 %d " % status
        self.empty = status == 304
        self.answers = 0
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""

    def send(self) -> bool:
        """Send the next request; False when there is none."""
        request = next(self.requests, None)
        if request is None:
            return False
        self.socket.sendall(request)
        return True

    def receive(self) -> bool:
        """Read what has come; whether the answer is whole."""
        data = self.socket.recv(PIECE)
        assert data, "the server closed the connection"
        if self._held:
            data = self._held + data
        whole = self._whole(data)
        self._held = b"" if whole else data
        self.answers += whole
        return whole

    def _whole(self, data: bytes) -> bool:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return False
        assert data.startswith(self.begins), f"not what was wanted: {data[:2000]!r}"
        if self.empty:
            return True
        head = data[:end].lower()
        _, found, length = head.partition(LENGTH)
        if found:
            return len(data) >= end + 4 + int(length.partition(b"\r")[0])
        assert CHUNKED in head
        return data.endswith(LAST_CHUNK)


def drive(
    port: int, lanes: Sequence[Sequence[bytes]], status: int, seconds: float, *, once: bool
) -> Driven:
    """Send requests for so many seconds; `once`: end when the first lane has sent all that it has.

    Raises AssertionError at the first answer with another status.
    """
    running = {}
    poll = select.epoll()
    for requests in lanes:
        lane = Lane(port, requests, status, once=once)
        running[lane.socket.fileno()] = lane
        poll.register(lane.socket, select.EPOLLIN)
    try:
        started = monotonic()
        for lane in running.values():
            lane.send()
        _exchange(poll, running, started + seconds)
        took = monotonic() - started
    finally:
        for lane in running.values():
            lane.socket.close()
        poll.close()
    return Driven([lane.answers for lane in running.values()], took)


def timed(port: int, lanes: Sequence[Sequence[bytes]], status: int = 200) -> list[float]:
    """Send all requests, those of a lane one after the other; return how long each took.

    In seconds. Raises AssertionError at the first answer with another status.
    """
    poll = select.epoll()
    running: dict[int, tuple[Lane, float]] = {}
    took = []
    for requests in lanes:
        lane = Lane(port, requests, status, once=True)
        poll.register(lane.socket, select.EPOLLIN)
        running[lane.socket.fileno()] = lane, monotonic()
        lane.send()
    while running:
        for descriptor, _ in poll.poll():
            lane, sent = running[descriptor]
            if lane.receive():
                now = monotonic()
                took.append(now - sent)
                running[descriptor] = lane, now
                if not lane.send():
                    poll.unregister(descriptor)
                    lane.socket.close()
                    del running[descriptor]
    poll.close()
    return took


def _exchange(poll: select.epoll, running: dict[int, Lane], until: float) -> None:
    while monotonic() < until:
        for descriptor, _ in poll.poll(1):
            lane = running[descriptor]
            if lane.receive() and not lane.send():
                return
