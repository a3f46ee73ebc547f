"""`muniment reload`, SIGHUP and the stop: no request is lost, settings change."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from socket import socket
from threading import Event
from typing import Any, LiteralString

import httpx
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from projections.follower import LOCK
from scripts.reloads import reloads
from tests.api import asking, raw
from tests.running import Running, cli

_USERS = 4  # of the service at a time
_MANY = 20  # reloads of the long form
_SOON = 60.0  # seconds, on a machine that has other things to do
_HEARD = 0.5  # seconds in which a worker hears that it is to end
_FOLLOWS: LiteralString = """
    SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND objid = %(lock)s AND granted AND backend_start > %(before)s
"""
_HALF = b'{"action_id": '  # of a request's body, until the service is to end


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with a file of settings beside its data, and without a terminal."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "muniment.toml").touch()
    service = Running(folder / "data", MUNIMENT_CONFIG=str(folder / "muniment.toml"))
    service.under = ["env", "--default-signal=HUP", "setsid"]  # whoever runs us may ignore it
    with service:
        yield service


@pytest.fixture
def service(running: Running) -> Running:
    """It, when no web server of an earlier reload is left."""
    _until(lambda: len(running.processes("master")) == 1)
    return running


@pytest.fixture
def file(running: Running) -> Iterator[Path]:
    """Its file of settings, empty again after the test."""
    file = running.data.with_name("muniment.toml")
    yield file
    file.write_text("")


@pytest.fixture
def admin(service: Running) -> Iterator[httpx.Client]:
    """A client of it."""
    with asking.client(service, service.admin_token) as admin:
        yield admin


def test_no_request_fails_at_a_reload_under_load(
    service: Running, admin: httpx.Client, file: Path
) -> None:
    """On open and on new connections; what the file says now is in force when the verb ends."""
    file.write_text('max_json_bytes = "1KiB"\n')

    _reload_under_load(service, admin, times=1)

    assert admin.post("/api/v1/actions/", json={"name": "x" * 1025}).status_code == 413


@pytest.mark.soak
def test_no_request_fails_at_many_reloads_under_load(service: Running, admin: httpx.Client) -> None:
    """The long form."""
    _reload_under_load(service, admin, times=_MANY)


def test_a_request_that_has_begun_is_answered_across_a_reload(
    service: Running, admin: httpx.Client
) -> None:
    """SIGHUP asks for one where there is no terminal. The old master ends after the answer."""
    action = asking.action(admin)
    (old,) = service.processes("master")
    noted = reloads(service.data)
    before = noted.last().number
    with _half(service) as connection:
        os.kill(service.pid, signal.SIGHUP)
        _until(lambda: noted.last().number > before)
        time.sleep(_HEARD)
        assert old in service.processes("master")

        assert _finished(connection, action).status == 201

    _until(lambda: old not in service.processes("master"))


def test_the_new_follower_follows_when_a_reload_has_ended(service: Running) -> None:
    """It has the lock of who follows, and the old one is gone."""
    (old,) = service.processes("follower")
    with database(DataFolder(service.data), "test") as url, psycopg.connect(url) as conn:
        conn.autocommit = True
        (before,) = _one(conn, "SELECT clock_timestamp()")

        assert service.cli("reload").returncode == 0

        locked = _one(conn, _FOLLOWS, {"lock": LOCK, "before": before})
    (new,) = service.processes("follower")
    assert (locked, new != old) == ((1,), True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("workers = 300", "workers: expected a whole number"),
        ("workers = 20", "takes too few connections"),
        ('certfile = "none.pem"\nkeyfile = "none.pem"', "new workers could not start"),
        ('log_key = "short.key"', "new follower could not start"),
        ('log_key = "another.key"', "new follower could not start"),
        ('log_key = "no.key"', "new follower could not start"),
        ('log_key = "/"', "new follower could not start"),
        ('checkpoints = "/proc/none/checkpoints"', "new follower could not start"),
    ],
)
def test_with_settings_that_cannot_be_all_stays_as_it_was(
    service: Running, file: Path, text: str, why: str
) -> None:
    """Who asked is told why; the same processes go on, and no key is made."""
    before = _processes(service)
    for name, size in (("short.key", 5), ("another.key", 32)):
        file.with_name(name).write_bytes(b"x" * size)
    _until(lambda: bool(httpx.get(f"{service.url}/log/checkpoint").is_success))  # it has a key
    file.write_text(re.sub(r'"(\w+\.key)"', rf'"{file.parent}/\1"', text))

    refused = service.cli("reload")

    assert refused.returncode == 1
    assert "Not reloaded, all goes on as before" in refused.stderr
    assert why in refused.stderr
    _until(lambda: _processes(service) == before)
    assert not file.with_name("no.key").exists()


def test_a_reload_where_nothing_runs_is_refused(data: Path) -> None:
    """It makes no data folder either."""
    refused = cli("reload", "--data", str(data))

    assert (refused.returncode, "No service runs" in refused.stderr) == (1, True)
    assert not data.exists()


def test_a_request_that_has_begun_is_answered_at_a_stop(
    service: Running, admin: httpx.Client
) -> None:
    """The service ends after it, in order."""
    action = asking.action(admin)
    with ThreadPoolExecutor(1) as operator:
        with _half(service) as connection:
            stopped = operator.submit(service.stop)
            time.sleep(_HEARD)
            answer = _finished(connection, action)
        code = stopped.result()
    service.start()  # for the others of the module

    assert (answer.status, code) == (201, 0)


def _reload_under_load(service: Running, admin: httpx.Client, times: int) -> None:
    """Reload so often while others use the service; read all that they wrote."""
    action, ended = asking.action(admin), Event()
    with ThreadPoolExecutor(_USERS) as users:
        journals = [
            users.submit(_use, service, action, ended, stays=number % 2 == 0)
            for number in range(_USERS)
        ]
        try:
            for _ in range(times):
                reloaded = service.cli("reload")
                assert reloaded.returncode == 0, reloaded.stderr
        finally:
            ended.set()
    written = [number for journal in journals for number in journal.result()]
    assert len(set(written)) == len(written) >= _USERS
    for number in written:
        assert admin.get(f"/api/v1/objects/{number}/versions/0").status_code == 200


def _use(service: Running, action: int, ended: Event, *, stays: bool) -> list[int]:
    """Write and read until told to end, on a connection that stays or on one each time.

    Returns what was written.
    """
    written: list[int] = []
    while not (ended.is_set() and written):
        with asking.client(service, service.admin_token) as user:
            written.append(asking.new_object(user, action))
            while stays and not ended.is_set():
                written.append(asking.new_object(user, action))
                read = user.get(f"/api/v1/objects/{written[-1]}/versions/0")
                assert read.status_code == 200, read.text
    return written


def _half(service: Running) -> AbstractContextManager[socket]:
    """Give a connection on which half a request has come."""
    head = (
        "POST /api/v1/objects/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {service.admin_token}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return raw.opened(service, head.encode() + b"%x\r\n%s\r\n" % (len(_HALF), _HALF))


def _finished(connection: socket, action: int) -> raw.Answer:
    """Send the other half; return the answer, after which the service closes."""
    rest = b'%d, "data": {"name": "tin"}}' % action
    connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(rest), rest))
    return raw.received(connection)


def _processes(service: Running) -> list[list[int]]:
    return [service.processes(role) for role in ("master", "worker", "follower")]


def _one(conn: psycopg.Connection[Any], statement: LiteralString, params: Any = None) -> Any:
    return conn.execute(statement, params).fetchone()


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + _SOON
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
