"""The data folder: closed to other local users, and held by one process at a time.

The lock is flock(2) on `muniment.lock`: the kernel lets go of it when its holder ends, however
it ends, so what the file says of an earlier holder never stops a start.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.errors import Conflict, Refusal


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a data folder: process id, and what it does there (`serve`, `load` ...)."""

    pid: int
    role: str


class InUse(Conflict):
    """Another process holds the data folder; `holder` says which, as far as it is known."""

    def __init__(self, path: Path, holder: Holder | None) -> None:
        who = f"process {holder.pid} (muniment {holder.role})" if holder else "another process"
        super().__init__(f"The data folder {path} is in use by {who}.")
        self.holder = holder


class DataFolder:
    """One data folder. Foreign files in it are left alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres = self.path / "postgres"
        self.server_log = self.path / "postgres.log"
        self.socket_record = self.path / "muniment.socket"
        self._lock_path = self.path / "muniment.lock"
        self._lock: int | None = None

    def open(self) -> None:
        """Make the folder when it is missing and close it to others. Raises Refusal."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_mode & 0o077:
                self.path.chmod(0o700)
        except OSError as error:
            raise Refusal(
                f"The data folder {self.path} cannot be used: {error.strerror}."
            ) from error

    def holder(self) -> Holder | None:
        """Who holds the folder now, or None."""
        lock = self._try_lock()
        if lock is not None:
            os.close(lock)
            return None
        return self._recorded_holder() or Holder(0, "unknown")

    @contextmanager
    def held(self, role: str, wait: float = 0) -> Iterator[None]:
        """Hold the folder for the block, waiting up to `wait` seconds for it. Raises InUse."""
        self.acquire(role, wait)
        try:
            yield
        finally:
            self.release()

    def acquire(self, role: str, wait: float = 0) -> None:
        """Hold the folder, waiting up to `wait` seconds for it. Raises InUse, Refusal."""
        until = time.monotonic() + wait
        while (lock := self._try_lock()) is None:
            if time.monotonic() >= until:
                raise InUse(self.path, self._recorded_holder())
            time.sleep(0.05)
        self._lock = lock
        try:
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()} {role}\n".encode(), 0)
        except OSError:  # no space: the lock holds all the same, it only bears no name
            pass

    def release(self) -> None:
        """Let go of the folder; also what a forked child calls to leave it to its parent."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _try_lock(self) -> int | None:
        self.open()
        try:
            lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Refusal(f"{self._lock_path} cannot be opened: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _recorded_holder(self) -> Holder | None:
        try:
            pid, _, role = self._lock_path.read_text().strip().partition(" ")
            return Holder(int(pid), role)
        except (OSError, ValueError):
            return None
