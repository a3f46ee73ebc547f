"""Many requests on few kept connections, as bytes: thousands are asked within seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

CONNECTIONS = 4
PART = 200  # requests that one connection sends before another may have its turn


class Request(NamedTuple):
    """What is sent; the path with its query."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None


class Answer(NamedTuple):
    """What came back: the body as text, and all headers as one."""

    status: int
    headers: str
    body: str


def answers(url: str, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
    """Give each request with its answer."""
    sent = list(requests)
    parts = [sent[at : at + PART] for at in range(0, len(sent), PART)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for part in pool.map(lambda part: list(each_in_turn(url, part)), parts):
            yield from part


def each_in_turn(url: str, requests: Iterable[Request]) -> Iterator[tuple[Request, Answer]]:
    """Give each request with its answer; the next is made when the answer has been looked at."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    for each in requests:
        connection.request(each.method, each.path, each.body, dict(each.headers))
        got = connection.getresponse()
        body = got.read().decode(errors="replace")
        yield each, Answer(got.status, str(got.headers), body)
    connection.close()
