"""One POST to a checked address, within bounds of time. A redirect is not followed."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer

from api.webhooks.targets import Target

SECONDS = 10.0  # that a receiver may say nothing
LONGEST = 30.0  # seconds for all of it


class NotHeard(Exception):
    """The message did not arrive, or was not taken; the words say why."""


class _Connection(HTTPConnection):
    """A connection to an address, for a host; `tls` says whose word its certificate needs."""

    def __init__(self, target: Target, address: str, tls: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._target = target
        self._address = address
        self._tls = tls

    def connect(self) -> None:
        """Connect to the address."""
        self.sock = socket.create_connection((self._address, self._target.port), self.timeout)

    def secure(self) -> None:
        """Ask the host who it is, where that is wanted."""
        if self._target.scheme == "https":
            self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._target.host)


def trust(authorities: str = "") -> ssl.SSLContext:
    """Return whose certificates are good: those of public authorities, and of a file's besides.

    Raises OSError for a file that cannot be read, or has none.
    """
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(authorities)
    return context


def post(
    target: Target,
    addresses: Sequence[str],
    said: bytes,
    headers: Mapping[str, str],
    tls: ssl.SSLContext,
) -> None:
    """Send a message to the first address that can be reached. Raises NotHeard.

    Connected to is one of `addresses` and nothing else, whatever the host's name means by now.
    """
    problem = "There is no address."
    for address in addresses:
        with closing(_Connection(target, address, tls)) as connection:
            try:
                connection.connect()
            except OSError as error:
                problem = f"{address}: {error}"
                continue
            _post(connection, target, said, headers)
            return
    raise NotHeard(problem)


def _post(connection: _Connection, target: Target, said: bytes, headers: Mapping[str, str]) -> None:
    def end() -> None:
        with suppress(OSError, AttributeError):  # it may have ended by itself
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(LONGEST, end)
    timer.daemon = True
    timer.start()
    try:
        connection.secure()
        connection.request("POST", target.path, said, dict(headers))
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise NotHeard(f"{type(error).__name__}: {error}") from error
    finally:
        timer.cancel()
    if not 200 <= status < 300:
        raise NotHeard(f"The answer was {status}.")
