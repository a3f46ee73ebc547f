"""Answers that are files: a range or all of a blob, conditional, under headers that keep it inert.

What a browser would run is given as plain text or to be saved, never to be shown: a file comes from
anybody. Source: DESIGN.md "Files"; RFC 9110, 13 and 14; RFC 6266; RFC 9530.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from urllib.parse import quote

import falcon
from falcon.asgi import Request, Response
from msgspec import Struct

from api.conditional import among, matches, tag_of
from api.service import Service
from domain.storage.blobs import damaged
from domain.values import Content

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
UNTYPED = "application/octet-stream"
# What browsers show without running anything in it; all else is text or is saved.
INERT = re.compile(
    r"image/(png|jpeg|gif|webp|avif|bmp|tiff)|audio/[\w.+-]+|video/[\w.+-]+|application/pdf"
)
ACTIVE = re.compile(r"text/(?!plain$|csv$).*|.*\b(xml|html|javascript|ecmascript)\b.*", re.I)
TEXT = "text/plain; charset=utf-8"


class Span(Struct, frozen=True):
    """Bytes `start` to `stop`, which is not among them."""

    start: int
    stop: int


async def send_content(
    service: Service, req: Request, resp: Response, content: Content, name: str, modified: datetime
) -> None:
    """Answer with a file: 200, 206 for a range, 304, 412 or 416. Raises falcon.HTTPError, Damaged.

    `name` is what it is saved as, `modified` since when its bytes are these.
    """
    tag = tag_of(content)
    resp.set_header("ETag", tag)
    resp.set_header("Last-Modified", falcon.dt_to_http(modified))
    resp.set_header("Accept-Ranges", "bytes")
    resp.set_header("Content-MD5", content.md5)
    digest = b64encode(bytes.fromhex(content.sha256)).decode()
    resp.set_header("Repr-Digest", f"sha-256=:{digest}:")  # of the whole file, also with a range
    resp.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
    if _failed(req, tag, modified):
        raise falcon.HTTPPreconditionFailed(description="The file is not the one expected.")
    if _had(req, tag, modified):
        resp.status = 304
        return
    media_type = content.media_type or UNTYPED
    shown = INERT.fullmatch(media_type) is not None
    if ACTIVE.fullmatch(media_type):
        media_type, shown = TEXT, True
    elif media_type.startswith("text/"):
        shown = True
    resp.content_type = media_type
    way = "inline" if shown else "attachment"
    resp.set_header("Content-Disposition", f"{way}; {_filename(name)}")
    span = _span(req, tag, modified, content.size)
    if span is None:
        span = Span(0, content.size)
    else:
        resp.status = 206
        last = span.stop - 1
        resp.set_header("Content-Range", f"bytes {span.start}-{last}/{content.size}")
    resp.content_length = span.stop - span.start
    if req.method != "HEAD":
        resp.stream = _read(service, content.sha256, span)


async def _read(service: Service, sha256: str, span: Span) -> AsyncIterator[bytes]:
    """Give a blob's bytes, piece by piece. Raises Damaged where they end too early."""
    reading = service.blobs.read(sha256, span.start, span.stop)
    left = span.stop - span.start
    while left > 0:
        piece = await service.on_file(partial(next, reading, b""))
        if not piece:
            raise damaged()
        left -= len(piece)
        yield piece


def _failed(req: Request, tag: str, modified: datetime) -> bool:
    """Whether a precondition does not hold. Source: RFC 9110, 13.1.1 and 13.1.4."""
    wanted = req.get_header("If-Match")
    if wanted is not None:
        return not among(wanted, tag)
    since = _date(req, "If-Unmodified-Since")
    return since is not None and modified.replace(microsecond=0) > since


def _had(req: Request, tag: str, modified: datetime) -> bool:
    """Whether the asker has the file. Source: RFC 9110, 13.1.2 and 13.1.3."""
    known = req.get_header("If-None-Match")
    if known is not None:
        return matches(known, tag)
    since = _date(req, "If-Modified-Since")
    return since is not None and modified.replace(microsecond=0) <= since


def _span(req: Request, tag: str, modified: datetime, size: int) -> Span | None:
    """Return the range asked for; None: all. Raises falcon.HTTPRangeNotSatisfiable.

    What is no single range of bytes is ignored, as RFC 9110 (14.2) allows.
    """
    match = RANGE.fullmatch((req.get_header("Range") or "").replace(" ", ""))
    if match is None or match[0] == "bytes=-" or not _still(req, tag, modified):
        return None
    if not match[1]:  # the last so many
        start, stop = max(size - int(match[2]), 0), size
    else:
        start = int(match[1])
        stop = min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    if start >= stop:
        raise falcon.HTTPRangeNotSatisfiable(size, description=f"The file has {size} bytes.")
    return Span(start, stop)


def _still(req: Request, tag: str, modified: datetime) -> bool:
    """Whether a range is of the file that If-Range names. Source: RFC 9110, 13.1.5."""
    text = req.get_header("If-Range")
    if text is None:
        return True
    return text.strip() == tag or _date(req, "If-Range") == modified.replace(microsecond=0)


def _date(req: Request, header: str) -> datetime | None:
    """Return a header's instant; None for none, or for what is no instant."""
    text = req.get_header(header)
    try:
        return None if text is None else falcon.http_date_to_dt(text)
    except ValueError:
        return None


def _filename(name: str) -> str:
    """Return a file's name for Content-Disposition. Source: RFC 6266, RFC 8187."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    whole = f'filename="{plain}"'
    return whole if plain == name else f"{whole}; filename*=UTF-8''{quote(name, safe='')}"
