"""What came of reloads, for who waits for one: a file in the data folder."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from domain.storage.noted import Noted


class Reload(Struct, frozen=True):
    """The last reload; `number` counts them, `failure` is empty where it succeeded."""

    number: int = 0
    failure: str = ""


def reloads(data: Path) -> Noted[Reload]:
    """Return the file that says it."""
    return Noted(data / "reload.json", Reload())
