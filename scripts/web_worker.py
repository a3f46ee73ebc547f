"""gunicorn's worker: uvicorn on llhttp, with bounds on what a connection may cost.

llhttp refuses most framing that can be read two ways, and uvicorn ends connections that are idle
after an answer. Neither bounds a head or a trailer without an end, nor the time that either takes,
nor a connection that says nothing at all. What is refused here is refused as JSON, as every door
does. A worker that ends answers what is on its way to it: what comes on an open connection shortly
after is answered with `Connection: close`, so that no client meets a closed connection by chance.
Source: RFC 9112; DESIGN.md "Serving", "Processes and growth".
"""

from __future__ import annotations

import asyncio
import socket
import sys
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import Server
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

FRAME_BYTES = 64 << 10  # of a head, a chunk's extension or a trailer that comes in several pieces
HEAD_SECONDS = 30.0  # from a connection's or a head's beginning to the head's end
BODY_SECONDS = 60.0  # from there to the first byte of a body; the application bounds the rest
LOOKING = 5.0  # seconds between two looks at what a connection waits for
ENDING_SECONDS = 1.0  # that an idle connection stays open in a worker that ends


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    ending = False  # of the worker, and so of every connection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open = False  # a message has begun and not ended
        self._moved = False  # what was fed last ended a head or brought some body
        self._frame_bytes = 0  # that came since, in pieces of a message that had begun before
        self._ended = False  # nothing that follows is read
        self._patience: float | None = HEAD_SECONDS  # None: the application is at work
        self._since = self.loop.time()
        self._look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look after the connection."""
        super().connection_made(transport)
        self._look = self.loop.call_later(LOOKING, self._look_after)
        if self.ending:  # accepted before, and made known now
            self.shutdown()

    def shutdown(self) -> None:
        """End after the answer under way, or after a moment in which a request may still come."""
        self.loop.call_later(ENDING_SECONDS, self._end_idle)
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False  # which the answer's head says

    def connection_lost(self, exc: Exception | None) -> None:
        """End it."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and bound what is neither a head's end nor body."""
        if self._ended:
            return
        begun, self._moved = self._open, False
        super().data_received(data)
        if self._moved or not begun:
            self._frame_bytes = 0
            return
        self._frame_bytes += len(data)
        if self._frame_bytes > FRAME_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._open = True
        self._wait(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        """End it. A WebSocket is refused; other upgrades are ignored (RFC 9110, 7.8)."""
        self._moved = True
        if self.parser.should_upgrade() and self._get_upgrade() == b"websocket":
            self._refuse(HTTPStatus.FORBIDDEN)
            raise HttpParserError("no WebSockets here")
        if self._is_ambiguous():
            raise HttpParserError("framing that can be read two ways")
        self._wait(BODY_SECONDS)
        super().on_headers_complete()
        if self.ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take some body."""
        self._moved = True
        if not self.cycle.response_complete:
            self._patience = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a message."""
        self._open = False
        self._moved = True
        if not self.cycle.response_complete:
            self._patience = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next head, unless it has come already."""
        if not self.pipeline:
            self._wait(self.timeout_keep_alive)
        super().on_response_complete()
        if self.ending:
            self.loop.call_later(ENDING_SECONDS, self._end_idle)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP. Called by uvicorn, which words it in English text."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: an upgrade that is ignored is no event for the log."""

    def _is_ambiguous(self) -> bool:
        """Whether another server might read the message otherwise than llhttp does.

        Source: RFC 9112, 3.2 (one Host), 6.1 (no Transfer-Encoding in HTTP/1.0), 7.1 (chunked is
        the only coding that is known here).
        """
        hosts = 0
        for name, value in self.headers:
            if name == b"host":
                hosts += 1
            elif name == b"transfer-encoding" and (
                value.lower() != b"chunked" or self.parser.get_http_version() != "1.1"
            ):
                return True
        return hosts > 1

    def _wait(self, seconds: float) -> None:
        self._patience, self._since = seconds, self.loop.time()

    def _look_after(self) -> None:
        """End the connection if what it waits for has not come in time; else look again later."""
        if self._patience is not None and self.loop.time() - self._since > self._patience:
            if self._open and not self._ended:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)
            else:
                self.transport.close()
        if not self.transport.is_closing():
            self._look = self.loop.call_later(LOOKING, self._look_after)

    def _end_idle(self) -> None:
        if not self._open and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer and close; nothing that follows is read.

        Where an earlier request is not answered yet, its answer is the last: a refusal that stood
        before it, or in it, would be taken for it.
        """
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        cycle = self.cycle
        whole = cycle is not None and not cycle.more_body
        if self.pipeline or (
            cycle is not None and not cycle.response_complete and (whole or cycle.response_started)
        ):
            cycle.keep_alive = False
            self._wait(BODY_SECONDS)
            return
        body = orjson.dumps({"message": f"The request cannot be read: {status.phrase}."})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class _Server(Server):
    """The server of a worker."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End, and let every connection know."""
        HttpProtocol.ending = True
        await super().shutdown(sockets)


class WebWorker(UvicornWorker):  # type: ignore[misc]
    """A gunicorn worker that serves so."""

    CONFIG_KWARGS = {  # noqa: RUF012 - the base class has it so
        "loop": "uvloop",
        "http": HttpProtocol,
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
    }

    async def _serve(self) -> None:
        self.config.app = self.wsgi
        self._install_sigquit_handler()
        server = _Server(self.config)
        await server.serve(self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
