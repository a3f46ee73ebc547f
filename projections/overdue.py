"""Statements that a server does not answer: their connections are broken, so that nobody waits.

A server may stand still and its machine answer for it: TCP sees nothing, and psycopg would wait
for the server even to cancel. A connection that is shut down on our side is lost as any other.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

import psycopg
from psycopg import AsyncConnection, Connection
from psycopg.pq import TransactionStatus

OVERDUE = 15.0  # seconds after which an answer is not waited for any more
LOOKING = 1.0  # seconds between two looks at the connections of threads


def break_off(conn: Connection[Any] | AsyncConnection[Any]) -> None:
    """Shut a connection down: who waits on it is told that it is lost."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as way:
        way.shutdown(socket.SHUT_RDWR)


class Watch:
    """Looks after connections that threads use, each from `used` until its statement ends."""

    def __init__(self) -> None:
        self._used: dict[Connection[Any], float] = {}
        self._lock = Lock()
        self._ended = False
        self._thread: Thread | None = None

    def used(self, conn: Connection[Any]) -> None:
        """A statement is about to be sent."""
        self._used[conn] = monotonic()
        if self._thread is None:
            self._start()

    def end(self) -> None:
        """Look no more."""
        self._ended = True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._look, name="overdue", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while not self._ended:
            sleep(LOOKING)
            late = monotonic() - OVERDUE
            for conn, since in list(self._used.items()):
                if conn.closed:
                    self._used.pop(conn, None)
                elif since < late and conn.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    break_off(conn)
