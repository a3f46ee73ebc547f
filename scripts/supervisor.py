"""The supervisor: holds the data folder and the port, keeps three children alive.

It is the only process that restarts another, except for gunicorn's workers. Killed with -9 it
takes all of them along: the kernel ends each with its parent.
"""

from __future__ import annotations

import signal
import socket
import time
from dataclasses import replace

import click
from setproctitle import setproctitle

from domain.errors import Refusal
from domain.storage.datafolder import DataFolder, InUse
from domain.storage.server import Server
from scripts import listening, logs
from scripts.administrator import Administrator
from scripts.children import Child
from scripts.preparation import prepare
from scripts.settings import Settings

_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_FOR_A_VERB = 10.0  # seconds `serve` waits for a short command that has the data folder


class _Stop(Exception):
    """We were told to end."""


class Supervisor:
    """One service on one data folder. Use from the main thread, once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = DataFolder(settings.data)
        self._listener: socket.socket | None = None
        self._server: Server | None = None
        self._children: list[Child] = []
        # What was ignored when we were started (nohup, background) stays ignored.
        self._stop_signals = {s for s in _STOP if signal.getsignal(s) != signal.SIG_IGN}

    def run(self) -> None:
        """Serve until told to end. Raises Refusal."""
        logs.set_up_service()
        setproctitle("muniment: supervisor")
        signal.pthread_sigmask(signal.SIG_BLOCK, {*self._stop_signals, signal.SIGCHLD})
        self._folder.open()
        self._hold_folder()
        try:
            self._start(listening.listen(self._settings.host, self._settings.port))
            while True:
                self._keep()
                self._pause(0.5)
        except _Stop:
            pass
        finally:
            self._stop()
            self._folder.release()

    def _hold_folder(self) -> None:
        try:
            self._folder.acquire("serve")
        except InUse as error:
            if error.holder is None or error.holder.role == "serve":
                raise
            self._folder.acquire("serve", wait=_FOR_A_VERB)

    def _start(self, listener: socket.socket) -> None:
        self._listener = listener
        settings = self._settings
        if not settings.certfile and not listening.is_loopback(listener):
            click.echo(
                "muniment: warning: without TLS, passwords and tokens can be read on the way. "
                "Give --certfile and --keyfile, or put a TLS proxy in front.",
                err=True,
            )
        settings = replace(settings, port=listener.getsockname()[1])
        if not settings.database_url:
            self._server = Server(self._folder)
            self._server.start(self._pause)
            settings = settings.given("embedded", database_url=self._server.url())
        where = listening.url(listener, settings)
        first = prepare(settings, self._folder.release, self._pause)
        if first is not None:
            _introduce(first, where)
        self._children = [
            Child("follower", lambda: _follow(settings), self._leave),
            Child("master", lambda: _web(settings, listener), self._folder.release),
        ]
        for child in self._children:
            child.start()
        self._until_healthy(listener, settings)
        click.echo(f"Muniment listens at {where}")
        if settings.base_url:
            click.echo(f"Its links start with {settings.base_url}")

    def _until_healthy(self, listener: socket.socket, settings: Settings) -> None:
        web = self._children[-1]
        while not listening.is_healthy(listener, settings, timeout=0.5):
            if web.ended():
                raise Refusal("The web server could not start.")
            self._keep()
            self._pause(0.05)

    def _keep(self) -> None:
        if self._server is not None:
            self._server.keep()
        for child in self._children:
            child.keep()

    def _pause(self, seconds: float) -> None:
        """Wait, less when a child ends. Raises _Stop when told to end."""
        caught = signal.sigtimedwait({*self._stop_signals, signal.SIGCHLD}, seconds)
        if caught is not None and caught.si_signo != signal.SIGCHLD:
            raise _Stop

    def _leave(self) -> None:
        """In a child that has no business with them: the data folder's lock and the port."""
        self._folder.release()
        if self._listener is not None:
            self._listener.close()

    def _stop(self) -> None:
        """End the web and the follower, open requests first; then the database."""
        if self._listener is not None:
            self._listener.close()
        for child in self._children:
            child.send(signal.SIGTERM)
        until = time.monotonic() + self._settings.graceful_timeout + 1.5
        while not all(child.ended() for child in self._children):
            if time.monotonic() > until:
                for child in self._children:
                    child.send(signal.SIGKILL)
            signal.sigtimedwait({*self._stop_signals, signal.SIGCHLD}, 0.1)
        if self._server is not None:
            self._server.stop()


def _web(settings: Settings, listener: socket.socket) -> None:
    from scripts import gunicorn_app

    gunicorn_app.run(settings, listener)


def _follow(settings: Settings) -> None:
    from scripts import wiring

    wiring.follower(settings)


def _introduce(first: Administrator, where: str) -> None:
    """Show what is shown once, as soon as it is made."""
    click.echo(f"First administrator: {first.name}")
    click.echo(f"  password (shown once): {first.password}")
    click.echo(f"  token (shown once):    {first.token}")
    click.echo(f"Try: curl -H 'Authorization: Bearer {first.token}' {where}/api/v1/users/me")
