"""A power cut that drops whatever was not flushed: what was acknowledged is there, once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.hard.disks import Disk, mounted, service_on
from tests.hard.writers import SOON, Writers
from tests.running import COMMAND, Running, environment

SIZE = 1 << 30


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of the test's own."""
    with mounted(tmp_path, SIZE) as made:
        yield made


@pytest.fixture
def running(disk: Disk) -> Iterator[Running]:
    """A service on it, not started yet."""
    service = service_on(disk)
    yield service
    service.kill()


def test_a_power_cut_drops_what_was_not_flushed(disk: Disk) -> None:
    """The control: else the tests below would prove nothing."""
    for name in ("flushed", "not flushed"):
        with (disk.path / name).open("wb") as file:
            file.write(b"x" * 100_000)
            if name == "flushed":
                file.flush()
                os.fsync(file.fileno())
    folder = os.open(disk.path, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    with (disk.path / "flushed").open("ab") as file:
        file.write(b"not flushed")

    _cut(disk)

    assert (disk.path / "flushed").read_bytes() == b"x" * 100_000
    lost = disk.path / "not flushed"
    assert not lost.exists() or lost.stat().st_size < 100_000


def test_what_was_acknowledged_before_a_power_cut_is_there_once(
    disk: Disk, running: Running
) -> None:
    """One cut while clients write."""
    _cut_while_writing(disk, running, cuts=1)


@pytest.mark.soak
def test_what_was_acknowledged_before_twenty_power_cuts_is_there_once(
    disk: Disk, running: Running
) -> None:
    """The long form."""
    _cut_while_writing(disk, running, cuts=20)


@pytest.mark.parametrize(
    "pauses", [(0.4, 1.4), pytest.param((0.3, 0.8, 1.3, 1.8, 2.3), marks=pytest.mark.soak)]
)
def test_it_starts_after_a_power_cut_at_any_moment_of_its_first_start(
    disk: Disk, running: Running, pauses: tuple[float, ...]
) -> None:
    """Nothing half made is in the way."""
    words = [*COMMAND, "serve", "--data", str(running.data), "--port", "0"]
    for pause in pauses:
        quiet = subprocess.DEVNULL
        with subprocess.Popen(words, env=environment(), stdout=quiet, stderr=quiet) as process:
            time.sleep(pause)
            _cut(disk, process)

    running.start()
    running.admin_token = running.cli("token", "create", "admin").stdout.strip()

    assert Writers(running).answered_again() < SOON


def _cut_while_writing(disk: Disk, running: Running, cuts: int) -> None:
    running.start()
    writers = Writers(running)
    with writers:
        for _ in range(cuts):
            time.sleep(random.uniform(0.5, 3))
            _cut(disk, running)
            running.start()
            writers.answered_again()
    assert writers.sent_again > 0
    assert writers.sent
    writers.check()
    audited = running.cli("audit")
    assert (audited.returncode, audited.stdout) == (0, ""), audited.stderr


class _Killable(Protocol):
    def kill(self) -> None: ...


def _cut(disk: Disk, process: _Killable | None = None) -> None:
    """Cut the power, end the process that lived on it, and mount the disk again."""
    disk.cut_power()
    if process is not None:
        time.sleep(random.uniform(0, 0.2))  # what fails now must not be acknowledged either
        process.kill()
    disk.unmount()
    disk.mount()
