"""The follower and the web server of a service: started, kept alive, exchanged, ended.

Beside them, views whose code changed are made again, by a process that ends when they are.
"""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections.abc import Callable, Sequence

import click

from domain.errors import Refusal
from scripts import listening
from scripts.children import Child
from scripts.connections import TooFew
from scripts.heard import Heard, Say
from scripts.settings import Settings
from scripts.web import Web

log = logging.getLogger(__name__)

_TO_BE_UP = 60.0  # seconds that each of the new ones has
_TOO_FEW = 3  # exit code of a rehearsal


class Processes:
    """Both, on one listener. `release` lets go of the data folder's lock in a child.

    `watch` waits so many seconds, less when something happens, and keeps the database alive; it may
    raise. Ended by `stop`, also after that.
    """

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        release: Callable[[], None],
        watch: Callable[[float], None],
    ) -> None:
        self._listener = listener
        self._release = release
        self._watch = watch
        self._others: list[Web] = []  # that are to end, or do not answer yet
        self._settings = settings
        self._follower = self._new_follower(settings)
        self._web = Web(settings, listener, release)
        self._renewal: Child | None = None

    def start(self) -> None:
        """Start both, and wait until requests are answered. Raises Refusal."""
        self._follower.start()
        self._web.start()
        while not listening.is_healthy(self._listener, self._settings, timeout=0.5):
            if self._web.ended():
                raise Refusal("The web server could not start.")
            self.keep()
            self._watch(0.05)
        self._web.heard()
        self._follower.heard()

    def keep(self) -> None:
        """Start again what has ended, but what was to end."""
        self._follower.keep()
        self._web.keep()
        self._others = [each for each in self._others if not each.ended()]
        if self._renewal is not None and self._renewal.ended():
            if self._renewal.code == 0:
                click.echo("The views whose code changed are made again.")
            else:
                log.error("Views are not made again; `muniment rebuild` or the next start does it.")
            self._renewal = None

    def renew(self, views: Sequence[str]) -> None:
        """Begin to make views again from the log, and say so."""
        click.echo(f"Made again meanwhile, since their code changed: {', '.join(views)}")
        settings = self._settings

        def work() -> None:
            from scripts import wiring

            wiring.renew(settings, views)

        self._renewal = Child("renewal", work, self._leave)
        self._renewal.start()

    def exchange(self, settings: Settings) -> None:
        """Put new ones in their place. Raises Refusal where they do not come up.

        The old ones then go on. Else the old web server ends last, after what it has begun.
        """
        self._rehearse(settings)
        new = Web(settings, self._listener, self._release)
        self._others.append(new)
        try:
            self._bring_up(new, [self._web, self._follower], "The new workers")
            self._exchange_follower(settings)
        except (OSError, Refusal):
            new.send(signal.SIGUSR2)  # some of it may answer already
            raise
        self._others[-1], self._web = self._web, new
        self._others[-1].send(signal.SIGUSR2)
        self._settings = settings

    def stop(self, wait: Callable[[float], None]) -> None:
        """End all of them, open requests first."""
        renewals = [] if self._renewal is None else [self._renewal]
        children = [self._follower, self._web, *self._others, *renewals]
        _end(children, self._settings.graceful_timeout, wait)

    def _new_follower(self, settings: Settings) -> Heard:
        def work(say: Say) -> None:
            from scripts import wiring

            wiring.follower(settings, say)

        return Heard("follower", work, self._leave)

    def _rehearse(self, settings: Settings) -> None:
        """See whether a follower would come up, while the one there is goes on. Raises Refusal.

        Also whether the database has room for the new workers beside the old ones.
        """
        before = self._settings.workers

        def work() -> None:
            from scripts import rehearsal

            try:
                rehearsal.rehearse(settings, before)
            except TooFew as refusal:
                log.error("%s", refusal.message)
                raise SystemExit(_TOO_FEW) from None

        child = Child("rehearsal", work, self._leave)
        child.start()
        until = time.monotonic() + _TO_BE_UP
        try:
            while not child.ended() and time.monotonic() < until:
                self._web.keep()
                self._follower.keep()
                self._watch(0.05)
        finally:
            child.send(signal.SIGKILL)
        if child.code == _TOO_FEW:
            raise Refusal("The database takes too few connections; the log says how many.")
        if child.code != 0:
            raise Refusal("The new follower could not start; the log says why.")

    def _exchange_follower(self, settings: Settings) -> None:
        """Put a new one in the follower's place, or the old one back again. Raises Refusal."""
        old, new = self._follower, self._new_follower(settings)
        _end([old], self._settings.graceful_timeout, self._watch)
        self._follower = new
        try:
            self._bring_up(new, [self._web], "The new follower")
        except (OSError, Refusal):
            _end([new], 0, self._watch)
            self._follower = old  # which `keep` starts again
            raise

    def _leave(self) -> None:
        self._release()
        self._listener.close()

    def _bring_up(self, new: Heard, kept: Sequence[Child], what: str) -> None:
        """Start it and wait for its word; keep the others alive meanwhile. Raises Refusal."""
        until = time.monotonic() + _TO_BE_UP
        try:
            new.start()
            while not new.is_up():
                if new.ended() or time.monotonic() > until:
                    raise Refusal(f"{what} could not start; the log says why.")
                for child in kept:
                    child.keep()
                self._watch(0.05)
        finally:
            new.heard()


def _end(children: list[Child], within: float, wait: Callable[[float], None]) -> None:
    """Tell them to end, and kill what has not after that time and a little."""
    for child in children:
        child.send(signal.SIGTERM)
    until = time.monotonic() + within + 1.5
    while not all(child.ended() for child in children):
        if time.monotonic() > until:
            for child in children:
                child.send(signal.SIGKILL)
        wait(0.1)
