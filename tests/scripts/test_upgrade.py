"""`muniment upgrade`: data that an earlier PostgreSQL wrote is moved to today's, event by event."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from random import Random
from subprocess import DEVNULL, CompletedProcess, Popen, run
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest

from domain.storage import cluster
from domain.storage import server as storage
from domain.storage.account import account_for
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from projections import migrate
from tests.running import COMMAND, cli, environment
from tests.writing import actor, live, log_on

DEBIANS = Path("/usr/lib/postgresql")  # has a folder for each major version that is installed
EARLIER = [each for each in ("15", "16", "17") if (DEBIANS / each / "bin" / "initdb").exists()]
NONE = pytest.mark.skip("there is no earlier PostgreSQL of Debian's here, as postgresql-15 is")
of_earlier = pytest.mark.parametrize(
    "older", EARLIER or [pytest.param("", marks=NONE)], indirect=True
)
# What is there when it is killed; the last are there for no more than a moment.
MOMENTS = (
    "muniment.socket",
    "upgrade/log/*",
    "upgrade/backup.json",
    "postgres.upgraded.part.new",
    "postgres.upgraded.part/postmaster.pid",
    "postgres.upgraded",
    "postgres-*",
)
BOOTSTRAP = """CREATE ROLE muniment_owner LOGIN CREATEROLE;

CREATE ROLE muniment_writer NOLOGIN;

CREATE DATABASE muniment OWNER muniment_owner;

"""
# The verb, interrupted as by Ctrl-C when the call returns that put the old database aside.
INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from scripts.muniment import main
def seen(frame, event, what):
    if event == "c_return" and what is os.rename and any(Path(sys.argv[-1]).glob("postgres-*")):
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)
sys.setprofile(seen)
main(prog_name="muniment")
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


class Older(NamedTuple):
    """A data folder of an earlier PostgreSQL: its major version, its programs."""

    data: Path
    major: str
    programs: Path

    def run(self, verb: str) -> CompletedProcess[str]:
        """Run a verb on it."""
        return cli(verb, "--data", str(self.data))

    def left(self) -> list[Path]:
        """What an upgrade needs for a while."""
        return [*self.data.glob("upgrade"), *self.data.glob("postgres.*/")]


@pytest.fixture(scope="module")
def older(database: str, events: list[str], request: pytest.FixtureRequest) -> Iterator[Older]:
    """A data folder with this log, written by an earlier PostgreSQL.

    Its programs pass through the folders above their data, as today's need not.
    """
    major, programs = request.param, DEBIANS / request.param / "bin"
    top = Path(tempfile.mkdtemp(prefix="older-", dir="/tmp"))
    top.chmod(0o711)
    data = top / "data"
    (data / "postgres").mkdir(mode=0o700, parents=True)
    account = account_for(data / "postgres")
    account.own(data)
    under = {"user": account.uid, "group": account.gid} if account.switched else {}
    making = ["initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
    for words, said in ((making, ""), (["postgres", "--single", "-j"], BOOTSTRAP)):
        command = [programs / words[0], *words[1:], "-D", str(data / "postgres")]
        command += ["postgres"] * (words[0] == "postgres")
        run(command, input=said.encode(), capture_output=True, check=True, cwd="/", **under)  # type: ignore[call-overload]
    server = Server(DataFolder(data), programs)
    server.start()
    try:
        with psycopg.connect(database) as source, psycopg.connect(server.url()) as target:
            _copy(source, target)
    finally:
        server.stop()
    yield Older(data, major, programs)
    shutil.rmtree(top)


@pytest.fixture
def copy(older: Older) -> Iterator[Older]:
    """The same once more."""
    data = older.data.with_name("copy")
    run(["cp", "-a", older.data, data], check=True)
    (data / "muniment.socket").unlink(missing_ok=True)
    yield older._replace(data=data)
    shutil.rmtree(data)


@pytest.mark.soak
@of_earlier
def test_data_of_an_earlier_postgresql_is_moved(copy: Older, events: list[str]) -> None:
    """A start refuses it and says so; then every event is there as it was; the old one stays."""
    refused = copy.run("audit")
    done = copy.run("upgrade")

    assert refused.returncode == 2
    assert "Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert f"may be removed: {copy.data / 'postgres'}-{copy.major}" in done.stderr
    assert cluster.major_of(copy.data / f"postgres-{copy.major}") == copy.major
    assert_moved(copy, events)
    assert not copy.left()
    assert "already" in copy.run("upgrade").stderr


@pytest.mark.soak
@pytest.mark.parametrize("moment", [*MOMENTS, *[""] * 5])
@of_earlier
def test_whenever_it_is_killed_it_goes_on(copy: Older, events: list[str], moment: str) -> None:
    """Once something is there, or at any time: a start names the verb, which goes through."""
    command = [*COMMAND, "upgrade", "--data", str(copy.data)]
    until = time.monotonic() + (60 if moment else random.uniform(0.3, 5))
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL, env=environment()) as verb:
        while verb.poll() is None and time.monotonic() < until:
            if moment and any(copy.data.glob(moment)):
                break
        verb.kill()

    refused = copy.run("audit")
    done = copy.run("upgrade")

    if cluster.major_of(copy.data / f"postgres-{copy.major}") is None or refused.returncode:
        assert refused.returncode == 2
        assert "Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert_moved(copy, events)
    assert not copy.left()


@pytest.mark.soak
@of_earlier
def test_one_that_is_interrupted_at_its_last_step_goes_on(copy: Older, events: list[str]) -> None:
    """Where the old database is put aside already, the new one stays."""
    words = ["upgrade", "--data", str(copy.data)]
    interrupted = run(
        [sys.executable, "-c", INTERRUPTED, *words], capture_output=True, env=environment()
    )
    there = [(copy.data / each).exists() for each in ("postgres", "postgres.upgraded")]

    refused = copy.run("audit")
    done = copy.run("upgrade")

    assert (interrupted.returncode, b"Aborted" in interrupted.stderr) == (1, True)
    assert there == [False, True]
    assert "broke off. Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert_moved(copy, events)


@pytest.mark.soak
@of_earlier
def test_an_upgrade_that_is_refused_leaves_nothing(copy: Older) -> None:
    """As where an event is damaged: the old database is in its place, and what it was."""
    server = Server(DataFolder(copy.data), copy.programs)
    server.start()
    with psycopg.connect(server.url("postgres")) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute("UPDATE es.event SET salt = decode('00', 'hex') WHERE version = 2")
    server.stop()

    refused = copy.run("upgrade")

    assert refused.returncode == 1
    assert "is damaged: it does not give its digest" in refused.stderr
    assert not copy.left()
    assert cluster.major_of(copy.data / "postgres") == copy.major


@pytest.mark.soak
@of_earlier
def test_a_server_that_is_too_old_is_refused(copy: Older, data: Path) -> None:
    """Named with DATABASE_URL: the refusal says which one is needed."""
    server = Server(DataFolder(copy.data), copy.programs)
    server.start()
    try:
        done = cli("audit", "--data", str(data), DATABASE_URL=server.url())
    finally:
        server.stop()

    if int(copy.major) < migrate.OLDEST:
        assert done.returncode == 2
        assert f"The server is PostgreSQL {copy.major}; Muniment needs" in done.stderr
    else:
        assert done.returncode == 0, done.stderr


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
    _place(data, "postgres.upgraded", cluster.MAJOR)
    for each in ("postgres-9", "postgres-15", "postgres-old"):
        (data / each).mkdir()

    refused = cli("audit", "--data", str(data))
    done = cli("upgrade", "--data", str(data))

    assert refused.returncode == 2
    assert "broke off. Run `muniment upgrade`" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert f"{data}/postgres-15\n" in done.stderr
    assert "has what was erased and not scrubbed" in done.stderr
    assert cluster.major_of(data / "postgres") == cluster.MAJOR


def test_beside_one_put_aside_no_empty_database_is_made(data: Path) -> None:
    """A start, and the verb, say where it is: its records would seem to be gone."""
    _place(data, "postgres-9", "9")

    said = [cli(verb, "--data", str(data)).stderr for verb in ("audit", "upgrade")]

    for each in said:
        assert f"put aside {data}/postgres-9. Give that one its name again" in each
    assert not (data / "postgres").exists()


def test_a_database_of_today_is_never_replaced(data: Path) -> None:
    """By what an upgrade left that broke off before: that is removed."""
    _place(data, "postgres", cluster.MAJOR)
    (data / "postgres" / "today").touch()
    _place(data, "postgres.upgraded", cluster.MAJOR)
    _place(data, "postgres.upgraded.part", cluster.MAJOR)
    (data / "upgrade" / "log").mkdir(parents=True)

    done = cli("upgrade", "--data", str(data))

    assert done.returncode == 0, done.stderr
    assert (data / "postgres" / "today").exists()
    assert {each.name for each in data.iterdir()} == {"postgres", "muniment.lock"}


def test_one_that_broke_off_under_an_earlier_muniment_is_moved_on(data: Path) -> None:
    """What that has made is whole, and of an earlier PostgreSQL, too."""
    _place(data, "postgres.upgraded", "9")
    (data / "postgres-8").mkdir()

    done = cli("upgrade", "--data", str(data))

    assert "The programs of PostgreSQL 9, which wrote the data, are not there" in done.stderr
    assert cluster.major_of(data / "postgres") == "9"


def test_an_old_database_is_never_written_over(data: Path) -> None:
    """One that was kept before has the name already."""
    _place(data, "postgres", "9")
    (data / "postgres-9").mkdir()

    done = cli("upgrade", "--data", str(data))

    assert done.returncode == 1
    assert f"{data}/postgres-9 is there already" in done.stderr
    assert cluster.major_of(data / "postgres") == "9"


def test_where_there_is_no_database_nothing_is_upgraded(data: Path) -> None:
    """A folder of something else, or a name that is written wrongly."""
    done = cli("upgrade", "--data", str(data))

    assert done.returncode == 1
    assert f"{data} holds no database." in done.stderr


def assert_moved(older: Older, events: list[str]) -> None:
    """Hold the database to be today's, whole, with these events."""
    assert cluster.major_of(older.data / "postgres") == cluster.MAJOR
    audited = older.run("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr
    with storage.database(DataFolder(older.data), "test") as url, psycopg.connect(url) as conn:
        assert [row for (row,) in conn.execute(EVENTS)] == events


def _place(data: Path, name: str, major: str) -> None:
    """Make what says that it is a database."""
    (data / name).mkdir(parents=True)
    (data / name / "PG_VERSION").write_text(f"{major}\n")


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
