"""Work that would keep the interpreter to itself for too long, done in a process of its own.

Reading and validating JSON are single calls that let no other thread run: 10 MiB of small arrays
take seconds, and the event loop would stand still. One helper a process, started when it is first
needed, takes over whatever is large; a caller waits for it on a thread. A thread that has other
things to do says so (`lightly`), and hears that the work is heavy before it is begun.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from threading import Lock, local
from typing import ParamSpec, TypeVar

from setproctitle import setproctitle

from domain.errors import TooLarge
from domain.storage.process import die_with_parent

P = ParamSpec("P")
R = TypeVar("R")

LIGHT = 64 << 10  # bytes that are read and validated in place: at most about 4 ms
HEAVY = 20_000_000  # steps (a schema's weight x a document's bytes) that are not taken in place
PATIENCE = 10.0  # seconds, then the helper is ended: nothing else stops a call into C
STARTING = 60.0  # seconds that the helper may take until it is ready for work

_bounds = local()
_lock = Lock()  # one piece of work at a time, so that patience is for the work and not for a queue
_pool: ProcessPoolExecutor | None = None


class TooHeavy(Exception):
    """The work belongs where heavy work is done; nothing was begun."""


def lightly(function: Callable[[], R]) -> R:
    """Return what a function returns. Raises TooHeavy where it would wait for the helper."""
    _bounds.light = True
    try:
        return function()
    finally:
        _bounds.light = False


def require_time() -> None:
    """Pass where there is time for what takes long. Raises TooHeavy within `lightly`."""
    if getattr(_bounds, "light", False):
        raise TooHeavy


def call(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return what a function of ours returns, called in the helper; raise what it raises.

    Raises TooLarge when it takes longer than PATIENCE or more memory than there is, TooHeavy
    within `lightly`.
    """
    require_time()
    with _lock:
        try:
            try:
                return _called(function, *args, **kwargs)
            except BrokenExecutor:  # it was killed, maybe before this work was its own
                return _called(function, *args, **kwargs)
        except (TimeoutError, BrokenExecutor) as error:
            raise TooLarge(
                f"Checking the document takes longer than {PATIENCE:.0f} seconds.", int(PATIENCE)
            ) from error


def _called(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    global _pool
    pool = _pool = _pool or _started()
    try:
        pool.submit(_imported, function).result(STARTING)
        return pool.submit(function, *args, **kwargs).result(PATIENCE)
    except (TimeoutError, BrokenExecutor):
        _pool = None
        _end(pool)
        raise


def _started() -> ProcessPoolExecutor:
    """Return the helper, ready: its start is nobody's work. Raises what kept it from starting."""
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, (os.getpid(),))
    try:
        pool.submit(os.getpid).result(STARTING)
    except BaseException:
        _end(pool)
        raise
    return pool


def _imported(_function: Callable[..., object]) -> None:
    """Do nothing: to be given a function, the helper imports what it is made of."""


def _begin(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    setproctitle("muniment: helper")
    die_with_parent(parent, signal.SIGKILL)


def _end(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):  # no public way before Python 3.14
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
