"""Processes forked from the supervisor: each ends with it, and is made again when it ends."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from setproctitle import setproctitle

from domain.errors import Refusal
from domain.storage.process import default_signals, die_with_parent

log = logging.getLogger(__name__)

_PAUSE = 1.0  # seconds between two starts of one that ends at once


class Child:
    """One function in a process of its own, in a process group of its own.

    The terminal's Ctrl-C reaches the supervisor only, which ends its children in order.
    `leave` is called first in the process: it closes what is the supervisor's alone.
    """

    def __init__(self, name: str, work: Callable[[], None], leave: Callable[[], None]) -> None:
        self.name = name
        self._work = work
        self._leave = leave
        self._pid = 0
        self._started = 0.0
        self.code: int | None = 0  # exit code, or minus the signal's number; None: it runs

    def start(self) -> None:
        """Start the process. Call from the main thread."""
        sys.stdout.flush()
        sys.stderr.flush()
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            os._exit(self._run(supervisor))
        self._pid, self._started, self.code = pid, time.monotonic(), None

    def ended(self) -> bool:
        """Whether the process has ended; `code` says how."""
        if self.code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid != 0:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def keep(self) -> None:
        """Start the process again when it has ended: at once, then every second."""
        if self.ended() and time.monotonic() - self._started >= _PAUSE:
            log.error("The %s ended (%s); starting it again.", self.name, self.code)
            self.start()

    def send(self, sign: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if not self.ended():
            with suppress(ProcessLookupError):
                os.kill(self._pid, sign)

    def _run(self, supervisor: int) -> int:
        code = 1
        try:
            default_signals()
            os.setpgid(0, 0)
            die_with_parent(supervisor, by=signal.SIGKILL)
            self._leave()
            setproctitle(f"muniment: {self.name}")
            self._work()
            code = 0
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 1
        except Refusal as refusal:
            log.error("%s", refusal.message)
        except BaseException:
            log.exception("The %s cannot go on.", self.name)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return code
