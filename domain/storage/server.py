"""The embedded PostgreSQL server of a data folder: started, watched, restarted, stopped."""

from __future__ import annotations

import errno
import logging
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from domain.errors import OutOfSpace, Refusal
from domain.storage import binaries, cluster, leftovers, sockets
from domain.storage.account import Account, account_for
from domain.storage.datafolder import DataFolder, InUse

log = logging.getLogger(__name__)

_LOG_BYTES = 10 * 2**20  # a longer log is put aside at a start; one earlier log is kept
_PATIENCE = 60.0  # seconds a command waits for a database that another process has

Pause = Callable[[float], None]  # sleeps; may raise, to give up what waits


def url(folder: Path, user: str = cluster.OWNER, database: str = cluster.DATABASE) -> str:
    """The connection URL of the server whose socket is in `folder`."""
    return f"postgresql://{user}@/{database}?host={quote(str(folder), safe='')}"


class Server:
    """The server of one data folder, which the caller holds. Use from the main thread only."""

    def __init__(
        self,
        folder: DataFolder,
        older: Path | None = None,
        account: Account | None = None,
        connections: int = cluster.CONNECTIONS,
    ) -> None:
        """`older`: the programs of an earlier PostgreSQL, to read what it wrote.

        `account`: what a new database is made under; None: as of one that is there.
        `connections`: how many it takes at a time.
        """
        self.folder = folder
        self._older = older
        self._account = account
        self._connections = connections
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None
        self._log_start = 0
        self._next_try = 0.0
        self._told = ""

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def url(self, user: str = cluster.OWNER, database: str = cluster.DATABASE) -> str:
        """The connection URL; it stays the same when the server is restarted."""
        if self._sockets is None:
            raise RuntimeError("the server was not started")
        return url(self._sockets, user, database)

    def start(self, pause: Pause = time.sleep) -> None:
        """Start and wait until it answers, however long recovery takes.

        Without space it goes on trying. Raises Refusal when it cannot start.
        """
        told = False
        while True:
            try:
                process = self._launch(pause)
                while not self._is_ready(process):
                    pause(0.01)
                return
            except OutOfSpace as error:
                if not told:
                    log.error("%s Trying again until there is.", error.message)
                    told = True
                pause(1.0)

    def keep(self) -> None:
        """Restart the server when it has ended: at once, then every half second."""
        if self._process is None:
            return
        code = self._process.poll()
        if code is None:
            if self._told and _says_ready(self.folder.postgres, self._process.pid):
                self._told = ""
                log.error("PostgreSQL answers again.")
            return
        if time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + 0.5
        said = self._last_words() or "nothing"
        self._tell(f"PostgreSQL ended ({code}); starting it again. It said last: {said}")
        try:
            self._launch(time.sleep)
        except Refusal as error:
            self._tell(error.message)

    def stop(self) -> None:
        """End the server: open connections are cut, what is committed is on disk."""
        if self._process is None:
            return
        for sign, patience in ((signal.SIGINT, 10), (signal.SIGQUIT, 3), (signal.SIGKILL, 10)):
            if self._process.poll() is None:
                self._process.send_signal(sign)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
        self._process = None
        if self._sockets is not None:
            with suppress(OSError):
                sockets.remove(self._sockets)

    def _launch(self, pause: Pause) -> subprocess.Popen[bytes]:
        data = self.folder
        try:
            earlier = sockets.recorded(data.socket_record)
            if earlier is not None:
                leftovers.end(earlier.name, pause)
            account = self._account or account_for(data.postgres)
            programs = self._older or binaries.programs(account)
            if self._older is None:
                cluster.make(data.postgres, programs, account)
            self._sockets = sockets.prepare(data.socket_record, account)
            # Both name a process that has ended: the number may be somebody else's by now.
            (data.postgres / "postmaster.pid").unlink(missing_ok=True)
            (self._sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                if data.server_log.stat().st_size > _LOG_BYTES:
                    data.server_log.rename(data.server_log.with_suffix(".log.1"))
            with data.server_log.open("ab") as stderr:
                self._log_start = stderr.tell()
                self._process = cluster.start(
                    data.postgres, programs, account, self._sockets, stderr, self._connections
                )
                return self._process
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise OutOfSpace(f"There is no space for the database in {data.path}.") from error
            raise Refusal(f"The database cannot be started: {error}") from error

    def _is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        code = process.poll()
        if code is None:
            return _says_ready(self.folder.postgres, process.pid)
        said = self._last_words()
        if cluster.NO_SPACE in said or not said:  # on a full disk its log is empty too
            raise OutOfSpace(f"There is no space for the database in {self.folder.path}.")
        raise Refusal(f"The database ended at its start ({code}): {said}")

    def _last_words(self) -> str:
        """What the server that ended wrote last, without the time and process of each line."""
        with suppress(OSError), self.folder.server_log.open("rb") as file:
            file.seek(self._log_start)
            lines = file.read().decode(errors="replace").splitlines()
            return " / ".join(line.partition("] ")[2] or line for line in lines[-2:])
        return ""

    def _tell(self, message: str) -> None:
        """Log what goes wrong once, not at every attempt."""
        if message != self._told:
            self._told = message
            log.error("%s", message)


@contextmanager
def database(folder: DataFolder, role: str) -> Iterator[str]:
    """The URL of the folder's database for the block, whether `serve` runs on it or not.

    When nothing runs, the server runs for the block. `role` is the verb, shown to those who find
    the folder in use. Raises InUse after a minute, Refusal.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            folder.acquire(role)
            break
        except InUse as error:
            if error.holder is not None and error.holder.role == "serve":
                where = sockets.recorded(folder.socket_record)
                if where is not None and _says_ready(folder.postgres):
                    yield url(where)
                    return
            if time.monotonic() > until:
                raise
        time.sleep(0.05)
    server = Server(folder)
    try:
        server.start()
        yield server.url()
    finally:
        server.stop()
        folder.release()


def _says_ready(postgres: Path, pid: int | None = None) -> bool:
    """Whether `postmaster.pid` says that connections are answered (its eighth line)."""
    try:
        lines = (postgres / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and pid in (None, int(lines[0]))
