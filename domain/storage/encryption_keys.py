"""The keys under which data keys are wrapped: in one file beside the database, not in it.

The file is a JSON object: `keys`, each with an `id` and a `key` in base64, of which the last wraps
from now on and the others open what is not wrapped anew yet. It is read whenever it is asked for,
which is when a secret is written: a rotation needs no restart.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path
from secrets import token_bytes
from typing import Any
from uuid import uuid4

from domain.envelope import KEY_BYTES
from domain.errors import Damaged
from domain.storage.key_file import KeyFile


class EncryptionKeys:
    """The keys of a file, made at their first use."""

    def __init__(self, path: Path) -> None:
        self._file = KeyFile(path)

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return self._file.path

    def newest(self) -> tuple[str, bytes]:
        """Return the id of the key that wraps, and the key; made where there is none.

        Raises Damaged.
        """
        self._file.begin(lambda: {"keys": [_made()]})
        return list(self._keys().items())[-1]

    def tidy(self) -> None:
        """Remove what a crash left beside the file."""
        self._file.tidy()

    def key(self, id_: str) -> bytes:
        """Return a key. Raises Damaged where the file has it not."""
        try:
            return self._keys()[id_]
        except (KeyError, FileNotFoundError) as error:
            raise Damaged(f"{self.path} has no key {id_}, under which secrets lie.") from error

    def ids(self) -> set[str]:
        """Return the ids of all keys that the file has; none where there is no file."""
        try:
            return set(self._keys())
        except FileNotFoundError:
            return set()

    def add(self) -> None:
        """Have another key wrap from now on. Raises Damaged."""
        self.newest()
        with self._file.held():
            self._file.write({"keys": [*self._file.read()["keys"], _made()]})

    def forget_older(self) -> None:
        """Remove all keys but the one that wraps: nothing lies under them any more."""
        with self._file.held():
            self._file.write({"keys": self._file.read()["keys"][-1:]})

    def _keys(self) -> dict[str, bytes]:
        try:
            found = {str(each["id"]): b64decode(each["key"]) for each in self._file.read()["keys"]}
        except (Error, KeyError, TypeError) as error:
            raise self._file.damaged from error
        if not found or any(len(key) != KEY_BYTES for key in found.values()):
            raise self._file.damaged
        return found


def _made() -> dict[str, Any]:
    return {"id": uuid4().hex, "key": b64encode(token_bytes(KEY_BYTES)).decode()}
