"""SIGKILL of any process while clients write: what was acknowledged is there, once."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from tests.hard.writers import SOON, Writers, client, free_port
from tests.running import Running

ROLES = ("worker", "master", "follower", "postgres", "supervisor")
LONG = 32.0  # seconds: who waits twice as long before each next try would miss the next request


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    """A service of the test's own that keeps its port."""
    service = Running(data, "--port", free_port())
    service.start()
    yield service
    service.kill()


def test_what_was_acknowledged_before_a_kill_is_there_once(running: Running) -> None:
    """Each kind of process is killed while clients write."""
    _kill_while_writing(running, ROLES)


@pytest.mark.soak
def test_what_was_acknowledged_before_fifty_kills_is_there_once(running: Running) -> None:
    """The long form, in any order."""
    _kill_while_writing(running, random.choices(ROLES, k=50))


@pytest.mark.soak
def test_a_database_that_was_away_for_long_is_found_as_soon_as_it_is_back(data: Path) -> None:
    """Those who read meanwhile get 503; nobody waits for a next try long after."""
    folder = DataFolder(data.with_name("database"))
    with folder.held("test"):
        database = Server(folder)
        database.start()
        running = Running(data, DATABASE_URL=database.url())
        running.start()
        try:
            with client(running) as asking:
                assert database.pid is not None
                os.kill(database.pid, signal.SIGKILL)
                began = time.monotonic()
                while time.monotonic() - began < LONG:
                    assert asking.get("/api/v1/objects/").status_code == 503
                database.keep()
                assert asking.get("/api/v1/objects/").status_code == 200
        finally:
            running.kill()
            database.stop()


def _kill_while_writing(running: Running, roles: Sequence[str]) -> None:
    seen: set[tuple[int, str]] = set()
    writers = Writers(running)
    with writers:
        for role in roles:
            time.sleep(random.uniform(0.2, 1.0))
            seen |= _processes(running)
            if role == "supervisor":
                running.kill()
                running.start()
            else:
                while not (there := running.processes(role)):  # it was killed just before
                    time.sleep(0.05)
                os.kill(random.choice(there), signal.SIGKILL)
            assert writers.answered_again() < SOON, role
    assert writers.sent_again > 0
    writers.check()

    seen |= _processes(running)
    assert running.stop() == 0
    assert not [each for each in seen if _began(each[0]) == each[1]]
    assert DataFolder(running.data).holder() is None
    host, _, port = running.url.removeprefix("http://").partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def _processes(running: Running) -> set[tuple[int, str]]:
    """Process ids, each with what tells it from a later process of the same number."""
    return {(pid, began) for pid in running.everyone() if (began := _began(pid))}


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did. Source: proc(5), stat, field 22."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
