"""What a child process needs from Linux: an end together with its parent, and clean signals.

Source: prctl(2), PR_SET_PDEATHSIG. The signal follows the *thread* that made the child, so
children are started from the main thread; a change of user clears it, so it is set after one.
"""

from __future__ import annotations

import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # looked up before any fork: a child must not load


def die_with_parent(parent: int, by: signal.Signals) -> None:
    """Let the kernel send `by` to this process when its parent, process `parent`, ends."""
    if _libc.prctl(_PR_SET_PDEATHSIG, int(by), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before the kernel was told
        os.kill(os.getpid(), by)


def default_signals() -> None:
    """Undo what a child inherits of its parent's signals: handlers and the blocked set."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def running(word: str, program: str) -> dict[int, str]:
    """Processes of `program` whose command line holds `word`: process id to command line.

    The kernel shows both to everybody, unlike a process's folder, which a container's root may
    not look at when the process belongs to another account.
    """
    found = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdecimal():
            continue
        try:
            with open(f"{entry.path}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                if file.read().rstrip("\n") != program:
                    continue
            with open(f"{entry.path}/cmdline", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                line = file.read().replace("\0", " ")
        except OSError:  # it has ended meanwhile
            continue
        if word in line:
            found[int(entry.name)] = line
    return found
