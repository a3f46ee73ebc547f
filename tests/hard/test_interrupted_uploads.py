"""Uploads that go on through kills and power cuts: what was acknowledged is never sent again."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking
from tests.api.inveniordm.filing import begun, commit, content
from tests.hard.disks import mounted, service_on
from tests.hard.writers import client, free_port
from tests.running import Running

TUS = {"Tus-Resumable": "1.0.0"}
DATA = os.urandom(4_000_000)
LONG = os.urandom(20_000_000)
PIECE = 700_000  # bytes, at most


class Sender:
    """A client that sends something piece by piece until all is there, whatever happens between.

    Until `ending` is set its pieces are ever smaller: it does not end before.
    """

    def __init__(self, running: Running, sent: bytes) -> None:
        self.sent = sent
        self.ending = Event()
        self.done = Event()
        self.faults: list[str] = []
        self._asking = client(running, timeout=10)
        self._pid = begun(self._asking, "a.bin")
        made = self._asking.post(
            content(self._pid, "a.bin"), headers=TUS | {"Upload-Length": str(len(self.sent))}
        )
        self._url = made.headers["Location"]
        self.acknowledged = 0
        self.interrupted = 0
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Let it end: the file is what was sent, and nothing was sent for nothing."""
        self.ending.set()
        self._thread.join(60)
        assert self.done.is_set()
        assert self.faults == []
        assert self.interrupted > 0
        entry = commit(self._asking, self._pid, "a.bin")
        assert entry["sha256"] == hashlib.sha256(self.sent).hexdigest()
        self._asking.close()

    def _work(self) -> None:
        while self.acknowledged < len(self.sent):
            try:
                self._go_on()
            except httpx.TransportError:
                self.interrupted += 1
                time.sleep(0.05)
        self.done.set()

    def _go_on(self) -> None:
        said = self._asking.head(self._url, headers=TUS)
        if said.status_code == 423 or said.status_code >= 500:  # not let go of yet, or no disk
            self.interrupted += said.status_code >= 500
            time.sleep(0.05)
            return
        if said.status_code != 200:
            self.faults.append(f"HEAD was answered {said.status_code}: {said.headers}")
            self.acknowledged = len(self.sent)
            return
        at = int(said.headers["Upload-Offset"])
        if at < self.acknowledged:
            self.faults.append(f"{self.acknowledged} bytes were acknowledged, {at} are there")
        while at < len(self.sent):
            most = PIECE if self.ending.is_set() else 1 + (len(self.sent) - at) // 50
            piece = self.sent[at : at + random.randint(1, most)]
            sent = {
                "Content-Type": "application/offset+octet-stream",
                "Upload-Offset": str(at),
            }
            answer = self._asking.patch(self._url, headers=TUS | sent, content=piece)
            if answer.status_code != 204:
                self.interrupted += 1
                time.sleep(0.05)
                return
            at = self.acknowledged = int(answer.headers["Upload-Offset"])
        self.acknowledged = at


def interrupt(running: Running, once: Callable[[], None], times: int, sent: bytes) -> None:
    """Interrupt an upload so often, and then let it end."""
    sender = Sender(running, sent)
    for _ in range(times):
        time.sleep(random.uniform(0.05, 0.4))
        once()
    sender.check()
    audited = running.cli("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    """A service that keeps its port."""
    with Running(data, "--port", free_port()) as running:
        yield running


@pytest.mark.parametrize(
    "sent", [DATA, pytest.param(LONG, marks=pytest.mark.soak)], ids=["short", "long"]
)
def test_an_upload_goes_on_after_kills(running: Running, sent: bytes) -> None:
    """Of a worker, with the next worker; of everything, when it is there again."""
    kinds = iter(("worker", "everything", "worker"))

    def kill() -> None:
        if next(kinds) == "everything":
            running.kill()
            running.start()
        elif workers := running.processes("worker"):
            os.kill(random.choice(workers), signal.SIGKILL)

    interrupt(running, kill, 3, sent)


@pytest.mark.parametrize(
    ("cuts", "sent"),
    [(1, DATA), pytest.param(10, LONG, marks=pytest.mark.soak)],
    ids=["short", "long"],
)
def test_an_upload_goes_on_after_power_cuts(tmp_path: Path, cuts: int, sent: bytes) -> None:
    """With no byte less than was acknowledged."""
    with mounted(tmp_path, 1 << 30) as disk:
        running = service_on(disk)
        running.start()

        def cut() -> None:
            disk.cut_power()
            running.kill()
            disk.unmount()
            disk.mount()
            running.start()

        try:
            interrupt(running, cut, cuts, sent)
        finally:
            running.kill()


def test_the_follower_removes_what_nothing_names(running: Running) -> None:
    """At its start and from then on; what is named, and what is younger, it leaves."""
    with client(running) as admin:
        pid = begun(admin, "a.bin")
        kept = hashlib.sha256(DATA).hexdigest()
        admin.put(content(pid, "a.bin"), content=DATA)
    blobs = running.data / "blobs"
    lying = blobs / "aa" / "bb" / ("aabb" + "0" * 60)
    lying.parent.mkdir(parents=True)
    lying.write_bytes(b"tin")
    then = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for each in (lying, blobs / kept[:2] / kept[2:4] / kept):
        os.utime(each, (then, then))
    with database(DataFolder(running.data), "test") as url, psycopg.connect(url) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(
            "UPDATE es.event SET recorded_at = recorded_at - interval '1 year'"
            " WHERE position = (SELECT min(position) FROM es.event)"
        )
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    running.stop()
    running.start()

    until = time.monotonic() + 20
    while lying.exists():
        assert time.monotonic() < until
        time.sleep(0.05)

    assert (blobs / kept[:2] / kept[2:4] / kept).exists()
    assert "Removed 1 blobs that nothing names, 3 bytes" in running.log.read_text()
    with asking.client(running, running.admin_token) as admin:
        assert commit(admin, pid, "a.bin")["sha256"] == kept
