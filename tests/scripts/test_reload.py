"""`muniment reload`, SIGHUP and the stop: no request is lost, settings change."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from socket import socket
from threading import Event

import httpx
import pytest

from scripts.reloads import reloads
from tests.api import asking, raw
from tests.running import Running, cli

_USERS = 4  # of the service at a time
_MANY = 20  # reloads of the long form
_SOON = 60.0  # seconds, on a machine that has other things to do
_HEARD = 0.5  # seconds in which a worker hears that it is to end
_HALF = b'{"action_id": '  # of a request's body, until the service is to end


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of settings of the module's service."""
    made = tmp_path_factory.mktemp("settings") / "muniment.toml"
    made.touch()
    return made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, file: Path) -> Iterator[Running]:
    """A service with that file, and without a terminal."""
    data = tmp_path_factory.mktemp("service") / "data"
    service = Running(data, MUNIMENT_CONFIG=str(file))
    service.under = ["setsid"]
    with service:
        yield service


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


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("workers = 300", "workers: expected a whole number"),
        ('certfile = "none.pem"\nkeyfile = "none.pem"', "new workers could not start"),
    ],
)
def test_with_settings_that_cannot_be_all_stays_as_it_was(
    service: Running, file: Path, text: str, why: str
) -> None:
    """Who asked is told why; the same processes go on."""
    _until(lambda: len(service.processes("master")) == 1)
    before = service.processes("master"), service.processes("worker")
    file.write_text(text)
    try:
        refused = service.cli("reload")
    finally:
        file.write_text("")

    assert refused.returncode == 1
    assert "Not reloaded, all goes on as before" in refused.stderr
    assert why in refused.stderr
    _until(lambda: (service.processes("master"), service.processes("worker")) == before)


def test_a_reload_where_nothing_runs_is_refused(data: Path) -> None:
    """It makes no data folder either."""
    refused = cli("reload", "--data", str(data))

    assert (refused.returncode, "No service runs" in refused.stderr) == (1, True)
    assert not data.exists()


def test_a_request_that_has_begun_is_answered_at_a_stop(
    service: Running, admin: httpx.Client
) -> None:
    """The service ends after it, in order. The last of the module: it is not started again."""
    action = asking.action(admin)
    with ThreadPoolExecutor(1) as operator:
        with _half(service) as connection:
            stopped = operator.submit(service.stop)
            time.sleep(_HEARD)
            answer = _finished(connection, action)
        code = stopped.result()

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


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + _SOON
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
