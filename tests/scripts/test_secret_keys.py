"""The keys that secrets are encrypted under, at a start: missed where secrets lie under them."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from domain.errors import Damaged
from projections.data_keys import DataKeys
from projections.database import Connections, serving
from scripts import contents, wiring
from scripts.settings import Settings


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


def test_a_file_that_holds_no_keys_ends_the_start(database: str, tmp_path: Path) -> None:
    """Before anything is written under another key."""
    file = tmp_path / "elsewhere.keys"
    file.write_text("tin")
    settings = Settings(data=tmp_path, secret_keys=str(file))

    with pytest.raises(Damaged, match=r"elsewhere\.keys holds no keys"):
        contents.encryption_keys(settings.given("test", database_url=database))
