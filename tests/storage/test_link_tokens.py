"""Tokens of access links: who has the key makes the same of a link, nobody else makes any."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from domain.storage.link_tokens import LinkTokens
from scripts import wiring
from scripts.settings import Settings

FAMILY, LINK = uuid4(), uuid4()


def machine(data: Path, link_key: str = "") -> LinkTokens:
    """The tokens of a machine with a data folder of its own."""
    data.mkdir()
    return LinkTokens(wiring.link_key(Settings(data=data, link_key=link_key)))


def test_machines_that_share_a_key_honour_each_others_links(tmp_path: Path) -> None:
    """MUNIMENT_LINK_KEY names it; whichever machine comes first makes it."""
    shared = str(tmp_path / "shared.key")
    one, other = (machine(tmp_path / name, shared) for name in ("one", "other"))

    assert one.token(FAMILY, LINK) == other.token(FAMILY, LINK)
    assert other.read(one.token(FAMILY, LINK)) == (FAMILY, LINK)


def test_a_link_of_another_key_is_none(tmp_path: Path) -> None:
    """Two data folders have two keys: neither knows the other's tokens."""
    one, other = (machine(tmp_path / name) for name in ("one", "other"))

    assert other.read(one.token(FAMILY, LINK)) is None


def test_a_key_that_is_put_back_brings_the_links_back(tmp_path: Path) -> None:
    """What a backup needs beside the database: the file, byte for byte, readable by its owner."""
    token = machine(tmp_path / "one").token(FAMILY, LINK)
    key = tmp_path / "one" / "link.key"
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "link.key").write_bytes(key.read_bytes())

    restored = LinkTokens(wiring.link_key(Settings(data=tmp_path / "two")))

    assert restored.read(token) == (FAMILY, LINK)
    assert key.stat().st_mode & 0o077 == 0
