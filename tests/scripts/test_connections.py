"""Connections to the database: there is room for two generations of workers, or it is said."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from api import service
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import connections
from scripts.settings import Settings
from tests.running import Running


@pytest.mark.soak
def test_a_service_gives_its_server_the_room_that_its_workers_need(data: Path) -> None:
    """It is reloaded with as many again."""
    with Running(data, "--workers", "8") as running:
        reloaded = running.cli("reload")
        with database(DataFolder(data), "test") as url, psycopg.connect(url) as conn:
            shown = _shown(conn)

    assert shown == connections.embedded(8) > connections.embedded(2)
    assert reloaded.returncode == 0, reloaded.stderr


def test_a_start_says_where_a_database_elsewhere_has_no_room_for_a_reload(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With how many it needs; as many as fit are no matter."""
    connections.warn(Settings(database_url=database, workers=2))
    nothing = capsys.readouterr().err
    connections.warn(Settings(database_url=database, workers=20))

    assert nothing == ""
    assert "takes 197 connections; a reload from 20 to 20 workers may need 500" in (
        capsys.readouterr().err
    )


def test_what_is_counted_for_a_worker_is_what_it_opens() -> None:
    """Its readers, searchers and writers."""
    opened = service.READERS + service.SEARCHERS + service.WRITERS

    assert opened == connections.OF_A_WORKER


def _shown(conn: psycopg.Connection[tuple[str]]) -> int:
    [(shown,)] = conn.execute("SHOW max_connections").fetchall()
    return int(shown)
