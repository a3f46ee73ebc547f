"""Connections: what follows a request on one, and how long one may wait."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.api import raw
from tests.api.asking import API, User
from tests.running import Running

PATIENCE = 80.0  # seconds in which whatever says too little is ended


@pytest.mark.parametrize(
    "nonsense", [b"NONSENSE\r\n\r\n", b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"]
)
def test_what_was_asked_whole_is_answered_though_nonsense_follows(
    server: Running, ada: User, action: int, nonsense: bytes
) -> None:
    """201 and no more: a refusal in its place would say that nothing was stored."""
    document = b'{"action_id":%d,"data":{}}' % action + b" " * 200_000
    length = f"Content-Length: {len(document)}"
    request = raw.request("POST", f"{API}/objects/", ada.token, length, body=document)
    kept = request.replace(b"Connection: close\r\n", b"")

    answer = raw.send(server, kept + nonsense)

    assert answer.status == 201
    assert b"HTTP/1.1 4" not in answer.body


def test_two_requests_at_once_get_two_answers(server: Running, ada: User) -> None:
    """In their order, the large one first."""
    first = raw.request("GET", f"{API}/users/me", ada.token).replace(b"Connection: close\r\n", b"")

    answer = raw.send(server, first + raw.request("GET", "/health", ada.token))

    assert answer.status == 200
    assert answer.body.count(b"HTTP/1.1 200") == 1
    assert b'"user_id"' in answer.body.partition(b"HTTP/1.1 200")[0]


SILENT = {
    "nothing": b"",
    "an empty line": b"\r\n",
    "half a head": b"GET /health HTTP/1.1\r\nHo",
    "a length without a body": b"GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n",
    "an empty line after an answer": b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n\r\n",
}


@pytest.mark.soak
def test_a_connection_that_says_too_little_is_ended(server: Running) -> None:
    """Whatever it began with: each would cost a descriptor for ever."""
    place = urlsplit(server.url)
    heard = dict.fromkeys(SILENT, b"")
    with ExitStack() as stack:
        opened = {}
        for name, said in SILENT.items():
            made = socket.create_connection((place.hostname or "", place.port or 0), PATIENCE)
            opened[name] = stack.enter_context(made)
            made.sendall(said)
        for name, connection in opened.items():
            while piece := connection.recv(65536):
                heard[name] += piece

    assert heard["nothing"] == heard["an empty line"] == b""
    assert heard["half a head"].startswith(b"HTTP/1.1 408 ")
    assert heard["a length without a body"].startswith(b"HTTP/1.1 408 ")
    assert heard["an empty line after an answer"].startswith(b"HTTP/1.1 200 ")
