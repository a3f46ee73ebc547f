"""Audit of seals: what was done to log, tiles or checkpoints is found, and where it was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from domain.errors import Conflict
from domain.evidence import checkpoints
from domain.evidence.notes import PrivateKey
from domain.storage.checkpoint_file import CheckpointFile
from projections import resealing, sealing
from projections.audit import audit, reading
from projections.database import connect
from projections.findings import Finding
from projections.sealed import findings
from projections.sealing import seal
from tests.projections.tables import owner
from tests.writing import actor, create, live, log_on

KEY = checkpoints.log_key(bytes(32))
NAME = KEY.public.name
EVENTS = 600
FEW = 100  # events between two checkpoints


@pytest.fixture(scope="module")
def file(database: str, tmp_path_factory: pytest.TempPathFactory) -> CheckpointFile:
    """The checkpoints of the module's log, which has more than two bundles, and is kept."""
    found = CheckpointFile(tmp_path_factory.mktemp("outside") / "checkpoints")
    made: dict[str, list[UUID]] = {}
    random = Random(3)
    with log_on(database) as log, connect(sealing.owning(database)) as conn:
        while sealing.sealed(conn).size < EVENTS:
            for _ in range(FEW // 2):
                log.run(actor(), live, random, made)
            seal(conn, KEY, found)
    with owner(database) as conn:
        for table in ("event", "tile", "seal"):
            conn.execute(f"CREATE TABLE public.{table} AS TABLE es.{table}")
    return found


@contextmanager
def tampered(database: str, *statements: str) -> Iterator[Connection[Any]]:
    """Do something as nobody may, for the block."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        try:
            for statement in statements:
                conn.execute(statement)
            yield conn
        finally:
            for table in ("event", "tile", "seal"):
                conn.execute(f"TRUNCATE es.{table}; INSERT INTO es.{table} TABLE public.{table}")
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")


def found(database: str, file: CheckpointFile | None) -> list[Finding]:
    """Return what is found about the seals."""
    kept = file.all(NAME) if file is not None else None
    with reading(database) as conn:
        return [*findings(conn, kept)]


def position(database: str, leaf: int) -> int:
    """Return the position of the event that is a leaf."""
    with owner(database) as conn:
        query = "SELECT position FROM public.event ORDER BY position OFFSET %s LIMIT 1"
        row = conn.execute(query, [leaf]).fetchone()
    assert row is not None
    return int(row[0])


def test_a_log_that_was_left_alone_gives_no_finding(database: str, file: CheckpointFile) -> None:
    """Nor does one of which the last events are not sealed yet."""
    assert found(database, file) == []
    with log_on(database) as log:
        log.run(actor(), create)
    assert found(database, file) == []
    with owner(database) as conn:
        conn.execute("DROP TABLE public.event; CREATE TABLE public.event AS TABLE es.event")


def test_the_whole_audit_says_what_is_wrong_with_seals(database: str, file: CheckpointFile) -> None:
    """Beside what else it finds."""
    place = position(database, 300)
    with tampered(database, f"UPDATE es.event SET topic = 'x' WHERE position = {place}"):
        said = [*audit(database, checkpoints=file.all(NAME))]

    assert [each.position for each in said if each.what == "seal-changed"] == [place]
    assert {"unreadable", "checkpoint"} <= {each.what for each in said}


@pytest.mark.parametrize("leaf", [0, 1, 255, 256, 300, 511, 512, 590])
@pytest.mark.parametrize(
    "change",
    [
        "digest = sha256(salt || '{}'::bytea), state = '{}'::bytea",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "topic = 'record.withdrawn'",
        "version = version + 1000",
        "stream = gen_random_uuid()",
    ],
)
def test_a_changed_event_is_found_in_its_place(
    database: str, file: CheckpointFile, leaf: int, change: str
) -> None:
    """Whatever in its header is another, its digest and its instant too."""
    place = position(database, leaf)
    with tampered(database, f"UPDATE es.event SET {change} WHERE position = {place}"):
        said = found(database, file)

    assert [each.position for each in said if each.what == "seal-changed"] == [place]
    (checkpoint,) = [each for each in said if each.what == "checkpoint"]
    assert checkpoint.seal is not None
    assert len(said) == 2


@pytest.mark.parametrize("leaf", [0, 255, 256, 300, 511, 590])
def test_a_dropped_event_is_found_in_its_place(
    database: str, file: CheckpointFile, leaf: int
) -> None:
    """And no other that moved up."""
    place = position(database, leaf)
    with tampered(database, f"DELETE FROM es.event WHERE position = {place}"):
        said = found(database, file)

    assert [each.seal for each in said if each.what == "seal-missing"] == [f"leaf {leaf}"]
    assert [each.what for each in said if each.seal != f"leaf {leaf}"] == ["checkpoint"]


@pytest.mark.parametrize("leaf", [1, 255, 300, 590])
def test_an_event_that_was_put_in_is_found(database: str, file: CheckpointFile, leaf: int) -> None:
    """Between two that were sealed."""
    place = position(database, leaf) + (1 << 19)
    statement = (
        "INSERT INTO es.event SELECT gen_random_uuid(), 1, %s, topic, recorded_at, state, salt,"
        " digest FROM es.event LIMIT 1"
    )
    with tampered(database, statement % place):
        said = found(database, file)

    assert [each.position for each in said if each.what == "seal-unfounded"] == [place]
    assert len(said) == 2


def test_events_that_were_exchanged_are_found(database: str, file: CheckpointFile) -> None:
    """Both of them."""
    places = position(database, 300), position(database, 400)
    order = "UPDATE es.event SET position = {} WHERE position = {}"
    with tampered(
        database,
        order.format(-1, places[0]),
        order.format(places[0], places[1]),
        order.format(places[1], -1),
    ):
        said = found(database, file)

    assert [each.position for each in said if each.what == "seal-changed"] == [*places]


FAR = "how far the log is sealed"
EXCHANGED = (
    "UPDATE es.tile a SET begins = b.begins, hashes = b.hashes FROM es.tile b"
    " WHERE a.level = 0 AND b.level = 0 AND (a.number, b.number) IN (({0}, {1}), ({1}, {0}))"
)
CUT = "UPDATE es.tile SET hashes = substr(hashes, 1, length(hashes) - 32)"


def test_what_was_done_in_several_places_is_found_in_each(
    database: str, file: CheckpointFile
) -> None:
    """A change, a drop and a new date, in three bundles; neighbours that were exchanged too."""
    changed, dropped, dated = (position(database, leaf) for leaf in (100, 400, 580))
    two = position(database, 20), position(database, 21)
    order = "UPDATE es.event SET position = {} WHERE position = {}"
    with tampered(
        database,
        f"UPDATE es.event SET digest = sha256('x') WHERE position = {changed}",
        f"DELETE FROM es.event WHERE position = {dropped}",
        f"UPDATE es.event SET recorded_at = now() WHERE position = {dated}",
        order.format(-1, two[0]),
        order.format(*two),
        order.format(two[1], -1),
    ):
        said = found(database, file)

    assert [each.seal for each in said if each.what == "seal-missing"] == ["leaf 400"]
    places = {each.position for each in said if each.what == "seal-changed"}
    assert places == {changed, dated, *two}
    assert {each.what for each in said} == {"seal-missing", "seal-changed", "checkpoint"}


TURNED = "UPDATE es.tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)"


TILES = pytest.mark.parametrize(
    ("change", "where"),
    [
        (f"{TURNED} WHERE level = 0 AND number = 1", "0/001"),
        (f"{TURNED} WHERE level = 0 AND number = 2", "0/002"),
        (f"{TURNED} WHERE level = 1", "1/000"),
        ("DELETE FROM es.tile WHERE level = 0 AND number = 0", "0/000"),
        ("DELETE FROM es.tile WHERE level = 0 AND number = 1", "0/001"),
        ("DELETE FROM es.tile WHERE level = 0 AND number = 2", "0/002"),
        ("DELETE FROM es.tile WHERE level = 1", "1/000"),
        ("UPDATE es.tile SET hashes = '' WHERE level = 0 AND number = 1", "0/001"),
        (f"{CUT} WHERE level = 0 AND number = 1", "0/001"),
        (f"{CUT} WHERE level = 0 AND number = 2", "0/002"),
        (f"{CUT} WHERE level = 1", "1/000"),
        ("UPDATE es.tile SET hashes = hashes || hashes WHERE level = 0 AND number = 2", "0/002"),
        (EXCHANGED.format(0, 1), "0/001"),
        (EXCHANGED.format(1, 2), "0/002"),
        ("INSERT INTO es.tile SELECT 0, 3, begins + 1, hashes FROM es.tile LIMIT 1", "0/003"),
        ("INSERT INTO es.tile SELECT 0, -1, begins, hashes FROM es.tile LIMIT 1", "0/-01"),
        ("INSERT INTO es.tile SELECT 2, 0, NULL, hashes FROM es.tile LIMIT 1", "2/000"),
        ("INSERT INTO es.tile SELECT 9, 0, NULL, hashes FROM es.tile LIMIT 1", "9/000"),
        ("UPDATE es.tile SET begins = begins + 1 WHERE level = 0 AND number = 1", "0/001"),
        ("UPDATE es.tile SET begins = NULL WHERE level = 0 AND number = 1", "0/001"),
        ("UPDATE es.tile SET begins = NULL WHERE level = 0 AND number = 0", "0/000"),
        ("UPDATE es.seal SET size = 590", "0/002"),
        ("UPDATE es.seal SET size = 300", "0/001"),
        ("UPDATE es.seal SET size = 0", "0/000"),
        ("UPDATE es.seal SET size = 100000", "0/002"),
        ("UPDATE es.seal SET position = position - 1", FAR),
        ("UPDATE es.seal SET position = -1", FAR),
        ("TRUNCATE es.tile", "0/000"),
    ],
)


@TILES
def test_a_changed_tile_is_found(
    database: str, file: CheckpointFile, change: str, where: str
) -> None:
    """And told apart from a changed log; that others are made of it shows there."""
    with tampered(database, change):
        said = found(database, file)

    assert (where if where == FAR else f"tile {where}") in {
        each.seal for each in said if each.what == "tile"
    }
    assert {each.what for each in said} <= {"tile", "checkpoint"}
    assert {each.seal for each in said if each.what == "checkpoint"} <= {
        "the checkpoint in the database"
    }


def again(database: str, file: CheckpointFile) -> list[str]:
    """Make the seals again; return what is said of it."""
    return [*resealing.rebuild(database, file.all(NAME), KEY.public)]


def seals_of(database: str) -> list[Any]:
    """What there is of seals."""
    tiles = "SELECT level, number, begins, hashes FROM es.tile ORDER BY level, number"
    state = "SELECT size, position, checkpoint, key, problem FROM es.seal"
    with owner(database) as conn:
        return conn.execute(tiles).fetchall() + conn.execute(state).fetchall()


@TILES
def test_changed_tiles_are_made_again_from_the_log(
    database: str, file: CheckpointFile, change: str, where: str
) -> None:
    """They are as they were; what was not is said, and a second time nothing is."""
    before = seals_of(database)
    with tampered(database, change):
        said = again(database, file)
        assert found(database, file) == []
        assert seals_of(database) == before
        assert again(database, file) == []

    assert said


@pytest.mark.parametrize("lines", range(1, 5))
def test_tiles_that_are_made_again_in_part_are_made_again_by_another_run(
    database: str, file: CheckpointFile, lines: int
) -> None:
    """Wherever the first was cut off."""
    before = seals_of(database)
    with tampered(database, "TRUNCATE es.tile; UPDATE es.seal SET size = 0, position = -1"):
        first = resealing.rebuild(database, file.all(NAME), KEY.public)
        assert len([*islice(first, lines)]) == lines
        first.close()
        assert len(again(database, file)) == 5 - lines
        assert seals_of(database) == before


@pytest.mark.parametrize(
    "change",
    [
        "checkpoint = 'none'",
        "checkpoint = NULL",
        "key = 'another'",
        "problem = 'The seals are damaged.', size = 0",
    ],
)
def test_what_readers_are_shown_is_put_right_too(
    database: str, file: CheckpointFile, change: str
) -> None:
    """It is the last checkpoint that was kept."""
    before = seals_of(database)
    with tampered(database, f"UPDATE es.seal SET {change}"):
        assert again(database, file) == ["size, position and checkpoint: put right"]
        assert seals_of(database) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE es.event SET topic = 'x' WHERE position = {}",
        "UPDATE es.event SET recorded_at = recorded_at + interval '1 microsecond'"
        " WHERE position = {}",
        "DELETE FROM es.event WHERE position = {}",
        "DELETE FROM es.event WHERE position >= {}",
    ],
)
def test_of_a_log_that_is_not_the_one_that_was_signed_no_tiles_are_made(
    database: str, file: CheckpointFile, change: str
) -> None:
    """Nothing is changed: the tiles show where the log is another."""
    with tampered(database, "TRUNCATE es.tile", change.format(position(database, 450))):
        before = seals_of(database)
        with pytest.raises(Conflict, match="signed"):
            again(database, file)
        assert seals_of(database) == before


def test_without_good_checkpoints_no_tiles_are_made(
    database: str, file: CheckpointFile, tmp_path: Path
) -> None:
    """Where there are none, and where one is another's."""
    forged = PrivateKey(NAME, bytes([1]) * 32)
    with tampered(database, "TRUNCATE es.tile; UPDATE es.seal SET checkpoint = NULL"):
        before = seals_of(database)
        for note in (None, checkpoints.sign(forged, 200, bytes(32))):
            other = CheckpointFile(tmp_path / "other")
            other.path.touch()
            if note is not None:
                other.append(note)
            with pytest.raises(Conflict, match="checkpoint"):
                again(database, other)
        assert seals_of(database) == before


def test_while_tiles_are_made_nothing_is_sealed_and_then_it_goes_on(
    database: str, file: CheckpointFile
) -> None:
    """The tiles that a service adds to are not those that were damaged."""
    with tampered(database, f"{TURNED} WHERE number = 2") as conn:
        with log_on(database) as log:
            log.run(actor(), create)
        with connect(sealing.owning(database)) as sealer, connect(database) as mending:
            with sealing.alone(mending):
                before = seals_of(database)
                seal(sealer, KEY, CheckpointFile(file.path))
                assert seals_of(database) == before
            assert again(database, file) != []
            size = sealing.sealed(conn).size
            kept = CheckpointFile(file.path.with_name("copy"))
            kept.path.write_bytes(file.path.read_bytes())
            seal(sealer, KEY, kept)
            assert sealing.sealed(conn).size >= size
            assert found(database, kept) == []


def reseal(conn: Connection[Any], database: str, file: CheckpointFile) -> None:
    """Make all seals anew, and have them signed."""
    conn.execute("TRUNCATE es.tile; UPDATE es.seal SET size = 0, position = -1, checkpoint = NULL")
    with connect(sealing.owning(database)) as sealer:
        seal(sealer, KEY, file)


@pytest.mark.parametrize("what", ["UPDATE es.event SET topic = 'x'", "DELETE FROM es.event"])
def test_a_second_history_is_found_by_the_checkpoints_of_the_first(
    database: str, file: CheckpointFile, tmp_path: Path, what: str
) -> None:
    """Log, tiles and signature agree, and are not what was kept; up to where they are is said."""
    with tampered(database, f"{what} WHERE position = {position(database, 450)}") as conn:
        second = CheckpointFile(tmp_path / "second")
        reseal(conn, database, second)
        assert found(database, second) == []
        said = found(database, file)

    assert {each.what for each in said} == {"checkpoint"}
    agreed = [checkpoints.read(each).size for each in file.all(NAME)]
    last = max(size for size in agreed if size <= 450)
    assert f"the first {last} are the same" in said[0].message


def test_the_last_events_cannot_be_taken_away_unseen(
    database: str, file: CheckpointFile, tmp_path: Path
) -> None:
    """With their seals."""
    last = position(database, 500)
    with tampered(database, f"DELETE FROM es.event WHERE position > {last}") as conn:
        reseal(conn, database, CheckpointFile(tmp_path / "second"))
        said = found(database, file)

    assert ["were signed, 501 are there" in each.message for each in said] == [True]


def test_two_checkpoints_that_do_not_agree_are_found(
    database: str, file: CheckpointFile, tmp_path: Path
) -> None:
    """One that the key has signed, and one that another has, under its name."""
    kept = [*file.all(NAME)]
    forged = PrivateKey(NAME, bytes([1]) * 32)
    for sign, said in ((KEY, "others than those"), (forged, "key")):
        two = CheckpointFile(tmp_path / said)
        for each in (*kept[:2], checkpoints.sign(sign, 200, bytes(32)), *kept[2:]):
            two.append(each)
        (only,) = found(database, two)
        assert (only.what, only.seal) == ("checkpoint", "checkpoint of 200 events")
        assert said in only.message


@pytest.mark.parametrize(
    "change",
    ["checkpoint = 'none'", "checkpoint = replace(checkpoint, E'\\n6', E'\\n5')"],
)
def test_another_checkpoint_in_the_database_is_found(
    database: str, file: CheckpointFile, change: str
) -> None:
    """It is what readers are shown."""
    with tampered(database, f"UPDATE es.seal SET {change}"):
        (only,) = found(database, file)

    assert only.seal == "the checkpoint in the database"


def test_checkpoints_that_are_nowhere_are_missed(database: str, file: CheckpointFile) -> None:
    """The file that was there is named by a setting."""
    (only,) = found(database, None)

    assert "--checkpoints" in only.line


@pytest.mark.parametrize("lines", [0, 2])
def test_a_file_that_lost_its_last_checkpoints_is_found(
    database: str, file: CheckpointFile, tmp_path: Path, lines: int
) -> None:
    """Against the one that the database shows, which was in the file before."""
    cut = CheckpointFile(tmp_path / "checkpoints")
    cut.path.touch()
    for note in [*file.all(NAME)][:lines]:
        cut.append(note)

    with reading(database) as conn:
        said = [*findings(conn, cut.all(NAME), lambda: cut.last(NAME))]
        whole = [*findings(conn, file.all(NAME), lambda: file.last(NAME))]

    (only,) = [each for each in said if each.what == "checkpoint"]
    assert (only.seal, whole) == ("checkpoints", [])
    assert "lines are gone" in only.line
