"""Keys that sign what is not stored: each is made once, and lies beside the database, not in it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from domain.errors import Damaged
from domain.storage.durable import sync_folder

BYTES = 32


def kept(path: Path) -> bytes:
    """Return a file's key, made once for all processes and durable before it signs anything.

    Raises Damaged for what is too short to be one: who guesses it signs as we do; and where it
    cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise Damaged(f"There is no key to be had from {path}: {error.strerror}.") from error
    if len(key) < BYTES:
        raise Damaged(f"{path} is no key: it has {len(key)} bytes, and must have {BYTES}.")
    return key


def _make(path: Path) -> None:
    # Closed to others, and gone again in any case; of each thread one.
    with NamedTemporaryFile(prefix=f"{path.name}.", dir=path.parent) as made:
        made.write(os.urandom(BYTES))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):  # not over one that somebody else has made meanwhile
            os.link(made.name, path)
    sync_folder(path.parent)
