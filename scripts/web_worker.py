"""gunicorn's worker: uvicorn on llhttp, with bounds on a request's head and refusals as JSON.

llhttp refuses every framing that can be read two ways, but has no bound of its own: a head without
an end would be kept in memory for ever. Source: RFC 9112; DESIGN.md "Serving".
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn_worker import UvicornWorker  # type: ignore[import-untyped]

HEAD_BYTES = 64 << 10  # a head that came in several pieces has at most
HEAD_SECONDS = 30.0  # in which it comes


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = False
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """End it. A WebSocket is refused; other upgrades are ignored (RFC 9110, 7.8)."""
        self._in_head = False
        if self.parser.should_upgrade() and self._get_upgrade() == b"websocket":
            self._refuse(HTTPStatus.FORBIDDEN)
            raise HttpParserError("no WebSockets here")
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that is not whole yet is bounded in bytes and time."""
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            elif self._deadline is None:
                self._deadline = self.loop.call_later(
                    HEAD_SECONDS, self._refuse, HTTPStatus.REQUEST_TIMEOUT
                )
        elif self._deadline is not None:
            self._forget_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a head that never ended."""
        self._forget_head()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP. Called by uvicorn, which words it in English text."""
        self._refuse(HTTPStatus.BAD_REQUEST)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: an upgrade that is ignored is no event for the log."""

    def _forget_head(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._head_bytes = 0

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer as every door does and close: nothing that follows can be trusted."""
        if self.transport.is_closing():
            return
        body = orjson.dumps({"message": f"The request cannot be read: {status.phrase}."})
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class WebWorker(UvicornWorker):  # type: ignore[misc]
    """A gunicorn worker that serves so."""

    CONFIG_KWARGS = {  # noqa: RUF012 - the base class has it so
        "loop": "uvloop",
        "http": HttpProtocol,
        "ws": "none",
        "lifespan": "on",
    }
