"""The other ends of transfers, and what they cost without Muniment: run in processes of their own.

Clients do as little as can be done, so that the server is what is measured.
"""

from __future__ import annotations

import os
import select
import socket
from collections import deque
from collections.abc import Sequence
from hashlib import md5, sha256
from pathlib import Path
from time import monotonic

from scripts.bench.driver import Lane

PIECE = 1 << 20  # bytes at once


def stored(source: Path, target: Path) -> float:
    """Read a file, hash it twice and write it, durable, on one thread. Returns the seconds."""
    began = monotonic()
    digests = sha256(), md5(usedforsecurity=False)
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(PIECE):
            write.write(piece)
            for digest in digests:
                digest.update(piece)
        write.flush()
        os.fsync(write.fileno())
    took = monotonic() - began
    target.unlink()
    return took


def sent(port: int, head: bytes, source: Path) -> float:
    """Upload a file as the body of a request and return the seconds until the answer.

    Raises AssertionError for another answer than 200.
    """
    began = monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection, source.open("rb") as read:
        connection.sendall(head)
        connection.sendfile(read)
        answer = connection.recv(PIECE)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:2000]
    return monotonic() - began


def received(port: int, head: bytes, size: int) -> float:
    """Read an answer whose body has so many bytes, or what comes at once, and return the seconds.

    Raises AssertionError for another answer than 200.
    """
    began = monotonic()
    buffer = bytearray(PIECE)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head)
        first = connection.recv(PIECE)
        assert first.startswith(b"HTTP/1.1 200 "), first[:2000]
        left = size - (len(first) - first.index(b"\r\n\r\n") - 4)
        while left > 0:
            found = connection.recv_into(buffer)
            assert found, "the answer broke off"
            left -= found
    return monotonic() - began


def serve(listener: socket.socket, source: Path) -> None:
    """Answer one connection with a file, by sendfile(2)."""
    connection, _ = listener.accept()
    with connection, source.open("rb") as read:
        connection.recv(PIECE)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        size, at = os.fstat(read.fileno()).st_size, 0
        while at < size:
            at += os.sendfile(connection.fileno(), read.fileno(), at, size - at)


def steady(port: int, lanes: Sequence[Sequence[bytes]], rate: float, seconds: float) -> list[float]:
    """Send so many requests a second, whether or not answers come; return how long each took.

    In seconds, from when it was due. Raises AssertionError for another answer than 200.
    """
    free = [Lane(port, requests, 200, once=False) for requests in lanes]
    held = {lane.socket.fileno(): lane for lane in free}
    busy: dict[int, float] = {}
    due: deque[float] = deque()
    took = []
    poll = select.epoll()
    for descriptor in held:
        poll.register(descriptor, select.EPOLLIN)
    began = monotonic()
    next_due = began
    while (now := monotonic()) < began + seconds or busy:
        while next_due <= min(now, began + seconds):
            due.append(next_due)
            next_due += 1 / rate
        while due and free:
            lane = free.pop()
            busy[lane.socket.fileno()] = due.popleft()
            lane.send()
        for descriptor, _ in poll.poll(max(next_due - monotonic(), 0)):
            if held[descriptor].receive():
                took.append(monotonic() - busy.pop(descriptor))
                free.append(held[descriptor])
    poll.close()
    for lane in held.values():
        lane.socket.close()
    return took
