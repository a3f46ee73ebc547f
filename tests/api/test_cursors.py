"""Places in walks are signed: what a client hands back was handed out here, as it is."""

from __future__ import annotations

import pytest
from msgspec import Struct

from api.cursors import Cursors
from domain.errors import Invalid

CURSORS = Cursors(b"tin" * 11)


class Line(Struct, frozen=True, array_like=True):
    """A place."""

    name: str
    number: int


class Shelf(Struct, frozen=True, array_like=True):
    """Another, of the same members."""

    name: str
    number: int


def refused(text: str, kind: type[Struct] = Line) -> None:
    """Find that a text is no place."""
    with pytest.raises(Invalid, match="no such place"):
        CURSORS.read(text, kind)


def test_a_place_is_read_as_it_was_written() -> None:
    """By whoever has the key, another machine too."""
    for number in range(5):
        place = Line("é" * number, 1 << 60)
        assert Cursors(b"tin" * 11).read(CURSORS.text(place), Line) == place


@pytest.mark.parametrize("text", ["", ".", "tin", "a.b", "ü", "\0", "\ud800", "a" * 20_000])
def test_what_is_no_place_is_refused(text: str) -> None:
    """Whatever it is."""
    refused(text)


def test_a_place_that_was_changed_is_refused() -> None:
    """In any of its characters, or longer or shorter."""
    text = CURSORS.text(Line("tin", 5))
    for at, sign in enumerate(text):
        refused(text[:at] + ("B" if sign == "A" else "A") + text[at + 1 :])
        refused(text[:at])
    refused(text + "A")


def test_a_place_of_another_key_is_refused() -> None:
    """It was made elsewhere."""
    refused(Cursors(b"zinc" * 8).text(Line("tin", 5)))


def test_a_place_of_another_kind_is_refused() -> None:
    """Though it reads alike."""
    refused(CURSORS.text(Line("tin", 5)), Shelf)
