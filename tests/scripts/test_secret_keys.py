"""The files of keys at a start and at a rotation: made, tidied up, missed, changed one by one."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from domain.errors import Damaged
from projections.data_keys import DataKeys
from projections.database import Connections, connect, serving
from scripts import contents, wiring
from scripts.settings import Settings
from tests.running import cli


@pytest.fixture(autouse=True)
def _no_data_keys(database: str) -> None:
    """Each test begins without any: their file is the test's own."""
    with connect(database) as owner:
        owner.execute("TRUNCATE es.data_key")


def test_a_key_that_is_missing_is_missed_where_secrets_lie_under_it(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At every start, by its id and the file; not at a first start, nor when it is back."""
    settings = Settings(data=tmp_path).given("test", database_url=database)
    keys = wiring.encryption_keys(settings)
    contents.encryption_keys(settings)
    connections = Connections(serving(database, "test"))
    DataKeys(connections, keys).of(uuid4())
    connections.close()
    contents.encryption_keys(settings)
    at_first = capsys.readouterr().err
    away = keys.path.rename(tmp_path / "away")

    contents.encryption_keys(settings)
    then = capsys.readouterr().err
    away.rename(keys.path)
    contents.encryption_keys(settings)

    assert (at_first, capsys.readouterr().err) == ("", "")
    assert str(keys.path) in then
    assert keys.newest()[0] in then


def test_signing_keys_are_made_at_the_first_start_and_stay(database: str, tmp_path: Path) -> None:
    """What somebody left behind who ended while he wrote is removed; it held keys too."""
    settings = Settings(data=tmp_path).given("test", database_url=database)
    left = [tmp_path / name for name in ("oauth.keys.new", "secrets.keys.new")]
    for each in left:
        each.write_text("keys")

    contents.signing_keys(settings)
    contents.encryption_keys(settings)
    first = wiring.signing_keys(settings).public()
    contents.signing_keys(settings)

    assert [each.exists() for each in left] == [False, False]
    assert (tmp_path / "oauth.keys").stat().st_mode & 0o777 == 0o600
    assert len(first["keys"]) == 1
    assert wiring.signing_keys(settings).public() == first


def test_what_signs_is_rotated_though_a_secrets_key_does_not_open(
    database: str, tmp_path: Path
) -> None:
    """Each is told of; exit code 1, and what secrets lie under stays as it was."""
    settings = Settings(data=tmp_path).given("test", database_url=database)
    contents.signing_keys(settings)
    connections = Connections(serving(database, "test"))
    DataKeys(connections, wiring.encryption_keys(settings)).of(uuid4())
    connections.close()
    keys = wiring.encryption_keys(settings)
    held, before = keys.path.read_bytes(), wiring.signing_keys(settings).signing().kid
    keys.path.unlink()

    rotated = cli("keys", "rotate", DATABASE_URL=database, MUNIMENT_DATA=str(tmp_path))
    keys.path.write_bytes(held)
    again = cli("keys", "rotate", DATABASE_URL=database, MUNIMENT_DATA=str(tmp_path))

    after = wiring.signing_keys(settings)
    assert rotated.returncode == 1
    assert "signed by the key" in rotated.stderr
    assert "has no key" in rotated.stderr
    assert again.returncode == 0, again.stderr
    assert len(after.public()["keys"]) == 3
    assert after.signing().kid != before
    assert "1 keys of secrets" in again.stderr


def test_a_file_that_holds_no_keys_ends_the_start(database: str, tmp_path: Path) -> None:
    """Before anything is written under another key."""
    file = tmp_path / "elsewhere.keys"
    file.write_text("tin")
    settings = Settings(data=tmp_path, secret_keys=str(file))

    with pytest.raises(Damaged, match=r"elsewhere\.keys holds no keys"):
        contents.encryption_keys(settings.given("test", database_url=database))
