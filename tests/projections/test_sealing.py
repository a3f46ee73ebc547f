"""Sealing: the log's headers as a tree that only grows, each root signed and kept outside."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from domain.evidence import checkpoints, leaf
from domain.evidence.checkpoints import Checkpoint
from domain.evidence.leaf import Header
from domain.log import Log
from domain.storage.checkpoint_file import CheckpointFile
from projections import sealing
from projections.database import adapt, connect, serving
from projections.sealing import Sealed, seal, sealed
from tests.domain.evidence.trees import mth
from tests.projections.tables import owner
from tests.writing import actor, create, live, log_on

KEY = checkpoints.log_key(bytes(32))
NAME = KEY.public.name


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with log_on(database) as found:
        yield found


@pytest.fixture
def file(database: str, tmp_path: Path) -> CheckpointFile:
    """A file for checkpoints, of a log of which nothing is sealed yet."""
    with owner(database) as conn:
        conn.execute("TRUNCATE es.tile; UPDATE es.seal SET size = 0, position = -1")
        conn.execute("UPDATE es.seal SET checkpoint = NULL, problem = NULL")
    return CheckpointFile(tmp_path / "checkpoints")


@pytest.fixture
def conn(database: str) -> Iterator[Connection[Any]]:
    """The connection of the process that seals."""
    with connect(sealing.owning(database)) as found:
        yield found


def tree(database: str, size: int | None = None) -> Checkpoint:
    """What RFC 6962 makes of the log, or of its first events."""
    query = "SELECT stream, version, position, topic, recorded_at, digest FROM es.event"
    with owner(database) as conn:
        rows = conn.execute(f"{query} ORDER BY position LIMIT %s", [size]).fetchall()
    found = [leaf.encode(Header(*row)) for row in rows]
    return Checkpoint(KEY.public.name, len(found), mth(found))


def state(conn: Connection[Any], file: CheckpointFile) -> Sealed:
    """Seal, and return how far it came."""
    seal(conn, KEY, file)
    return sealed(conn)


def signed(note: str | None) -> Checkpoint:
    """Return what was signed."""
    assert note is not None
    return checkpoints.check(note, KEY.public)


@pytest.mark.parametrize("batch", [1, 7, 256, 1000])
def test_the_log_is_sealed_in_order_whatever_the_batches(
    database: str,
    log: Log,
    conn: Connection[Any],
    file: CheckpointFile,
    monkeypatch: pytest.MonkeyPatch,
    batch: int,
) -> None:
    """Each checkpoint is that of RFC 6962 over the headers, and the same one is kept outside."""
    monkeypatch.setattr(sealing, "BATCH", batch)
    made: dict[str, list[UUID]] = {}
    for _ in range(3):
        for _ in range(60):
            log.run(actor(), live, Random(batch), made)
        found = state(conn, file)
        assert signed(found.checkpoint) == tree(database)
        assert file.last(NAME) == found.checkpoint

    assert [signed(each) for each in file.all(NAME)] == [
        tree(database, signed(each).size) for each in file.all(NAME)
    ]


def test_nothing_new_makes_no_new_checkpoint(
    log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """Nor is one of an empty log made."""
    log.run(actor(), create)
    for _ in range(3):
        state(conn, file)

    assert len([*file.all(NAME)]) == 1


def test_what_may_still_appear_is_waited_for(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """A transaction that has begun may append before what was appended since."""
    state(conn, file)
    with psycopg.connect(database) as foreign:
        foreign.execute("SELECT txid_current()")
        log.run(actor(), create)
        before = state(conn, file)
    after = state(conn, file)

    assert before.size < after.size == tree(database).size


def test_a_crash_at_any_moment_leaves_a_log_that_goes_on(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """Between tiles and checkpoint, within it, and between its file and the database."""
    log.run(actor(), create)
    sealing.grow(conn)
    first = state(conn, file)
    log.run(actor(), create)
    with conn.transaction(force_rollback=True):
        state(conn, file)  # its file was written, and nothing else
    with file.path.open("ab") as torn:
        torn.write(b"\nmuniment/0")
    assert sealed(conn) == first

    found = state(conn, file)

    assert signed(found.checkpoint) == tree(database)
    assert len([*file.all(NAME)]) == 2
    log.run(actor(), create)
    assert signed(state(conn, file).checkpoint) == tree(database) == signed(file.last(NAME))


class Mortal(Connection[Any]):
    """A connection whose process kills itself with -9 in place of its nth statement."""

    left = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Send a statement, if any is left."""
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return super().execute(*args, **kwargs)


def die(database: str, path: Path, statements: int) -> None:
    """Seal, in a process of its own, until so many statements were sent."""
    with Mortal.connect(sealing.owning(database), autocommit=True) as conn:
        adapt(conn)
        conn.left = statements
        seal(conn, KEY, CheckpointFile(path))


def test_killed_before_any_statement_sealing_goes_on_rightly(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """All checkpoints that were kept are of the log, and in the end all of it is sealed."""
    log.run(actor(), create)
    state(conn, file)
    statements, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        log.run(actor(), create)
        with sealing.alone(conn):
            pass  # the server has seen that the last one is gone
        process = get_context("fork").Process(target=die, args=(database, file.path, statements))
        process.start()
        process.join()
        code, statements = process.exitcode or 0, statements + 1
        kept = [signed(each) for each in file.all(NAME)] if file.path.exists() else []
        assert kept == [tree(database, each.size) for each in kept]

    assert (code, statements > 8) == (0, True)
    assert signed(sealed(conn).checkpoint) == tree(database)


def test_a_log_that_was_put_back_is_not_signed(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """What was signed is missing in it, or is another: nothing is kept, and the reason is said."""
    log.run(actor(), create)
    state(conn, file)
    kept = file.path.read_bytes()
    with owner(database) as tampering:
        tampering.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        last = "(SELECT max(position) FROM es.event)"
        tampering.execute("DELETE FROM es.event WHERE position = " + last)
        tampering.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
        tampering.execute("TRUNCATE es.tile; UPDATE es.seal SET size = 0, position = -1")

    assert "was put back" in str(state(conn, file).problem)
    log.run(actor(), create)
    assert "is not the one that was signed" in str(state(conn, file).problem)
    assert file.path.read_bytes() == kept


def test_another_key_signs_nothing_until_that_is_wanted(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """Whatever the file: a machine that has not the key must not begin another history."""
    log.run(actor(), create)
    state(conn, file)
    log.run(actor(), create)
    other = checkpoints.log_key(bytes(range(32)))

    for each in (file, CheckpointFile(file.path.with_name("new"))):
        seal(conn, other, each)
        assert "not the one that signed" in str(sealed(conn).problem)
        assert each.last(other.public.name) is None
    with owner(database) as mending:
        mending.execute("UPDATE es.seal SET checkpoint = NULL")
    seal(conn, other, file)
    assert (sealed(conn).problem, sealed(conn).key) == (None, other.public.text)


def test_a_new_log_may_be_kept_beside_one_that_is_gone(
    database: str, log: Log, conn: Connection[Any], file: CheckpointFile
) -> None:
    """As where a data folder was removed and another begins in its place: it has another name."""
    log.run(actor(), create)
    state(conn, file)
    with owner(database) as new:
        new.execute(
            "TRUNCATE es.tile; UPDATE es.seal SET size = 0, position = -1, checkpoint = NULL"
        )
    other = checkpoints.log_key(bytes(range(32)))

    seal(conn, other, file)

    assert sealed(conn).problem is None
    assert file.last(other.public.name) == sealed(conn).checkpoint
    assert len([*file.all(NAME)]) == 1


def test_without_a_place_outside_nothing_is_signed(
    log: Log, conn: Connection[Any], tmp_path: Path, file: CheckpointFile
) -> None:
    """And as soon as there is one, the problem is over."""
    log.run(actor(), create)
    away = CheckpointFile(tmp_path / "away" / "checkpoints")
    assert "cannot be kept" in str(state(conn, away).problem)
    assert sealed(conn).checkpoint is None

    away.path.parent.mkdir()
    assert state(conn, away).problem is None
    assert away.last(NAME) == sealed(conn).checkpoint


def test_who_serves_changes_no_seal(database: str) -> None:
    """The role reads them alone."""
    with connect(serving(database, "test")) as conn:
        for statement in (
            "UPDATE es.seal SET size = 0",
            "DELETE FROM es.tile",
            f"INSERT INTO es.tile VALUES (0, 1, {uuid4().int >> 80}, '')",
        ):
            with pytest.raises(InsufficientPrivilege):
                conn.execute(statement)
