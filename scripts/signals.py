"""What the signals that reach the supervisor mean: to end, to reload, or that a child ended."""

from __future__ import annotations

import os
import signal


class Stop(Exception):
    """We were told to end."""


class Signals:
    """The signals, blocked and waited for. Use from the main thread, once.

    The end of a terminal is one of ours. Without one SIGHUP asks for a reload, as daemons take it;
    `muniment reload` sends SIGUSR1, which does so always.
    """

    def __init__(self) -> None:
        ends, reloads = {signal.SIGTERM, signal.SIGINT}, {signal.SIGUSR1}
        (ends if _terminal() else reloads).add(signal.SIGHUP)
        # What was ignored when we were started (nohup, background) stays ignored.
        self._ends = {each for each in ends if signal.getsignal(each) != signal.SIG_IGN}
        self._reloads = {each for each in reloads if signal.getsignal(each) != signal.SIG_IGN}
        self._all = {*self._ends, *self._reloads, signal.SIGCHLD}
        self._to_reload = False
        signal.pthread_sigmask(signal.SIG_BLOCK, self._all)

    def pause(self, seconds: float) -> None:
        """Wait, less when one comes. Raises Stop."""
        caught = signal.sigtimedwait(self._all, seconds)
        if caught is None:
            return
        if caught.si_signo in self._ends:
            raise Stop
        self._to_reload |= caught.si_signo in self._reloads

    def wait(self, seconds: float) -> None:
        """Wait, less when one comes, whichever it is."""
        signal.sigtimedwait(self._all, seconds)

    def reload(self) -> bool:
        """Whether a reload was asked for since this was asked last."""
        asked, self._to_reload = self._to_reload, False
        return asked


def _terminal() -> bool:
    """Whether a terminal controls this process."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
