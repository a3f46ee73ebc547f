"""Many processes start at once on one new database: each of them serves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from domain.storage.cluster import OWNER
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from projections.database import SERVING_ROLE
from tests.running import ROOT, environment

AT_ONCE = 8


class Starters:
    """Processes that have loaded the program and wait, so that they really start at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.hard.starter"],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(AT_ONCE)
        ]

    def start(self, *urls: str) -> list[str]:
        """Let all start at once, on these databases by turns; return what each says."""
        for number, process in enumerate(self._processes):
            assert process.stdin is not None
            process.stdin.write(f"{urls[number % len(urls)]} {self._folder}\n")
            process.stdin.flush()
        return [process.stdout.readline().strip() for process in self._processes if process.stdout]

    def end(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.communicate(timeout=20)


@pytest.fixture(scope="module")
def starters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starters]:
    """The processes; their data folder is one, as on one machine."""
    made = Starters(tmp_path_factory.mktemp("data"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL of its own, without the role that serves."""
    folder = DataFolder(tmp_path_factory.mktemp("cluster"))
    with folder.held("test"):
        server = Server(folder)
        server.start()
        yield server
        server.stop()


def _databases(cluster: Server, *names: str) -> list[str]:
    for name in names:
        _execute(cluster, f"CREATE DATABASE {name} OWNER {OWNER}")
    return [cluster.url(database=name) for name in names]


def _execute(cluster: Server, *statements: str) -> None:
    with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement)


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=pytest.mark.soak)])
def test_starts_at_once_on_two_databases_of_a_cluster_do_not_fail(
    cluster: Server, starters: Starters, rounds: int
) -> None:
    """They share the role that serves, which is not there yet."""
    for _ in range(rounds):
        said = starters.start(*_databases(cluster, "one", "other"))
        assert said == ["ok"] * AT_ONCE
        drop = (f"DROP DATABASE {name} WITH (FORCE)" for name in ("one", "other"))
        _execute(cluster, *drop, f"DROP ROLE {SERVING_ROLE}")


@pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=pytest.mark.soak)])
def test_eight_starts_at_once_on_a_new_database_do_not_fail(
    cluster: Server, starters: Starters, rounds: int
) -> None:
    """Round by round."""
    for number in range(rounds):
        said = starters.start(*_databases(cluster, f"of{rounds}_{number}"))
        assert said == ["ok"] * AT_ONCE
