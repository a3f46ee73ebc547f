"""What a file system must be told for bytes to outlive a power cut, and what it refuses."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import OutOfSpace

log = logging.getLogger(__name__)

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def storing() -> Iterator[None]:
    """Turn what the disk refuses, for the block, into OutOfSpace."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise OutOfSpace("The disk is full: nothing was stored.") from error
        log.error("A file cannot be stored: %s", error)
        raise OutOfSpace("The disk does not take the file: nothing was stored.") from error


def place(path: Path, content: bytes) -> None:
    """Have a file be there with this content, durable, closed to others. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
    sync_folder(path.parent)
