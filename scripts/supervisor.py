"""The supervisor: holds the data folder and the port, keeps three children alive.

It is the only process that restarts another, except for gunicorn's workers. Killed with -9 it
takes all of them along: the kernel ends each with its parent.

Told to reload, it reads the settings anew and starts a second web server on the same socket. When
that one answers, a new follower takes the place of the old one, and when it follows, the first web
server ends, after what it has begun. If either never does, all stays as it was.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import replace

import click
from setproctitle import setproctitle

from domain.errors import Refusal
from domain.storage.datafolder import DataFolder, InUse
from domain.storage.server import Server
from scripts import connections, listening, logs, service_logs
from scripts.administrator import Administrator
from scripts.preparation import prepare
from scripts.processes import Processes
from scripts.reloads import Reload, reloads
from scripts.settings import Settings
from scripts.signals import Signals, Stop
from scripts.systemd import Systemd

log = logging.getLogger(__name__)

_OF_THE_START = ("data", "host", "port", "database_url")  # no reload changes these
_FOR_A_VERB = 10.0  # seconds `serve` waits for a short command that has the data folder


class Supervisor:
    """One service on one data folder. Use from the main thread, once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = DataFolder(settings.data)
        self._listener: socket.socket | None = None
        self._server: Server | None = None
        self._processes: Processes | None = None
        self._systemd = Systemd()
        self._signals = Signals()

    def run(self) -> None:
        """Serve until told to end. Raises Refusal."""
        logs.set_up()
        setproctitle("muniment: supervisor")
        self._folder.open()
        self._hold_folder()
        try:
            processes = self._start(listening.listen(self._settings.host, self._settings.port))
            self._systemd.tell("READY=1")
            while True:
                processes.keep()
                self._watch(0.5)
                if self._signals.reload():
                    self._reload(processes)
        except Stop:
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

    def _start(self, listener: socket.socket) -> Processes:
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
            room = connections.embedded(settings.workers)
            self._server = Server(self._folder, connections=room)
            self._server.start(self._signals.pause)
            settings = settings.given("embedded", database_url=self._server.url())
        where = listening.url(listener, settings)
        prepared = prepare(settings, self._folder.release, self._signals.pause)
        service_logs.set_up()
        if prepared.first is not None:
            _introduce(prepared.first, where)
        self._settings = settings
        self._processes = Processes(settings, listener, self._folder.release, self._watch)
        self._processes.start()
        click.echo(f"Muniment listens at {where}")
        if settings.base_url:
            click.echo(f"Its links start with {settings.base_url}")
        if prepared.changed:
            self._processes.renew(prepared.changed)
        return self._processes

    def _reload(self, processes: Processes) -> None:
        """Serve with settings read anew, or go on as before where that is refused."""
        self._systemd.tell("RELOADING=1")
        failure = ""
        try:
            settings = self._settings.again(holding=_OF_THE_START)
            processes.exchange(settings)
            self._settings = settings
        except (OSError, Refusal) as error:  # also one of no more processes or descriptors
            failure = error.message if isinstance(error, Refusal) else str(error)
            log.error("Not reloaded, all goes on as before: %s", failure)
        noted = reloads(self._settings.data)
        try:
            noted.note(Reload(noted.last().number + 1, failure))
        except OSError as error:
            log.error("What came of the reload cannot be noted: %s", error.strerror)
        self._systemd.tell("READY=1")

    def _watch(self, seconds: float) -> None:
        """Wait, less when something happens, and keep the database alive. Raises Stop."""
        if self._server is not None:
            self._server.keep()
        self._signals.pause(seconds)

    def _stop(self) -> None:
        """End the web and the follower, open requests first; then the database."""
        self._systemd.tell("STOPPING=1")
        if self._listener is not None:
            self._listener.close()
        if self._processes is not None:
            self._processes.stop(self._signals.wait)
        if self._server is not None:
            self._server.stop()


def _introduce(first: Administrator, where: str) -> None:
    """Show what is shown once, as soon as it is made."""
    click.echo(f"First administrator: {first.name}")
    click.echo(f"  password (shown once): {first.password}")
    click.echo(f"  token (shown once):    {first.token}")
    click.echo(f"Try: curl -H 'Authorization: Bearer {first.token}' {where}/api/v1/users/me")
