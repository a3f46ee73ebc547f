"""The real service on a data folder that is thrown away, and the floor beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from domain.storage import server
from domain.storage.datafolder import DataFolder
from scripts.bench import processes

LISTENS = re.compile(r"listens at http://\S+:(\d+)")
TOKEN = re.compile(r"token[^:]*:\s+(\S+)")
PATIENCE = 60.0  # seconds that a start may take
ENDING = 300.0  # seconds that an end may take: gigabytes that were written are flushed


class Service(Struct, frozen=True):
    """`muniment serve`, running. `ready` is in seconds from its start."""

    data: Path
    pid: int
    port: int
    token: str
    database_url: str
    ready: float

    @property
    def processes(self) -> list[int]:
        """All its processes, PostgreSQL's included."""
        return processes.tree(self.pid)


class Floor(Struct, frozen=True):
    """The bare application on the service's own PostgreSQL."""

    pid: int
    port: int
    postgres: int

    @property
    def processes(self) -> list[int]:
        """All its processes, and PostgreSQL's."""
        return processes.tree(self.pid) + processes.tree(self.postgres)


@contextmanager
def folder() -> Iterator[Path]:
    """Give the data folder of a block."""
    with TemporaryDirectory(prefix="muniment-bench-") as path:
        yield Path(path) / "data"


@contextmanager
def service(data: Path, module: str = "scripts.muniment") -> Iterator[Service]:
    """Serve for a block; `module` is what carries out verbs."""
    began = time.monotonic()
    words = ["-m", module, "serve", "--data", str(data), "--port", "0"]
    with _process(data.parent / "serve", words) as (process, said):
        port = int(_wait(process, said, LISTENS))
        ready = time.monotonic() - began
        first = TOKEN.search(said.read_text())
        with server.database(DataFolder(data), "bench") as url:
            yield Service(data, process.pid, port, first[1] if first else "", url, ready)


@contextmanager
def floor(under: Service) -> Iterator[Floor]:
    """Serve the floor for a block."""
    words = ["-m", "scripts.bench.floor", under.database_url]
    with _process(under.data.parent / "floor", words) as (process, said):
        port = int(_wait(process, said, LISTENS))
        yield Floor(process.pid, port, processes.postgres(under.pid))


@contextmanager
def _process(log: Path, words: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"MUNIMENT_|DATABASE_URL$|PG[A-Z]+$", name)
    }
    said = log.with_suffix(".out")
    with said.open("wb") as out, log.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen([sys.executable, *words], stdout=out, stderr=err, env=kept)
    try:
        yield process, said
    finally:
        process.terminate()
        process.wait(ENDING)


def _wait(process: subprocess.Popen[bytes], said: Path, wanted: re.Pattern[str]) -> str:
    until = time.monotonic() + PATIENCE
    while not (found := wanted.search(said.read_text())):
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(f"no start: {said.with_suffix('.err').read_text()[-3000:]}")
        time.sleep(0.01)
    return found[1]
