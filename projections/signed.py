"""Under audit: checkpoints that were kept, to be compared with a log one after the other."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable

from domain.evidence import notes


class Signed:
    """The checkpoints that were kept, one after the other. `size` None: there is none any more."""

    def __init__(self, kept: Iterable[str], key: str | None) -> None:
        self._notes = iter(kept)
        self._key = key
        self.go_on()

    def go_on(self) -> None:
        """Come to the next."""
        self._note = next(self._notes, None)
        self.size: int | None = None
        if self._note is not None:
            lines = self._note.split("\n")
            self.size, self._root = int(lines[1]), lines[2]

    @property
    def root(self) -> bytes:
        """The root that it has."""
        return b64decode(self._root)

    @property
    def name(self) -> str:
        """The checkpoint for a person."""
        return f"checkpoint of {self.size} events"

    @property
    def forged(self) -> bool:
        """Whether its signature is not that of the log's key."""
        try:
            notes.public_key(self._key or "").check(self._note or "")
        except notes.NoteError:
            return True
        return False
