"""Heavy work: it takes its turn, small writes go on meanwhile, a killed helper is replaced."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

pytestmark = pytest.mark.alone

LARGE = 8  # documents at once; all the threads of a worker, twice over
TAKEN = 3  # of them at most are answered while one small document is


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service of one worker."""
    with Running(tmp_path_factory.mktemp("single") / "data", "--workers", "1") as running:
        yield running


@pytest.fixture(scope="module")
def eve(single: Running) -> Iterator[User]:
    """Its administrator."""
    with asking.client(single, single.admin_token) as client:
        yield User(single.admin_name, single.admin_token, client)


def _large(size: int) -> bytes:
    """Return a document that takes long to be read, for its size."""
    return b'{"a":[' + b"[]," * (size // 3) + b"[]]}"


def test_small_writes_go_on_while_large_documents_are_examined(eve: User) -> None:
    """However many large ones there are."""
    action = asking.action(eve.client)
    large = _large(2 << 20)

    def post() -> httpx.Response:
        return asking.post(eve.client, f"{API}/objects/", large, action_id=action)

    with ThreadPoolExecutor(LARGE) as pool:
        posts = [pool.submit(post) for _ in range(LARGE)]
        wait(posts, return_when=FIRST_COMPLETED)
        asking.new_object(eve.client, action)
        done = sum(each.done() for each in posts)

    assert done <= TAKEN
    assert {each.result().status_code for each in posts} == {201}


def test_a_large_schema_takes_its_turn_and_holds_what_is_small(eve: User) -> None:
    """A small document that needs it is checked by it all the same."""
    properties = {f"property {n:06d}": {"type": "integer"} for n in range(5_000)}
    action = asking.action(eve.client, {"properties": properties})

    asking.new_object(eve.client, action, '{"property 000001":1}')
    refused = asking.post(
        eve.client, f"{API}/objects/", '{"property 000001":"x"}', action_id=action
    )

    assert refused.status_code == 400


def test_a_large_document_is_taken_once_under_its_key(eve: User) -> None:
    """Sent again, it is answered as the first time; another document under the key is refused."""
    action = asking.action(eve.client)
    body = b'{"action_id":%d,"data":%b}' % (action, _large(200_000))
    key = {"Idempotency-Key": "large"}

    first = eve.client.post(f"{API}/objects/", content=body, headers=key)
    again = eve.client.post(f"{API}/objects/", content=body, headers=key)
    other = eve.client.post(f"{API}/objects/", content=body + b" ", headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.headers["Location"] == again.headers["Location"]


def test_a_helper_that_was_killed_is_replaced(single: Running, eve: User) -> None:
    """The next large document is taken as if nothing had been."""
    action = asking.action(eve.client)
    asking.new_object(eve.client, action, _large(200_000))

    for pid in _helpers(single):
        os.kill(pid, signal.SIGKILL)

    asking.new_object(eve.client, action, _large(200_000))


def _helpers(running: Running) -> list[int]:
    """Return the helpers: children of the workers, each started by one of a worker's threads."""
    found = []
    for worker in running.processes("worker"):
        for children in Path(f"/proc/{worker}/task").glob("*/children"):
            found += [int(word) for word in children.read_text().split() if _is_helper(word)]
    assert found
    return found


def _is_helper(pid: str) -> bool:
    line = Path(f"/proc/{pid}/cmdline").read_bytes()
    return line.rstrip(b"\0 ") == b"muniment: helper"
