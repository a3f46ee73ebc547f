"""What processes cost: CPU and memory of whole trees. Source: proc(5)."""

from __future__ import annotations

import os
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")  # seconds


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children = [int(word) for word in _read(pid, f"task/{pid}/children").split()]
    return [pid, *(each for child in children for each in tree(child))]


def cpu(pids: list[int]) -> float:
    """Return the seconds of CPU that processes have used so far; one that ended counts nothing."""
    return sum(_cpu(pid) for pid in pids)


def cpu_below(pid: int) -> float:
    """Return the seconds of CPU of a process and all below it, those that ended included."""
    return sum(_cpu(each, ended=True) for each in tree(pid))


def shared_memory(pids: list[int]) -> int:
    """Return the bytes of memory of processes, each shared page once (proportional set size)."""
    return sum(_pss(pid) for pid in pids)


def peak(pid: int, *, reset: bool = False) -> int:
    """Return the most bytes that a process had resident since the last reset."""
    if reset:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    return int(_read(pid, "status").partition("VmHWM:")[2].split()[0]) * 1024


def postgres(pid: int) -> int:
    """Return the process id of the PostgreSQL server below a process."""
    return next(each for each in tree(pid) if "/bin/postgres\0-D" in _read(each, "cmdline"))


def workers(pid: int) -> list[int]:
    """Return the process ids of gunicorn's workers below a process."""
    return [each for each in tree(pid) if _read(each, "cmdline").startswith("muniment: worker")]


def _cpu(pid: int, *, ended: bool = False) -> float:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return sum(int(each) for each in fields[11 : 15 if ended else 13]) * TICK


def _pss(pid: int) -> int:
    for line in _read(pid, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:  # it has ended
        return ""
