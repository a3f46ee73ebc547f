"""A secret variable at rest: in plain in no table, no backup and no replay.

Beside it stands what is no secret, and is found in all of them: what looks for the one finds it.
"""

from __future__ import annotations

import gzip
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, TypeVar

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql

from domain.access import Level, principals_of
from domain.commands import applications, deployments, hosted_things, organisations, variables
from domain.hosted import APPLICATION
from domain.identifiers import base32_of
from projections.data_keys import DataKeys
from projections.database import Connections, serving
from scripts import wiring
from scripts.settings import Settings
from tests.running import cli
from tests.writing import ADA, actor, log_on

R = TypeVar("R")

TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
GZIP = b"\x1f\x8b"


class Told(NamedTuple):
    """The values of two variables of an environment, and the pid of it."""

    secret: str
    plain: str
    pid: str


def spelled(text: str) -> list[bytes]:
    """A text as it may stand somewhere: as it is, in hexadecimal, and at any place in base 64."""
    plain = text.encode()
    at_each = (b64encode(b" " * at + plain)[4 * bool(at) : -4] for at in range(3))
    return [plain, plain.hex().encode(), *at_each]


def holds(held: bytes, text: str) -> bool:
    """Whether a text stands somewhere."""
    return any(each in held for each in spelled(text))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder, with the file of keys."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def told(database: str, data: Path) -> Told:
    """Variables of an environment that was deployed, copied, and written again."""
    settings = Settings(data=data).given("test", database_url=database)
    connections = Connections(serving(database, "test"))
    keys = DataKeys(connections, wiring.encryption_keys(settings))
    secret, plain = token_hex(12), token_hex(12)

    with log_on(database) as log:
        log.run(actor(), hosted_things.built_in)
        organisation = log.run(actor(), organisations.create, {"name": "tin"}, ())
        leads = ((organisation.id, Level.MANAGE),)
        leader = replace(actor(), principals=principals_of(ADA, (), leads), projects=leads)

        def run(command: Callable[..., R], *args: Any) -> R:
            return log.run(leader, command, *args)

        about = {"name": "tin", "slug": "tin", "organisation": organisation.id.hex}
        more = {"region": "0" * 32, "plan_group": "0" * 32, "release_commands": []}
        made = run(applications.create, about | more | {"branch": "main"}, ()).record
        first = {APPLICATION.name: made.id.hex, "slug": "first", "branch": "main"}
        begun = run(applications.begin_environment, first, ()).record
        for name, value in (("TOKEN", secret), ("STAGE", plain)):
            new = {"environment": begun.id.hex, "name": name, "value": value}
            run(variables.create, keys, new | {"is_sensitive": value == secret})
        run(deployments.create, {"environment": begun.id.hex})
        run(applications.copy, keys, base32_of(begun.id), {"new_slug": "second"}, ())
    connections.close()
    return Told(secret, plain, begun.pid)


def test_no_table_holds_it_in_plain(database: str, told: Told) -> None:
    """Of the log, of the views, and of what is beside them: all that is in the database."""
    found: dict[str, list[str]] = {told.secret: [], told.plain: []}
    with psycopg.connect(database) as conn:
        for schema, name in conn.execute(TABLES).fetchall():
            copied = sql.SQL("COPY (SELECT t::text FROM {} t) TO STDOUT")
            with conn.cursor().copy(copied.format(sql.Identifier(schema, name))) as rows:
                held = b"".join(bytes(each) for each in rows)
            for text, names in found.items():
                names += [f"{schema}.{name}"] if holds(held, text) else []

    assert {"es.event", "view.versions", "view.search"} <= set(found[told.plain])
    assert found[told.secret] == []


def test_no_backup_and_no_replay_holds_it_in_plain(
    database: str, data: Path, told: Told, tmp_path: Path
) -> None:
    """Not in one with the keys either: they open it, and are not it."""
    folder = tmp_path / "backup"

    backed_up = cli(
        "backup", str(folder), "--with-keys", "--data", str(data), DATABASE_URL=database
    )
    replayed = cli("replay", told.pid, "--data", str(data), DATABASE_URL=database)

    assert backed_up.returncode == 0, backed_up.stderr
    assert replayed.returncode == 0, replayed.stderr
    files = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    whole = b"".join(gzip.decompress(each) if each.startswith(GZIP) else each for each in files)
    said = (replayed.stdout + replayed.stderr).encode()
    assert [holds(each, told.plain) for each in (whole, said)] == [True, True]
    assert [holds(each, told.secret) for each in (whole, said)] == [False, False]
