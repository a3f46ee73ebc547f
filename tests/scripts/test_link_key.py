"""The key of access links at a start: made where there is none, and missed where there was one."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from domain.access import Level
from domain.access_links import LinkCreated
from domain.errors import Damaged
from domain.family import FamilyCreated
from domain.log import Session
from scripts import contents, wiring
from scripts.settings import Settings
from tests.writing import ADA, actor, log_on


def a_link(session: Session) -> None:
    """Make a family with a link."""
    family = session.begin(uuid4(), FamilyCreated(owner=ADA))
    session.change(family, LinkCreated(link=uuid4(), level=Level.VIEW))


def test_a_file_that_is_too_short_is_no_key(database: str, tmp_path: Path) -> None:
    """The start ends with its name, before anything is signed."""
    settings = Settings(data=tmp_path).given("test", database_url=database)
    wiring.link_key_file(settings).write_bytes(b"tin")

    with pytest.raises(Damaged, match=r"link.key is no key: it has 3 bytes"):
        contents.link_key(settings)


def test_a_key_that_is_missing_is_missed_where_there_are_links(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, in words that name the file; not at a first start."""
    settings = Settings(data=tmp_path).given("test", database_url=database)
    contents.link_key(settings)
    at_first = capsys.readouterr().err
    with log_on(database) as log:
        log.run(actor(), a_link)
    wiring.link_key_file(settings).unlink()

    contents.link_key(settings)
    then = capsys.readouterr().err
    contents.link_key(settings)

    assert (at_first, capsys.readouterr().err) == ("", "")
    assert str(tmp_path / "link.key") in then
