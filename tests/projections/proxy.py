"""A way to PostgreSQL that can lose an answer: what was sent arrives, what comes back does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

PORT = 5432


class Proxy:
    """Passes everything on, until `lose` is set: then the next request is the last.

    With `wait` it lets the server answer first, so that the request has been carried out.
    """

    def __init__(self, folder: Path, server: str) -> None:
        self.lose = threading.Event()
        self.wait = True
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.sent = threading.Event()  # the request that is not answered has reached the server
        self._server = server
        self._listener = self._opened()
        self._listener.bind(str(folder / f".s.PGSQL.{PORT}"))
        self._listener.listen()
        self._start(self._accept)

    def close(self) -> None:
        """Close every connection."""
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in self._sockets:
            each.close()

    def _opened(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        self._sockets.append(made)
        return made

    def _start(self, work: Callable[..., None], *args: socket.socket) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                server = self._opened()
                server.connect(self._server)
                self._start(self._forth, client, server)
                self._start(self._back, server, client)

    def _forth(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                server.sendall(data)
                if self.lose.is_set() and not self.wait:
                    self._drop(client)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self.lose.is_set():
                    self._drop(client)
                client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def _drop(self, client: socket.socket) -> None:
        self.lose.clear()
        self.sent.set()
        client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(folder: Path, database: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy in a folder, and the connection string that goes through it."""
    at = conninfo_to_dict(database)
    proxy = Proxy(folder, f"{at['host']}/.s.PGSQL.{at.get('port') or PORT}")
    try:
        yield proxy, make_conninfo(database, host=str(folder), port=PORT)
    finally:
        proxy.close()
