"""What tests share: one PostgreSQL a session, a fresh database a module, one real service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from domain.storage.datafolder import DataFolder
from domain.storage.server import Server
from scripts.settings import Settings
from tests import real
from tests.running import Running

_TEMPLATE = "migrated"
OF_REAL = frozenset({"tests/test_load.py", "tests/api/history/test_real.py"})

# A busy machine stands still for longer than an example may take: no example is timed.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files of few tests come first: theirs are the long ones, and none is waited for last."""
    tests = Counter(each.path for each in items)
    items.sort(key=lambda each: tests[each.path])


class _Files(LoadFileScheduling):  # type: ignore[misc] # its package has no types
    """One process runs a file, and one those of the real history, which is loaded once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "real" if file in OF_REAL else file


@pytest.hookimpl(optionalhook=True)  # not where one process runs all
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Decide which process runs what (a hook of pytest-xdist)."""
    return _Files(config, log)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One embedded PostgreSQL for the session."""
    folder = DataFolder(tmp_path_factory.mktemp("postgres"))
    folder.open()
    with folder.held("test"):
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def template(postgres: Server) -> str:
    """The name of a migrated database to copy."""
    from scripts import wiring

    _create(postgres, _TEMPLATE)
    wiring.migrate(Settings(database_url=postgres.url(database=_TEMPLATE)))
    return _TEMPLATE


@pytest.fixture(scope="module")
def database(postgres: Server, template: str, request: pytest.FixtureRequest) -> str:
    """The URL of a fresh migrated database, one a test module."""
    name = request.module.__name__.replace(".", "_")[-60:]
    _create(postgres, name, template)
    return postgres.url(database=name)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One real service on a free port for the session; tests share its data.

    Its webhooks may lead to this machine. After the last test its log, views and files are audited.
    """
    with Running(
        tmp_path_factory.mktemp("service") / "data",
        MUNIMENT_WEBHOOK_HOSTS="127.0.0.1,hooks.invalid",
        MUNIMENT_WEBHOOK_INSIDE="127.0.0.0/8",
    ) as running:
        yield running
        audited = running.cli("audit")
        assert audited.returncode == 0, audited.stdout + audited.stderr


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[real.Loaded]:
    """A service with the real history, loaded while it ran; nobody adds to it."""
    real.require()
    with Running(tmp_path_factory.mktemp("real") / "data") as running:
        yield real.Loaded(running, running.cli(*real.LOAD))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where a test's own data folder may be made."""
    return tmp_path / "data"


def _create(server: Server, name: str, template: str = "template1") -> None:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "{name}" OWNER muniment_owner TEMPLATE {template}')
