"""A full disk: writes are refused with 507, reads are answered, and writes come back with space."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import httpx
import psycopg
import pytest

from domain.storage.cluster import OWNER
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking, logging_in
from tests.hard.crew import Crew
from tests.hard.disks import Disk, mounted, service_on
from tests.hard.writers import SOON, Writers, client
from tests.running import ROOT, Running

SIZE = 512 << 20
RESERVE = 32 << 20  # the default of MUNIMENT_SPACE_RESERVE
WRITE = "SELECT pg_logical_emit_message(false, '', repeat('x', %s))"  # bytes, to the database's log


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of the test's own."""
    with mounted(tmp_path, SIZE) as made:
        yield made


@pytest.fixture
def running(disk: Disk) -> Iterator[Running]:
    """A service on it."""
    with _serving(disk) as service:
        yield service


@contextmanager
def _serving(disk: Disk, **settings: str) -> Iterator[Running]:
    service = service_on(disk, first=False, **settings)
    service.start()
    try:
        yield service
    finally:
        service.kill()


class Readers(Crew):
    """Threads that read what may be remembered and what cannot be, for the block."""

    def __init__(self, running: Running, objects: list[str]) -> None:
        self.answers = 0
        self.faults: list[str] = []
        self._running = running
        self._paths = ["/api/v1/objects/?limit=5"]
        for number in objects:
            self._paths += [f"/objects/{number}", f"/objects/{number}/versions/0"]
        super().__init__(self._read, 2)

    def _read(self) -> None:
        with client(self._running) as asking:
            while not self._stop.is_set():
                for path in self._paths:
                    try:
                        answer = asking.get(path)
                    except httpx.TransportError as error:
                        self.faults.append(f"{path}: {type(error).__name__}: {error}")
                        continue
                    self.answers += 1
                    if answer.status_code not in (200, 302):
                        self.faults.append(f"{path}: {answer.status_code} {answer.text[:200]}")
                self._stop.wait(0.01)


def test_below_the_reserve_writes_are_refused_and_reads_are_answered(
    disk: Disk, running: Running
) -> None:
    """507 says what is wrong, and so does /health; with space again, writes succeed."""
    writers = Writers(running)
    disk.fill(leave=RESERVE - (1 << 20))
    with client(running) as asking, Readers(running, writers.shared) as readers:
        for _ in range(20):
            refused = asking.post(f"/objects/{writers.shared[0]}/versions/", json={"data": {}})
            assert refused.status_code == 507
            assert "disk is full" in refused.json()["message"]
        health = asking.get("/health")
        time.sleep(1)
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert "disk is full" in health.json()["problems"][0]
    assert readers.faults == []
    assert readers.answers > 50

    disk.empty()

    assert writers.answered_again() < SOON
    writers.check()


def test_below_the_reserve_credentials_are_ended_all_the_same(disk: Disk, running: Running) -> None:
    """Tokens, by their owner, and programs' logins, by either: at once, as long as half is left.

    With less of it, 507, and nothing is lost: a credential that is not ended works on.
    """
    with client(running) as owner, asking.client(running) as nobody:
        tokens = [owner.post("/api/me/tokens", json={"name": "tin"}).json() for _ in range(2)]
        programs = []
        for _ in range(2):
            codes = logging_in.begun(nobody)
            logging_in.decided(nobody, codes.user, running.admin_name, running.admin_password)
            programs.append(logging_in.polled(nobody, codes).json())
        newest = owner.get("/api/me/logins").json()["hits"]["hits"][0]["id"]
        disk.fill(leave=RESERVE - (1 << 20))

        refused = owner.post("/api/me/tokens", json={"name": "tin"})
        form = {"token": programs[0]["refresh_token"], "client_id": logging_in.CLIENT}
        ended = [
            owner.delete(f"/api/me/tokens/{tokens[0]['id']}"),
            owner.delete(f"/api/me/logins/{newest}"),
            nobody.post("/oauth/revoke", data=form),
        ]
        disk.fill(leave=RESERVE // 2 - (1 << 20))
        too_late = owner.delete(f"/api/me/tokens/{tokens[1]['id']}")

        assert refused.status_code == 507
        assert [each.status_code for each in ended] == [204, 204, 200]
        assert too_late.status_code == 507
        shown = [tokens[0]["token"], *(each["access_token"] for each in programs)]
        for secret, status in (*((each, 401) for each in shown), (tokens[1]["token"], 200)):
            answer = nobody.get("/api/user/records", headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == status


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_that_would_take_the_reserve_is_refused(
    disk: Disk, running: Running, chunked: bool
) -> None:
    """507, whether its length was announced or not; what was there is there, and all is given back.

    Without a length nobody knows before: it ends where the reserve begins.
    """
    disk.fill(leave=RESERVE + (64 << 20))
    before = disk.free()
    with client(running) as asking:
        pid = asking.post("/api/records", json={"files": {"enabled": True}}).json()["id"]
        files = f"/api/records/{pid}/draft/files"
        asking.post(files, json=[{"key": "small"}, {"key": "large"}])
        assert asking.put(f"{files}/small/content", content=b"tin").status_code == 200
        assert asking.post(f"{files}/small/commit").status_code == 200
        body = bytes(96 << 20)
        sent = (body[at : at + (1 << 20)] for at in range(0, len(body), 1 << 20))
        refused = asking.put(f"{files}/large/content", content=sent if chunked else body)
        assert refused.status_code == 507, refused.text
        assert "disk is full" in refused.json()["message"]
        assert asking.get(f"{files}/large").json()["status"] == "pending"
        assert asking.get(f"{files}/small/content").content == b"tin"
        assert asking.put(f"{files}/large/content", content=bytes(1 << 20)).status_code == 200
    assert disk.free() > before - (16 << 20)  # but for what the database wrote meanwhile
    assert not list((running.data / "blobs" / "incoming").iterdir())


def test_below_the_reserve_a_load_stops_and_goes_on_with_the_space(
    disk: Disk, running: Running
) -> None:
    """It keeps the same reserve as the service, says so, and ends with exit code 1."""
    sample = ("specimens.jsonl", "--schema", "specimen.schema.json")
    words = [str(ROOT / "scripts" / "sample" / each) if "." in each else each for each in sample]
    disk.fill(leave=RESERVE - (1 << 20))

    stopped = running.cli("load", *words)

    assert stopped.returncode == 1
    assert "stopped at line 1;" in stopped.stderr
    assert "disk is full" in stopped.stderr
    disk.empty()
    assert "108 versions stored (40 new objects)" in running.cli("load", *words).stderr


def test_reads_go_on_when_the_last_byte_is_taken_while_clients_write(
    disk: Disk, running: Running
) -> None:
    """Also when the database's log had no spare segment: it must not stop for want of one."""
    _fill_while_writing(disk, running, seconds=3)


@pytest.mark.soak
def test_reads_go_on_for_minutes_without_a_byte_free(disk: Disk, running: Running) -> None:
    """The long form: what runs now and then in the database needs no space either."""
    _fill_while_writing(disk, running, seconds=120)


def test_a_database_killed_on_a_full_disk_is_back_with_the_space(
    disk: Disk, running: Running
) -> None:
    """PostgreSQL begins with files of its own: without a byte it may have to wait for some."""
    writers = Writers(running)
    disk.fill()
    (killed,) = running.processes("postgres")
    os.kill(killed, signal.SIGKILL)
    time.sleep(4)

    disk.empty()

    assert writers.answered_again() < SOON
    writers.check()


@pytest.mark.alone
def test_a_start_on_a_full_disk_waits_for_space(disk: Disk, running: Running) -> None:
    """It says so, and serves as soon as there is some."""
    writers = Writers(running)
    running.stop()
    disk.fill()
    Timer(3, disk.empty).start()

    running.start()

    assert "There is no space" in running.log.read_text()
    assert writers.answered_again() < SOON
    writers.check()


def test_without_a_reserve_nothing_that_was_acknowledged_is_lost(disk: Disk) -> None:
    """The writers take the last byte themselves; the database may stop, and comes back."""
    with _serving(disk, MUNIMENT_SPACE_RESERVE="0") as running:
        writers = Writers(running, largest=400_000)
        disk.fill(leave=8 << 20)
        with writers:
            time.sleep(5)
            disk.empty()
            assert writers.answered_again() < SOON
        assert writers.sent_again > 0
        writers.check()


def _fill_while_writing(disk: Disk, running: Running, seconds: float) -> None:
    writers = Writers(running, patience=seconds + 60)
    with writers, Readers(running, writers.shared) as readers:
        time.sleep(0.5)
        with _superuser(running) as conn:
            _use_up_spare_segments(conn)
            disk.fill()
            time.sleep(seconds)
            conn.execute(WRITE, [8 << 20])  # as much as its own upkeep might write
            conn.execute("CHECKPOINT")
        assert disk.free() < 1 << 20
        assert readers.faults == []
        disk.empty()
        took = writers.answered_again()
    assert took < SOON
    assert readers.faults == []
    assert readers.answers > 50 * seconds
    assert writers.sent_again > 0
    writers.check()


@contextmanager
def _superuser(running: Running) -> Iterator[psycopg.Connection]:
    with (
        database(DataFolder(running.data), "test") as url,
        psycopg.connect(url.replace(OWNER, "postgres"), autocommit=True) as conn,
    ):
        yield conn


def _use_up_spare_segments(conn: psycopg.Connection) -> None:
    """Write to the database's log until 1 MiB is left of the last segment that it has."""
    spare = """SELECT count(*) FROM pg_ls_waldir()
        WHERE name > pg_walfile_name(pg_current_wal_insert_lsn())"""
    while conn.execute(spare).fetchone() != (0,):
        conn.execute("SELECT pg_logical_emit_message(false, '', ''), pg_switch_wal()")
    used = "SELECT file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())"
    (offset,) = conn.execute(used).fetchone() or (0,)
    conn.execute(WRITE, [(15 << 20) - offset])
