"""Connections: how long a server is waited for, and what is tried again."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from domain.errors import Invalid
from projections.database import reaching
from tests.projections.tables import count, owner
from tests.running import cli
from tests.writing import actor, create, log_on, publish


def test_a_server_is_waited_for_in_seconds_unless_its_address_says_otherwise() -> None:
    """A connection attempt, and one that has fallen silent."""
    plain = conninfo_to_dict(reaching("postgresql://db.example.org/d"))
    own = conninfo_to_dict(reaching("postgresql://db.example.org/d?connect_timeout=60"))

    assert (plain["connect_timeout"], plain["keepalives_idle"]) == ("5", "10")
    assert (own["connect_timeout"], own["keepalives_idle"]) == ("60", "10")
    assert (own["host"], own["dbname"]) == ("db.example.org", "d")


def test_an_address_that_cannot_be_read_is_refused_without_showing_it() -> None:
    """It may hold a password."""
    with pytest.raises(Invalid) as refused:
        reaching("postgresql://ada:s3%cret@db.example.org/d")

    assert "cret" not in str(refused.value)


def test_a_server_that_never_answers_is_given_up(data: Path) -> None:
    """It takes connections and is silent; a verb says so and ends."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://ada@127.0.0.1:{silent.getsockname()[1]}/d"
        refused = cli("token", "create", "ada", "--data", str(data), DATABASE_URL=url)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("muniment: The database does not answer: ")
    assert refused.stderr.count("\n") == 1


def test_a_save_that_was_cancelled_is_not_tried_again(database: str) -> None:
    """The connection is there: whoever cancelled it meant it."""
    with (
        log_on(database) as log,
        owner(database) as holding,
        owner(database) as cancelling,
        ThreadPoolExecutor(1) as pool,
    ):
        made = log.run(actor(), create)
        with holding.transaction():
            holding.execute("SELECT FROM view.records WHERE id = %s FOR UPDATE", [made.id])
            saving = pool.submit(log.run, actor(), publish, made.id)
            while not cancelling.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchall():
                pass
            with pytest.raises(psycopg.errors.QueryCanceled):
                saving.result(30)

    assert count(database, f"es.event WHERE stream = '{made.id}'") == 2
