"""The listening socket, which is the supervisor's, and the question whether it is answered."""

from __future__ import annotations

import ipaddress
import os
import socket

from domain.errors import Refusal
from scripts.settings import Settings

_BACKLOG = 2048
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  to reach it from here


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 is a free one. Raises Refusal."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise Refusal(f"Cannot listen on {host} port {port}: {reason}.") from error
    return listener


def is_loopback(listener: socket.socket) -> bool:
    """Whether only this machine can reach the socket."""
    return ipaddress.ip_address(_address(listener)[0].partition("%")[0]).is_loopback


def url(listener: socket.socket, settings: Settings) -> str:
    """Where to reach the socket from this machine."""
    return url_at(*_address(listener), settings)


def url_at(host: str, port: int, settings: Settings) -> str:
    """Where to reach an address that is listened at, from this machine."""
    host = _ANYWHERE.get(host, host)
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.certfile else 'http'}://{host}:{port}"


def is_healthy(listener: socket.socket, settings: Settings, timeout: float) -> bool:
    """Whether GET /health answers 200 within `timeout` seconds.

    The socket listens from the start, so the question waits until a worker takes it.
    """
    host, port = _address(listener)
    host = _ANYWHERE.get(host, host)
    ask = f"GET /health HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout) as plain:
            connection = _encrypted(plain) if settings.certfile else plain
            connection.sendall(ask.encode())
            return connection.recv(64).startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    except OSError:
        return False


def _encrypted(plain: socket.socket) -> socket.socket:
    import ssl  # only now: the supervisor is small

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # we ask ourselves, whatever name the certificate bears
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(plain)


def _address(listener: socket.socket) -> tuple[str, int]:
    name = listener.getsockname()
    return str(name[0]), int(name[1])
