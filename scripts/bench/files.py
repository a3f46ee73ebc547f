"""Files against plain Python: uploads, downloads, memory, and reads beside an upload.

The floor of an upload reads the same bytes from a file, hashes them twice and writes them with
fsync, on one thread; that of a download is sendfile(2). Rounds alternate.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from time import sleep
from typing import Any

import orjson

from scripts.bench import processes, running, transfers
from scripts.bench.report import Row, median_ratio

MB = 1_000_000
SIZE = 1 << 30  # bytes of the file
ROUNDS = 5
RATE = 300.0  # reads a second
READERS = 8  # connections that read
SECONDS = 2.0  # of reads, within the time that an upload takes
SETTLES = 15.0  # seconds until a virtual machine has given freed memory back to its host
RECORD = {
    "files": {"enabled": False},
    "metadata": {
        "title": "Measurement",
        "creators": [{"person_or_org": {"type": "organizational", "name": "Laboratory"}}],
        "publication_date": "2020-06-01",
        "resource_type": {"id": "image-photo"},
    },
}
FEW = 25.0  # ms that a read may take beside an upload, whatever it takes without


class Bench:
    """A service, a file to be sent to it and two processes that do so."""

    def __init__(self, ours: running.Service, folder: Path, driver: ProcessPoolExecutor) -> None:
        self.ours = ours
        self.folder = folder
        self.driver = driver
        self.source = folder / "source"
        with self.source.open("wb") as file:
            for _ in range(SIZE >> 20):
                file.write(os.urandom(1 << 20))
        self.pid = self._ask("POST", "/api/records", {"files": {"enabled": True}})["id"]
        self.key = ""
        self.sent = 0

    def rows(self) -> Iterator[Row]:
        """Measure everything."""
        workers = processes.workers(self.ours.pid)
        self.upload()  # so that all that is made once is there
        before = [processes.peak(each, reset=True) for each in workers]
        yield self.uploads()
        yield self.downloads()
        grown = max(processes.peak(pid) - was for pid, was in zip(workers, before, strict=True))
        yield Row(name="a worker grows by, 1 GiB up and down", unit="MB", ours=grown / MB, most=30)
        yield self.reads()

    def uploads(self) -> Row:
        """PUT of 1 GiB."""
        ours, floor = [], []
        for _ in range(ROUNDS):
            self.renew()
            target = self.folder / "target"
            floor.append(self.driver.submit(transfers.stored, self.source, target).result())
            ours.append(self.upload())
        return _row("PUT 1 GiB", ours, floor, least=0.7)

    def downloads(self) -> Row:
        """GET of 1 GiB."""
        self._ask("POST", f"{self._file()}/commit")
        head = self._head("GET", f"{self._file()}/content")
        ours, floor = [], []
        with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as server:
            port = listener.getsockname()[1]
            for _ in range(ROUNDS):
                serving = server.submit(transfers.serve, listener, self.source)
                floor.append(self._run(port, head))
                serving.result()
                ours.append(self._run(self.ours.port, head))
        return _row("GET 1 GiB", ours, floor, least=0.6)

    def reads(self) -> Row:
        """GET a record 300 times a second, with and without an upload beside it.

        What is uploaded stays until the end: a virtual machine stops, for as long as 0.1 s, while
        its host takes back the memory of a file that was removed.
        """
        lanes = [[self._head("GET", f"/api/records/{self._record()}")] for _ in range(READERS)]
        port = self.ours.port
        idle, beside = [], []
        self._forget()
        sleep(SETTLES)
        for _ in range(ROUNDS):
            self.renew()
            idle.append(self.driver.submit(transfers.steady, port, lanes, RATE, SECONDS).result())
            uploading = self.driver.submit(transfers.sent, port, self._next(), self.source)
            sleep(0.3)
            beside.append(self.driver.submit(transfers.steady, port, lanes, RATE, SECONDS).result())
            uploading.result()
        ours, floor = median(map(_p99, beside)), median(map(_p99, idle))
        name = "GET a record at 300/s, p99 beside an upload"
        if ours <= FEW:
            return Row(name=name, unit="ms", ours=ours, floor=floor, most=FEW)
        return Row(name=name, unit="ms", ours=ours, floor=floor, ratio=ours / floor, most=3)

    def _record(self) -> str:
        """Publish a record and return its public id."""
        pid: str = self._ask("POST", "/api/records", RECORD)["id"]
        self._ask("POST", f"/api/records/{pid}/draft/actions/publish")
        return pid

    def upload(self) -> float:
        """Send the file under a new key, in place of the last, and return the seconds."""
        self._forget()
        seconds = self.driver.submit(
            transfers.sent, self.ours.port, self._next(), self.source
        ).result()
        return float(seconds)

    def renew(self) -> None:
        """Have the file be one that nobody has sent."""
        with self.source.open("r+b") as file:
            file.write(os.urandom(64))
            os.fsync(file.fileno())

    def _next(self) -> bytes:
        """Start a file and return what its upload begins with."""
        self.sent += 1
        self.key = f"{self.sent}.bin"
        self._ask("POST", f"/api/records/{self.pid}/draft/files", [{"key": self.key}])
        return self._head("PUT", f"{self._file()}/content", f"Content-Length: {SIZE}\r\n")

    def _forget(self) -> None:
        """Remove what was uploaded last: the disk need not hold every round."""
        if self.key:
            self._ask("DELETE", self._file())
        for blob in (self.ours.data / "blobs").glob("*/*/*"):
            if blob.stat().st_size == SIZE:
                blob.unlink()

    def _run(self, port: int, head: bytes) -> float:
        return float(self.driver.submit(transfers.received, port, head, SIZE).result())

    def _file(self) -> str:
        return f"/api/records/{self.pid}/draft/files/{self.key}"

    def _head(self, method: str, path: str, more: str = "") -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.ours.port}\r\n"
            f"Authorization: Bearer {self.ours.token}\r\n{more}\r\n"
        ).encode()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.ours.port)
        headers = {"Authorization": f"Bearer {self.ours.token}"}
        connection.request(method, path, None if body is None else orjson.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status < 300, said
        return orjson.loads(said) if said else None


def run() -> Iterator[Row]:
    """Measure everything about files of one record."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as driver,
    ):
        yield from Bench(ours, data.parent, driver).rows()


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100)[98] * 1000


def _row(name: str, ours: list[float], floor: list[float], *, least: float) -> Row:
    size = SIZE / MB
    return Row(
        name=name,
        unit="MB/s",
        ours=size / median(ours),
        floor=size / median(floor),
        ratio=median_ratio(floor, ours),  # of times: the other way round
        least=least,
    )
