"""Keys that sign what is not stored: each is made once, and lies beside the database, not in it."""

from __future__ import annotations

import os
from pathlib import Path

from domain.errors import Damaged
from domain.storage.durable import sync_folder

BYTES = 32


def kept(path: Path) -> bytes:
    """Return a file's key, made once for all processes and durable before it signs anything.

    Raises Damaged for what is too short to be one: who guesses it signs as we do.
    """
    while True:
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            _make(path)
            continue
        if len(key) < BYTES:
            raise Damaged(f"{path} is no key: it has {len(key)} bytes, and must have {BYTES}.")
        return key


def _make(path: Path) -> None:
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(os.urandom(BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)  # not over one that another process has made meanwhile
    except FileExistsError:
        return
    finally:
        made.unlink()
    sync_folder(path.parent)
