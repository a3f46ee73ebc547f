"""Requests as bytes on a socket: for what no client library would send."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.running import Running


class Answer(NamedTuple):
    """What came back: 0 as the status means that the connection was closed without a word."""

    status: int
    head: str
    body: bytes


def send(running: Running, request: bytes, *, ends: bool = False) -> Answer:
    """Send bytes and read until the service closes. The request should say `Connection: close`.

    `ends` closes our side after the last byte, as the end of a client does.
    """
    with opened(running, request) as connection:
        if ends:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        return received(connection)


@contextmanager
def opened(running: Running, request: bytes) -> Iterator[socket.socket]:
    """Give the connection on which a request, or its beginning, was sent."""
    place = urlsplit(running.url)
    with socket.create_connection((place.hostname or "", place.port or 0), 10) as connection:
        connection.settimeout(10)
        # Refused before the end; the answer may be there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        yield connection


def received(connection: socket.socket) -> Answer:
    """Read until the service closes."""
    read = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    return Answer(int(head.split(b" ", 2)[1]) if head else 0, head.decode("latin-1"), body)


def chunks(body: bytes) -> list[bytes]:
    """Return the chunks of a body that came in chunks (RFC 9112, 7.1), the empty last one apart."""
    found = []
    while body:
        size, _, body = body.partition(b"\r\n")
        found.append(body[: int(size, 16)])
        body = body[len(found[-1]) + 2 :]
    return found[:-1]


def request(
    method: str, target: str, token: str, *headers: str, body: bytes = b"", host: str = "localhost"
) -> bytes:
    """Return a request's bytes; `headers` are whole lines, and frame the body themselves."""
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {token}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
