"""Idempotency-Key: a POST that is sent again is carried out once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from domain.commands import objects
from domain.identifiers import account_id
from domain.intake import Document
from domain.log import Retry
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.values import Body
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running
from tests.writing import actor


def keyed(key: str | None = None) -> dict[str, str]:
    """Return a header with a key, a fresh one if none is given."""
    return {"Idempotency-Key": key or str(uuid4())}


def new_object(action: int, text: str = "") -> bytes:
    """Return a body of POST /objects/."""
    return json.dumps({"action_id": action, "data": {"text": text}}).encode()


Request = tuple[str, bytes]


def _requests(action: int, number: int) -> list[Request]:
    made = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": {}}
    return [
        (f"{API}/objects/", new_object(action)),
        ("/objects/", new_object(action)),
        (f"{API}/objects/{number}/versions/", b'{"data":{}}'),
        (f"{API}/actions/", json.dumps(made).encode()),
    ]


@pytest.mark.parametrize("which", range(4))
def test_a_post_that_is_sent_again_gets_the_first_answer(
    server: Running, admin: User, action: int, which: int
) -> None:
    """Status, body, Location and ETag; marked; and nothing more is stored."""
    path, body = _requests(action, asking.new_object(admin.client, action))[which]
    headers = keyed()

    first = admin.client.post(path, content=body, headers=headers)
    stored = asking.stored(server)
    again = [admin.client.post(path, content=body, headers=headers) for _ in range(3)]

    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    for answer in again:
        assert answer.status_code == 201
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert answer.content == first.content
        assert answer.headers["Location"] == first.headers["Location"]
        assert answer.headers.get("ETag") == first.headers.get("ETag")
        assert answer.headers["Content-Type"] == first.headers["Content-Type"]
    assert asking.stored(server) == stored


def test_the_first_answer_stays_when_the_object_moves_on(ada: User, action: int) -> None:
    """It is what was told then, not what is so now."""
    number = asking.new_object(ada.client, action)
    path, headers = f"{API}/objects/{number}/versions/", keyed()
    first = ada.client.post(path, content=b'{"data":1,"version_id":1}', headers=headers)
    refused = first.status_code
    first = ada.client.post(path, content=b'{"data":{},"version_id":1}', headers=headers)
    asking.new_version(ada.client, number, "{}")

    again = ada.client.post(path, content=b'{"data":{},"version_id":1}', headers=headers)

    assert (refused, first.status_code, again.status_code) == (400, 201, 201)
    assert again.headers["Location"] == first.headers["Location"]


def test_a_key_with_another_body_is_refused(ada: User, action: int) -> None:
    """422: one of the two is not what its sender believes."""
    headers = keyed()
    ada.client.post(f"{API}/objects/", content=new_object(action, "a"), headers=headers)

    refused = ada.client.post(f"{API}/objects/", content=new_object(action, "b"), headers=headers)

    assert refused.status_code == 422
    assert "Idempotency-Key" in refused.json()["message"]


def test_a_key_at_another_address_is_refused(ada: User, action: int) -> None:
    """The same body is another request there."""
    headers = keyed()
    first, second = (asking.new_object(ada.client, action) for _ in range(2))
    body = b'{"data":{}}'
    ada.client.post(f"{API}/objects/{first}/versions/", content=body, headers=headers)

    refused = ada.client.post(f"{API}/objects/{second}/versions/", content=body, headers=headers)

    assert refused.status_code == 422


def test_a_key_at_the_same_address_without_its_slash_gets_the_first_answer(
    server: Running, ada: User, action: int
) -> None:
    """A collection answers at both: one request, whichever was asked first."""
    number = asking.new_object(ada.client, action)
    paths = (f"{API}/objects/{number}/versions/", f"{API}/objects/{number}/versions")

    for first, second in (paths, paths[::-1]):
        headers = keyed()
        made = ada.client.post(first, content=b'{"data":{}}', headers=headers)
        stored = asking.stored(server)
        again = ada.client.post(second, content=b'{"data":{}}', headers=headers)
        assert (made.status_code, again.status_code) == (201, 201)
        assert again.headers["Location"] == made.headers["Location"]
        assert asking.stored(server) == stored


def test_a_key_is_its_accounts_own(ada: User, bob: User, action: int) -> None:
    """Two users who chose the same key know nothing of each other."""
    headers = keyed()
    body = new_object(action)

    hers = ada.client.post(f"{API}/objects/", content=body, headers=headers)
    his = bob.client.post(f"{API}/objects/", content=body, headers=headers)

    assert (hers.status_code, his.status_code) == (201, 201)
    assert hers.headers["Location"] != his.headers["Location"]
    assert "Idempotent-Replayed" not in his.headers


def test_a_request_that_was_refused_may_be_sent_again_with_its_key(ada: User, action: int) -> None:
    """A refusal stores nothing, its key neither."""
    headers = keyed()
    refused = ada.client.post(f"{API}/objects/", content=b'{"action_id":0}', headers=headers)

    made = ada.client.post(f"{API}/objects/", content=new_object(action), headers=headers)

    assert (refused.status_code, made.status_code) == (400, 201)
    assert "Idempotent-Replayed" not in made.headers


@pytest.mark.parametrize(("length", "status"), [(0, 400), (1, 201), (255, 201), (256, 400)])
def test_a_key_has_1_to_255_characters(ada: User, action: int, length: int, status: int) -> None:
    """Else 400 that says so."""
    key = (str(uuid4()) * 8)[:length]

    answer = ada.client.post(
        f"{API}/objects/", content=new_object(action), headers={"Idempotency-Key": key}
    )

    assert answer.status_code == status
    assert status == 201 or "255" in answer.json()["message"]


def test_a_key_may_hold_any_character_of_a_header(ada: User, action: int) -> None:
    """Latin-1 as it is sent, quotes and percent signs."""
    key = f"\"%00 {uuid4()} \xe4\xff'\\;".encode("latin-1")

    answers = [
        ada.client.post(
            f"{API}/objects/", content=new_object(action), headers=[(b"Idempotency-Key", key)]
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"


def test_of_equal_requests_at_the_same_time_one_is_carried_out(
    server: Running, ada: User, action: int
) -> None:
    """The others hear 409 while it runs, or its answer: never a second object."""
    headers, body = keyed(), new_object(action)
    _, before = asking.stored(server)
    together = threading.Barrier(8)

    def post(_: int) -> httpx.Response:
        together.wait()
        return ada.client.post(f"{API}/objects/", content=body, headers=headers)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(post, range(8)))

    statuses = {answer.status_code for answer in answers}
    made = {answer.headers["Location"] for answer in answers if answer.status_code == 201}
    assert 201 in statuses
    assert statuses <= {201, 409}
    assert len(made) == 1
    assert asking.stored(server)[1] == before + 1


def test_a_key_whose_first_request_still_runs_is_a_conflict(
    server: Running, ada: User, action: int
) -> None:
    """409 as long as the first waits, here for a lock; then its answer is given."""
    number = asking.new_object(ada.client, action)
    path, body, headers = f"{API}/objects/{number}/versions/", b'{"data":{}}', keyed()

    def post() -> httpx.Response:
        return ada.client.post(path, content=body, headers=headers)

    with (
        database(DataFolder(server.data), "test") as url,
        psycopg.connect(url) as holder,
        ThreadPoolExecutor(1) as thread,
    ):
        holder.execute("LOCK TABLE es.event IN EXCLUSIVE MODE")
        first = thread.submit(post)
        _until(lambda: _waiting(server) > 0)
        during = [post().status_code for _ in range(3)]
        holder.rollback()
        done = first.result()

    assert during == [409] * 3
    assert done.status_code == 201
    assert post().headers["Idempotent-Replayed"] == "true"


def _waiting(running: Running) -> int:
    [(count,)] = asking.query(
        running, "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
    )
    return int(count)


def _until(reached: Callable[[], bool]) -> None:
    for _ in range(500):
        if reached():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not come to that")


def test_a_key_that_has_expired_may_be_used_anew(server: Running, ada: User, action: int) -> None:
    """After 24 hours, as the row says; the first answer here was to be kept for no time at all."""
    headers = keyed()
    key = headers["Idempotency-Key"]
    document = Document(Body(b'{"name":"a"}'), {"name": "a"})
    told = (201, f"{API}/objects/0/versions/0", None)
    retry = Retry(key, "POST", f"{API}/objects/", "", lambda _made: told, timedelta())

    with database(DataFolder(server.data), "test") as url:
        settings = Settings(data=server.data).given("embedded", database_url=url)
        with wiring.log(settings) as log:
            writer = actor(account_id(ada.name))
            log.run_once(writer, retry, objects.create, action=action, document=document)
    anew = ada.client.post(f"{API}/objects/", content=new_object(action, "b"), headers=headers)
    again = ada.client.post(f"{API}/objects/", content=new_object(action, "b"), headers=headers)

    assert anew.status_code == 201
    assert "Idempotent-Replayed" not in anew.headers
    assert again.headers["Location"] == anew.headers["Location"] != told[1]
    lasting = "SELECT extract(epoch FROM expires_at - now()) FROM view.answers WHERE key = %s"
    [(lasts,)] = asking.query(server, lasting, key)
    assert 86_000 < lasts <= 86_400


def test_a_key_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """Also one in which everything is killed at once."""
    with Running(tmp_path / "data") as running:
        token = running.admin_token
        with asking.client(running, token) as client:
            action = asking.action(client)
            headers, body = keyed(), new_object(action)
            first = client.post(f"{API}/objects/", content=body, headers=headers)
        running.kill()
        running.start()
        with asking.client(running, token) as client:
            again = client.post(f"{API}/objects/", content=body, headers=headers)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
