"""`muniment serve`: what runs, what it says, how it ends."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from domain.storage.server import Server
from tests.api import raw
from tests.running import Running, cli, remove_sockets


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    """A service of the test's own, not started yet."""
    yield from _stopped(Running(data))


@pytest.fixture
def new(data: Path) -> Iterator[Running]:
    """A service of the test's own that was never started."""
    yield from _stopped(Running(data, first=True))


def _stopped(service: Running) -> Iterator[Running]:
    yield service
    service.kill()
    remove_sockets(service.data)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose processes may be killed: no other module asks it."""
    with Running(tmp_path_factory.mktemp("own") / "data") as service:
        yield service


@pytest.mark.soak
@pytest.mark.alone
def test_it_is_ready_in_five_seconds_on_a_new_folder(new: Running) -> None:
    """initdb, migrations and the first administrator included."""
    began = time.monotonic()
    new.start()

    assert time.monotonic() - began < 5
    assert httpx.get(f"{new.url}/health").status_code == 200


def test_the_first_start_shows_the_first_administrator_and_later_ones_do_not(new: Running) -> None:
    """Name, password and token, each good for a login; the data is reused."""
    new.start()
    said = new.said.read_text()
    command = re.search(r"Try: curl -H '(\S+): (.+)' (\S+)", said)
    assert command is not None
    header, value, url = command.groups()

    assert httpx.get(url, headers={header: value}).status_code == 200
    login = (new.admin_name, new.admin_password)
    assert httpx.get(f"{new.url}/api/v1/users/me", auth=login).status_code == 200

    new.stop()
    new.start()
    assert new.said.read_text()[len(said) :].startswith("Muniment listens at")
    assert httpx.get(f"{new.url}/api/v1/users/me", auth=login).status_code == 200


def test_the_keys_of_access_tokens_are_made_at_the_first_start(own: Running) -> None:
    """Before anybody has asked for a token; for the service's user alone."""
    assert (own.data / "oauth.keys").stat().st_mode & 0o777 == 0o600


def test_a_second_start_on_the_folder_is_refused(server: Running) -> None:
    """The message names the process that holds it."""
    refused = cli("serve", "--data", str(server.data), "--port", "0")

    assert refused.returncode == 1
    assert f"in use by process {server.pid}" in refused.stderr


def test_a_port_in_use_is_refused(server: Running, tmp_path: Path) -> None:
    """Before anything is made."""
    port = server.url.rpartition(":")[2]

    refused = cli("serve", "--data", str(tmp_path / "other"), "--port", port)

    assert refused.returncode == 1
    assert f"port {port}: Address already in use" in refused.stderr
    assert not (tmp_path / "other" / "postgres").exists()


def test_every_process_names_its_role(server: Running) -> None:
    """Operators find them by it."""
    counts = {
        role: len(server.processes(role)) for role in ("master", "worker", "follower", "postgres")
    }
    assert counts == {"master": 1, "worker": 2, "follower": 1, "postgres": 1}


@pytest.mark.parametrize("role", ["worker", "master", "follower", "postgres"])
def test_a_killed_process_is_started_again(own: Running, role: str) -> None:
    """Requests are answered soon after, without another start."""
    (killed, *_) = own.processes(role)
    subprocess.run(["kill", "-9", str(killed)], check=True)

    until = time.monotonic() + 10
    while killed in (now := own.processes(role)) or not now or not _reads(own):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_it_can_be_stopped_as_soon_as_it_is_up(data: Path) -> None:
    """A worker that still starts obeys too: nothing waits for the graceful time."""
    service = Running(data, MUNIMENT_GRACEFUL_TIMEOUT="25")
    service.start()
    began = time.monotonic()

    assert service.stop() == 0
    assert time.monotonic() - began < 15


def test_sigterm_ends_everything_in_order(running: Running) -> None:
    """Within eight seconds, with an idle connection open; nothing is left."""
    running.start()
    with httpx.Client() as client:
        client.get(f"{running.url}/health")
        everything = running.everyone()
        began = time.monotonic()
        assert running.stop() == 0

    assert time.monotonic() - began < 8
    assert not [pid for pid in everything if Path(f"/proc/{pid}/exe").exists()]
    assert running.log.read_text().count("Traceback") == 0


def test_kill_9_of_the_supervisor_leaves_nothing(running: Running) -> None:
    """The kernel ends its children; port and data are free at once."""
    running.start()
    everything = running.everyone()
    host, port = running.url.removeprefix("http://").split(":")

    running.kill()

    until = time.monotonic() + 5
    while [pid for pid in everything if Path(f"/proc/{pid}/exe").exists()]:
        assert time.monotonic() < until
        time.sleep(0.02)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    running.start()
    assert _reads(running)


@pytest.mark.parametrize("gone", ["2>/dev/full", "2>&-"])
def test_a_log_that_cannot_be_written_is_no_failure(running: Running, gone: str) -> None:
    """Full or closed: requests and refusals are answered as ever, and it ends in order."""
    running.under = ["/bin/sh", "-c", f'exec "$@" {gone}', "sh"]
    running.start()
    me = f"{running.url}/api/v1/users/me"

    for _ in range(20):
        assert _reads(running)
        assert httpx.get(me).status_code == 401
        assert httpx.get(f"{running.url}/nothing").status_code == 404
    assert running.stop() == 0


def test_without_tls_on_an_open_address_it_warns_once(data: Path, server: Running) -> None:
    """On loopback it says nothing."""
    service = Running(data, "--host", "0.0.0.0")  # noqa: S104
    service.start()
    service.stop()

    assert service.log.read_text().count("warning: without TLS") == 1
    assert "without TLS" not in server.log.read_text()


def test_it_serves_with_tls(data: Path, tmp_path: Path) -> None:
    """With a certificate and its key; the address says https."""
    openssl = shutil.which("openssl")
    assert openssl is not None
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    words = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -keyout {key}"
    words += f" -out {certificate} -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([openssl, *words.split()], check=True, capture_output=True)

    trust = ssl.create_default_context(cafile=certificate)

    service = Running(data, "--certfile", certificate, "--keyfile", key)
    service.start()
    try:
        assert service.url.startswith("https://")
        assert httpx.get(f"{service.url}/health", verify=trust).status_code == 200
    finally:
        service.stop()


def test_gunicorns_own_worker_serves_by_one_setting(data: Path) -> None:
    """The tested alternative to uvicorn under gunicorn: it believes proxies, and reloads so too."""
    service = Running(
        data,
        *("--worker-class", "asgi"),
        MUNIMENT_METRICS_FROM="192.0.2.7",
        MUNIMENT_GRACEFUL_TIMEOUT="0",
    )
    service.start()
    try:
        assert _reads(service)
        assert httpx.get(f"{service.url}/health").headers["server"] == "gunicorn/asgi"
        assert httpx.get(f"{service.url}/metrics").status_code == 401
        through = httpx.get(f"{service.url}/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
        assert through.status_code == 200
        token, body = service.admin_token, b'{"name": "laptop"}'
        framed = "Content-Type: application/json", f"Content-Length: {len(body)}"
        begun = raw.request("POST", "/api/me/tokens", token, *framed, body=body)
        with raw.opened(service, begun[:-1]) as connection:
            assert service.cli("reload").returncode == 0
            time.sleep(2)  # a worker that ends at once has ended
            connection.sendall(begun[-1:])
            assert raw.received(connection).status == 201
    finally:
        assert service.stop() == 0


def test_database_url_replaces_the_embedded_server(data: Path, postgres: Server) -> None:
    """No PostgreSQL is made or run; the verbs use the same one."""
    url = postgres.url(database="instead")
    with psycopg.connect(postgres.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute("CREATE DATABASE instead OWNER muniment_owner")
    service = Running(data, DATABASE_URL=url)
    service.start()
    try:
        assert _reads(service)
        assert service.processes("postgres") == []
        assert not (data / "postgres").exists()
        made = cli("token", "create", service.admin_name, "--data", str(data), DATABASE_URL=url)
        assert made.returncode == 0, made.stderr
    finally:
        service.stop()


@pytest.mark.alone
def test_idle_it_takes_at_most_400_mb(data: Path) -> None:
    """Proportional set size of the whole group, two workers that have answered."""
    service = Running(data)
    service.start()
    try:
        assert _reads(service)
        sizes = [_proportional_set_size(pid) for pid in service.everyone()]
    finally:
        service.stop()
    assert sum(sizes) < 400_000


def _reads(service: Running) -> bool:
    try:
        login = (service.admin_name, service.admin_password)
        answer = httpx.get(f"{service.url}/api/v1/users/me", auth=login, timeout=10)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def _proportional_set_size(pid: int) -> int:
    """In kB: memory that processes share is counted once in all."""
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    assert found is not None
    return int(found[1])
