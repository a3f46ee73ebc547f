"""What some work last came to, in a file, so that every process of the machine can say it."""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

N = TypeVar("N", bound=Struct)


class Noted(Generic[N]):
    """The file that says it, as JSON; `nothing` is what is said before anything was noted."""

    def __init__(self, path: Path, nothing: N) -> None:
        self.path = path
        self._nothing = nothing

    def last(self) -> N:
        """Return what was noted last."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=type(self._nothing))
        except (OSError, msgspec.MsgspecError):
            return self._nothing

    def note(self, what: N) -> None:
        """Have the file say this. Raises OSError."""
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_bytes(msgspec.json.encode(what))
        new.replace(self.path)
