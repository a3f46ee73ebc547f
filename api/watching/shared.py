"""Where the workers of a machine count together: one folder of files mapped into memory.

Each worker writes to files of its own, named for its place. Who comes after a worker that has ended
takes its place and counts on there: nothing that was counted is lost, and there are never more
files than there were workers at once. A place is held by a lock that ends with its holder, however
that ends. Source: prometheus-client, "Multiprocess Mode".
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the variable that the library reads
FIRST = 64 << 10  # bytes of a new file
ROOM = 16 << 10  # bytes that a metric takes at most with one more set of labels

_place = 0
_held: list[int] = []  # the descriptor of the lock, open as long as the process lives


def take(folder: Path) -> None:
    """Count in this folder from now on, at a place that is free. Call in each worker, once.

    On a full disk there may be no room for it: requests are answered, and counted for nobody.
    """
    global _place
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _place, lock = next(
            (place, lock) for place in count() if (lock := _lock(folder, place)) is not None
        )
    except OSError:
        return
    _held.append(lock)
    os.environ[FOLDER] = str(folder)
    mark_process_dead(_place)  # type: ignore[no-untyped-call]
    values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]


def forget_ended(folder: Path) -> None:
    """Forget what workers that have ended had at the moment: connections, not counts."""
    for each in folder.glob("gauge_live*.db"):
        place = int(each.stem.rpartition("_")[2])
        with suppress(FileNotFoundError), _free(folder, place) as free:
            if free:
                each.unlink()


def make_room(kind: str) -> None:
    """Have a file of a kind of metric, if there is a folder, with space for more. Raises OSError.

    The library would grow it by a hole: to write there while the disk is full kills the process.
    """
    if FOLDER not in os.environ:
        return
    with Path(os.environ[FOLDER], f"{kind}_{_place}.db").open("a+b") as file:
        file.seek(0)
        needed = int.from_bytes(file.read(4), "little") + ROOM
        size = FIRST
        while size < needed:
            size *= 2
        os.posix_fallocate(file.fileno(), 0, size)


def _lock(folder: Path, place: int) -> int | None:
    """Return the lock of a place, held; None where another holds it."""
    lock = os.open(folder / f"{place}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


@contextmanager
def _free(folder: Path, place: int) -> Iterator[bool]:
    """Say whether nobody holds a place; for the block nobody takes it then."""
    lock = _lock(folder, place)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            os.close(lock)
