"""Bodies of many clients at once: bounded in memory and time, and nobody else waits for them."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.api import asking, raw
from tests.api.asking import API, User
from tests.running import Running

LIMIT = 1 << 20  # bytes of a body
TOGETHER = 4  # such bodies that a worker holds
SECONDS = 5  # that a body may take


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of one worker with tighter limits."""
    running = Running(
        tmp_path_factory.mktemp("strict") / "data",
        *("--workers", "1"),
        MUNIMENT_MAX_JSON_BYTES=str(LIMIT),
        MUNIMENT_BODY_TIMEOUT=str(SECONDS),
        MUNIMENT_MAX_JSON_DEPTH="254",
    )
    with running:
        yield running


@pytest.fixture(scope="module")
def eve(strict: Running) -> Iterator[User]:
    """Its administrator."""
    with asking.client(strict, strict.admin_token) as client:
        yield User(strict.admin_name, strict.admin_token, client)


@pytest.fixture(scope="module")
def action(eve: User) -> int:
    """An action whose objects may be any JSON."""
    return asking.action(eve.client, {})


def _large(action: int) -> bytes:
    head = b'{"action_id":%d,"data":"' % action
    return head + b"x" * (LIMIT - len(head) - 2) + b'"}'


def _opened(
    running: Running,
    stack: ExitStack,
    token: str,
    body: bytes,
    path: str = f"{API}/objects/",
    *,
    left: int = 1,
) -> socket.socket:
    """Send a request without the last bytes of its body."""
    place = urlsplit(running.url)
    made = stack.enter_context(socket.create_connection((place.hostname or "", place.port or 0)))
    made.settimeout(30)
    length = f"Content-Length: {len(body)}"
    made.sendall(raw.request("POST", path, token, length, body=body[:-left]))
    return made


def _answer(connection: socket.socket) -> raw.Answer:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return raw.Answer(int(head.split(b" ", 2)[1]), head.decode("latin-1"), body)


def test_bodies_past_what_is_held_together_are_refused_and_the_others_taken(
    strict: Running, eve: User, action: int
) -> None:
    """503 with Retry-After for one large body too many; small ones are taken all the while."""
    before = asking.stored(strict)
    body = _large(action)
    with ExitStack() as stack:
        waiting = [_opened(strict, stack, eve.token, body) for _ in range(TOGETHER + 1)]
        refused = select.select(waiting, [], [], 30)[0]
        asking.new_object(eve.client, action)
        for each in waiting:
            if each not in refused:
                each.sendall(body[-1:])
        [answer] = [_answer(each) for each in refused]
        taken = [_answer(each) for each in waiting if each not in refused]

    assert answer.status == 503
    assert "retry-after: 1" in answer.head.lower()
    assert list(json.loads(answer.body)) == ["message"]
    assert [each.status for each in taken] == [201] * TOGETHER
    assert asking.stored(strict)[1] == before[1] + TOGETHER + 1


def test_what_ended_is_no_longer_held(strict: Running, eve: User, action: int) -> None:
    """Large bodies one after the other, refused ones and broken ones among them, go on for ever."""
    body = _large(action)
    with ExitStack() as stack:
        for _ in range(TOGETHER):
            _opened(strict, stack, eve.token, body)  # and it goes away
    while eve.client.post(f"{API}/objects/", content=body).status_code == 503:
        time.sleep(0.05)  # that they went has not been seen of all
    for _ in range(TOGETHER):
        assert eve.client.post(f"{API}/objects/", content=body[:-1]).status_code == 400
        assert eve.client.post(f"{API}/objects/", content=body).status_code == 201


def test_a_body_that_comes_too_slowly_is_refused(strict: Running, eve: User, action: int) -> None:
    """408, though a byte comes again and again; nothing is stored.

    IceProd's client would send it again, for minutes: 400 in its door.
    """
    before = asking.stored(strict)
    with ExitStack() as stack:
        body = b'{"action_id":%d,"data":{}}' % action + b" " * 1000
        slow = _opened(strict, stack, eve.token, body, left=1000)
        dataset = _opened(strict, stack, eve.token, b"{}", "/datasets")
        while not select.select([slow], [], [], SECONDS / 20)[0]:
            slow.sendall(b" ")
        answer, other = _answer(slow), _answer(dataset)

    assert answer.status == 408
    assert (other.status, json.loads(other.body)["code"]) == (400, 400)
    assert str(SECONDS) in json.loads(answer.body)["message"]
    assert asking.stored(strict) == before


def test_a_document_as_deep_as_can_be_set_is_taken_and_no_deeper(eve: User, action: int) -> None:
    """254 levels, the body's own among them."""
    deep = "[" * 253 + "]" * 253

    path = asking.post(eve.client, f"{API}/objects/", deep, action_id=action).headers["Location"]

    assert asking.data_of(eve.client.get(path)) == deep.encode()
    refused = asking.post(eve.client, f"{API}/objects/", f"[{deep}]", action_id=action)
    assert refused.status_code == 400
    assert "254" in refused.json()["message"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "unknown", "identity, gzip"])
def test_an_encoded_body_is_an_unsupported_media_type(
    strict: Running, eve: User, action: int, encoding: str
) -> None:
    """415 in the door's shape, with what would be taken; the connection serves on."""
    before = asking.stored(strict)
    body = b'{"action_id":%d,"data":{}}' % action

    refused = eve.client.post(
        f"{API}/objects/", content=body, headers={"Content-Encoding": encoding}
    )

    assert (refused.status_code, list(refused.json())) == (415, ["message"])
    assert refused.headers["Accept-Encoding"] == "identity"
    assert asking.stored(strict) == before


def test_a_body_that_says_it_is_not_encoded_is_taken(eve: User, action: int) -> None:
    """`Content-Encoding: identity` is what no Content-Encoding means."""
    body = b'{"action_id":%d,"data":{}}' % action
    headers = {"Content-Encoding": "Identity"}

    assert eve.client.post(f"{API}/objects/", content=body, headers=headers).status_code == 201
