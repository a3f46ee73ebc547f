"""`muniment upgrade`: data that an earlier PostgreSQL wrote is moved to today's, event by event."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from random import Random
from subprocess import run
from uuid import UUID

import psycopg
import pytest

from domain.storage import cluster
from domain.storage import server as storage
from domain.storage.account import account_for
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from tests.running import cli
from tests.writing import actor, live, log_on

MAJOR = "15"
PROGRAMS = Path(f"/usr/lib/postgresql/{MAJOR}/bin")  # Debian's
BOOTSTRAP = """CREATE ROLE muniment_owner LOGIN CREATEROLE;

CREATE ROLE muniment_writer NOLOGIN;

CREATE DATABASE muniment OWNER muniment_owner;

"""
EVENTS = "SELECT e::text FROM es.event e ORDER BY position"


@pytest.fixture(scope="module")
def events(database: str) -> list[str]:
    """A log of all kinds of events."""
    made: dict[str, list[UUID]] = {}
    with log_on(database) as log:
        for _ in range(10):
            log.run(actor(), live, Random(7), made)
    with psycopg.connect(database) as conn:
        return [row for (row,) in conn.execute(EVENTS)]


@pytest.fixture(scope="module")
def older(database: str, events: list[str]) -> Iterator[Path]:
    """A data folder with this log, written by an earlier PostgreSQL.

    Its programs pass through the folders above their data, as today's need not.
    """
    top = Path(tempfile.mkdtemp(prefix="older-", dir="/tmp"))
    top.chmod(0o711)
    data = top / "data"
    (data / "postgres").mkdir(mode=0o700, parents=True)
    account = account_for(data / "postgres")
    account.own(data)
    under = {"user": account.uid, "group": account.gid} if account.switched else {}
    making = ["initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    for words, said in ((making, ""), (["postgres", "--single", "-j"], BOOTSTRAP)):
        command = [PROGRAMS / words[0], *words[1:], "-D", str(data / "postgres")]
        command += ["postgres"] * (words[0] == "postgres")
        run(command, input=said.encode(), capture_output=True, check=True, cwd="/", **under)  # type: ignore[call-overload]
    server = Server(DataFolder(data), PROGRAMS)
    server.start()
    try:
        with psycopg.connect(database) as source, psycopg.connect(server.url()) as target:
            _copy(source, target)
    finally:
        server.stop()
    yield data
    shutil.rmtree(top)


@pytest.mark.soak
@pytest.mark.skipif(
    not (PROGRAMS / "initdb").exists(), reason=f"there is no PostgreSQL {MAJOR} of Debian's here"
)
def test_data_of_an_earlier_postgresql_is_moved(older: Path, events: list[str]) -> None:
    """A start refuses it and says so; then every event is there as it was; the old one stays."""
    refused = cli("audit", "--data", str(older))
    done = cli("upgrade", "--data", str(older))

    assert refused.returncode == 2
    assert "Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert cluster.major_of(older / f"postgres-{MAJOR}") == MAJOR
    audited = cli("audit", "--data", str(older))
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr
    with storage.database(DataFolder(older), "test") as url, psycopg.connect(url) as conn:
        assert [row for (row,) in conn.execute(EVENTS)] == events
    assert "already" in cli("upgrade", "--data", str(older)).stderr


def test_data_of_another_postgresql_is_refused_with_what_mends_it(data: Path) -> None:
    """Of an earlier one with the verb, which says what it needs; of a later one with the other."""
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9\n")
    older = cli("audit", "--data", str(data))
    without = cli("upgrade", "--data", str(data), "--from", str(data))
    (data / "postgres" / "PG_VERSION").write_text("99\n")
    newer = cli("audit", "--data", str(data))

    assert older.stderr.endswith("this is PostgreSQL 18. Run `muniment upgrade`.\n")
    assert "name DIR with --from" in without.stderr
    assert newer.stderr.endswith("this is PostgreSQL 18. Use the newer Muniment.\n")


def test_an_upgrade_that_broke_off_goes_on(data: Path) -> None:
    """Between its two last steps, where no database is in its place."""
    (data / "postgres.upgraded").mkdir(parents=True)
    (data / "postgres.upgraded" / "PG_VERSION").write_text(cluster.MAJOR)
    (data / "postgres-9").mkdir()

    refused = cli("audit", "--data", str(data))
    done = cli("upgrade", "--data", str(data))

    assert refused.returncode == 2
    assert "broke off. Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert cluster.major_of(data / "postgres") == cluster.MAJOR


def _copy(source: psycopg.Connection[tuple[str]], target: psycopg.Connection[tuple[str]]) -> None:
    """Have a database hold the schema of today, but for views, and the log of another."""
    target.execute("CREATE SCHEMA muniment")
    target.execute("CREATE TABLE muniment.migration (number integer, applied_at timestamptz)")
    for each in sorted(files("projections").joinpath("migrations").iterdir(), key=str):
        if each.name.endswith(".sql"):
            target.execute(each.read_text("utf-8").encode())
            number = int(each.name.split("_")[0])
            target.execute("INSERT INTO muniment.migration VALUES (%s, now())", [number])
    out = source.cursor().copy("COPY es.event TO STDOUT (FORMAT binary)")
    into = target.cursor().copy("COPY es.event FROM STDIN (FORMAT binary)")
    with out as parts, into as filled:
        for part in parts:
            filled.write(part)
