"""Starts that would read a log wrongly: refused with what mends it, which does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from domain.errors import Conflict
from projections import migrate
from tests.running import cli
from tests.writing import actor, create, log_on

NEWER = 9999  # a step of the schema that nobody has taken yet
OFFSET = (
    "CREATE OR REPLACE FUNCTION es.txid_offset() RETURNS bigint IMMUTABLE PARALLEL SAFE"
    " LANGUAGE sql RETURN {}"
)


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection[tuple[int]]]:
    """A database with a log."""
    with log_on(database) as log:
        log.run(actor(), create)
    with psycopg.connect(database, autocommit=True) as conn:
        yield conn


def refused(database: str, data: Path) -> str:
    """What a start says, and every other verb, too."""
    started = cli("serve", "--data", str(data), "--port", "0", DATABASE_URL=database)
    other = cli("audit", "--data", str(data), DATABASE_URL=database)
    assert (started.returncode, other.returncode) == (1, 2)
    said = other.stderr.removeprefix("muniment: ").strip()
    assert said in started.stderr
    return said


def test_a_database_of_a_newer_muniment_is_refused(
    conn: psycopg.Connection[tuple[int]], database: str, data: Path
) -> None:
    """Until the newer one is installed; nothing is changed before."""
    conn.execute("INSERT INTO muniment.migration (number) VALUES (%s)", [NEWER])
    try:
        said = refused(database, data)
        left = conn.execute("SELECT max(number) FROM muniment.migration").fetchone()
    finally:
        conn.execute("DELETE FROM muniment.migration WHERE number = %s", [NEWER])

    assert f"made by a newer Muniment (step {NEWER}; this one knows" in said
    assert said.endswith("Install that version, or a later one, and start again.")
    assert left == (NEWER,)


def test_a_log_of_another_cluster_is_refused_until_it_is_realigned(
    conn: psycopg.Connection[tuple[int]], database: str, data: Path
) -> None:
    """The verb that it names is what it needs."""
    [(before,)] = conn.execute("SELECT es.txid_offset()").fetchall()
    conn.execute(OFFSET.format(before - (1 << 32)))

    said = refused(database, data)
    mended = cli("realign", "--data", str(data), DATABASE_URL=database)

    assert "Run `muniment realign` once, then start again." in said
    assert mended.returncode == 0, mended.stderr
    audited = cli("audit", "--data", str(data), DATABASE_URL=database)
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_a_server_before_the_oldest_is_refused(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real one of an earlier PostgreSQL: tests/scripts/test_upgrade.py."""
    monkeypatch.setattr(migrate, "OLDEST", 99)

    with pytest.raises(Conflict, match=r"needs 99 or a newer one\. Upgrade the server"):
        migrate.migrate(database)
