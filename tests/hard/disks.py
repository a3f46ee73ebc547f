"""A small ext4 of a test's own on a loop device: it can be filled, and its power can be cut."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from struct import pack

import pytest

from tests.hard.writers import free_port
from tests.running import Running

_SHUTDOWN = 0x8004587D  # FS_IOC_SHUTDOWN. Source: linux/fs.h, _IOR('X', 125, __u32)
_NO_LOG_FLUSH = 2  # nothing in memory reaches the disk any more, not even the journal


class Disk:
    """One image file and the folder it is mounted on, both made in `folder`."""

    def __init__(self, folder: Path, size: int) -> None:
        """Make the file system of `size` bytes; nothing of it is reserved for root."""
        self.image = folder / "disk.img"
        self.path = folder / "disk"
        self._filler = self.path / "filler"
        self.path.mkdir()
        with self.image.open("wb") as file:
            file.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", self.image], check=True)

    def mount(self) -> None:
        """Mount it; its journal is replayed when its power was cut."""
        subprocess.run(["mount", "-o", "loop", self.image, self.path], check=True)

    def unmount(self) -> None:
        """Unmount it, as soon as whoever uses it has ended."""
        until = time.monotonic() + 20
        while (done := subprocess.run(["umount", self.path], capture_output=True)).returncode:
            assert time.monotonic() < until, done.stderr
            time.sleep(0.05)

    def cut_power(self) -> None:
        """Drop what was not flushed: from now on every write and every fsync fails.

        It happens at one instant for the whole file system. Afterwards unmount, and mount again.
        """
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def free(self) -> int:
        """Return the bytes that are free."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Let a file take all space but `leave` bytes; without it, to the very last block."""
        with self._filler.open("ab") as file:
            step = 2**26
            while step >= 4096:
                step = min(step, max(self.free() - leave, 0) or step)
                try:
                    os.posix_fallocate(file.fileno(), file.tell(), step)
                except OSError:
                    step //= 2
                else:
                    file.seek(0, os.SEEK_END)
                    if leave and self.free() <= leave:
                        return

    def empty(self) -> None:
        """Take the filler away."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Disk]:
    """A mounted disk for the block; skips the test where there can be none."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a file system of its own")
    if not shutil.which("mkfs.ext4") or not Path("/dev/loop-control").exists():
        pytest.skip("needs mkfs.ext4 and loop devices")
    disk = Disk(folder, size)
    try:
        disk.mount()
    except subprocess.CalledProcessError:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield disk
    finally:
        disk.unmount()
        disk.image.unlink()


def service_on(disk: Disk, *, first: bool = True, **settings: str) -> Running:
    """A service on a disk that keeps its port, not started yet; what it says is kept elsewhere.

    A `first` start flushes all that it writes to the disk, which the copy of one does not.
    """
    service = Running(disk.path / "data", "--port", free_port(), first=first, **settings)
    service.said = disk.image.with_suffix(".out")
    service.log = disk.image.with_suffix(".err")
    return service
