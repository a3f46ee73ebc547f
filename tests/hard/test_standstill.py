"""A database elsewhere that stands still: everybody is told so, and served when it goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from api.service import WRITERS
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from tests.api import asking
from tests.api.asking import API
from tests.running import Running

EACH = 12  # requests at once: more than a worker has connections for
WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND application_name = 'muniment writer'"
)


@contextmanager
def standing_still(database: Server) -> Iterator[None]:
    """Stop the server and all that it started."""
    assert database.pid is not None
    children = Path(f"/proc/{database.pid}/task/{database.pid}/children").read_text().split()
    everyone = [database.pid, *map(int, children)]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in everyone:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def elsewhere(data: Path) -> Iterator[tuple[Server, Running]]:
    """A database and a service of one worker on it."""
    folder = DataFolder(data.with_name("database"))
    folder.open()
    with folder.held("test"):
        database = Server(folder)
        database.start()
        running = Running(data, "--workers", "1", DATABASE_URL=database.url())
        running.start()
        try:
            yield database, running
        finally:
            running.kill()
            database.stop()


def test_who_asks_a_database_that_stands_still_is_told_so(
    elsewhere: tuple[Server, Running],
) -> None:
    """503 with Retry-After, before a minute is over."""
    database, running = elsewhere
    with asking.client(running, running.admin_token) as client, ThreadPoolExecutor(EACH) as pool:
        client.timeout = httpx.Timeout(60)
        path = f"{API}/objects/{asking.new_object(client, asking.action(client))}/versions/0"
        with standing_still(database):
            told = [each.result() for each in [pool.submit(client.get, path) for _ in range(EACH)]]

        _away(told)
        assert client.get(path).status_code == 200


@pytest.mark.soak
def test_a_save_that_a_database_standing_still_has_begun_ends_too(
    elsewhere: tuple[Server, Running],
) -> None:
    """503 as well, for every writer and those who wait for one; all can write afterwards."""
    database, running = elsewhere
    with (
        asking.client(running, running.admin_token) as client,
        psycopg.connect(database.url("postgres")) as holding,
        psycopg.connect(database.url("postgres"), autocommit=True) as looking,
        ThreadPoolExecutor(EACH) as pool,
    ):
        client.timeout = httpx.Timeout(120)
        number = asking.new_object(client, asking.action(client))
        path, body = f"{API}/objects/{number}/versions/", b'{"data":{"name":"tin"}}'
        holding.execute("SELECT FROM view.records WHERE number = %s FOR UPDATE", [number])
        posts = [pool.submit(client.post, path, content=body) for _ in range(EACH)]
        while (looking.execute(WAITING).fetchone() or (0,))[0] < WRITERS:
            pass
        with standing_still(database):
            told = [each.result() for each in posts]
        holding.commit()

        _away(told)
        assert asking.new_version(client, number, '{"name":"lead"}')


def _away(told: list[httpx.Response]) -> None:
    assert {each.status_code for each in told} == {503}
    assert {each.headers["Retry-After"] for each in told} == {"1"}
    assert {tuple(each.json()) for each in told} == {("message",)}
