"""Published records in the forms that other systems read, by Accept. Source: api/exports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TypeVar

from falcon.asgi import Request, Response

from api.conditional import matches
from api.door import send_bytes
from api.exports import forms, gathering
from api.exports.exported import File, Source
from api.exports.forms import FORMS, LISTINGS
from api.inveniordm.resource import MEDIA_TYPES, UNSPECIFIC, tag_of
from api.service import Service
from domain import heavy
from projections.published import Found, Newest

KINDS = (*MEDIA_TYPES, *FORMS)
WHOLE = 500  # files that are listed in one piece

R = TypeVar("R")
Write = Callable[[str, Source], R]


def asked(req: Request) -> str | None:
    """Return which form a request would rather have than this door's JSON; None: none."""
    if req.accept in UNSPECIFIC:
        return None
    found = req.client_prefers(KINDS)
    return found if found in FORMS else None


async def send(
    service: Service,
    req: Request,
    resp: Response,
    base: str,
    found: Found,
    newest: Newest,
    media_type: str,
) -> None:
    """Answer with a record in a form; 304 when the asker has it.

    A list of very many files is sent page by page.
    """
    source = await gathering.gather(service, base, found, newest)
    manifest = newest.manifest
    if media_type not in LISTINGS or not source.is_open or manifest is None or not manifest.count:
        body = await _made(service, forms.written, media_type, source)
        if not _held(req, resp, tag_of(newest.revision, body)):
            send_bytes(resp, body)
            resp.content_type = media_type
        return
    pieces = await _made(service, forms.around, media_type, source)
    tag = tag_of(newest.revision, b"".join(pieces) + manifest.digest.encode())
    if _held(req, resp, tag):
        return
    pages = partial(gathering.files, service, base, found, newest)
    parts = _listed(media_type, source.url, pieces, pages)
    if manifest.count <= WHOLE:
        send_bytes(resp, b"".join([part async for part in parts]))
    else:
        resp.stream = parts
    resp.content_type = media_type


async def _made(
    service: Service, write: Callable[[str, Source], R], media_type: str, source: Source
) -> R:
    """Return a form, or parts of it, made on a thread: what writes XML takes time to be loaded."""
    if source.is_light:
        return await service.slow(lambda: write(media_type, source))
    return await service.slow(lambda: heavy.call(write, media_type, source))


def _held(req: Request, resp: Response, tag: str) -> bool:
    """Say what the answer's tag is, and whether the asker has it: then it is 304."""
    resp.set_header("ETag", tag)
    resp.set_header("Vary", "Accept")
    held = matches(req.get_header("If-None-Match"), tag)
    if held:
        resp.status = 304
    return held


async def _listed(
    media_type: str, page: str, pieces: list[bytes], pages: Callable[[], AsyncIterator[list[File]]]
) -> AsyncIterator[bytes]:
    """Give a form with all files in each place of it."""
    for place, piece in enumerate(pieces[:-1]):
        yield piece
        between = b""
        async for files in pages():
            yield between + forms.entries(media_type, place, page, files)
            between = b","
    yield pieces[-1]
