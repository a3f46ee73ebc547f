"""Files of drafts and records → InvenioRDM's JSON: one entry, and lists of any length.

Source: InvenioRDM, "Draft files", "Record files".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
from falcon.asgi import Request, Response
from msgspec import Struct

from api.inveniordm.links import segment
from api.inveniordm.resource import pretty, send_body
from domain.draft_files import DraftFile
from domain.identifiers import stream_of
from domain.values import FileOptions

UNTYPED = "application/octet-stream"
STORAGE = "S"  # InvenioRDM's class of what is at hand at once

Pages = AsyncIterator[list[DraftFile]]


class Folder(Struct, frozen=True):
    """Where files are: `url` is that of their list."""

    url: str
    draft: bool


def folder(base: str, pid: str, *, draft: bool) -> Folder:
    """Return where the files of a draft or of a record are."""
    return Folder(f"{base}/api/records/{pid}/{'draft/' if draft else ''}files", draft)


def entry(where: Folder, file: DraftFile) -> dict[str, Any]:
    """Return a file; what is known of its bytes is said once they are final."""
    here = f"{where.url}/{segment(file.key)}"
    links = {"self": here, "content": f"{here}/content"}
    if where.draft:
        links["commit"] = f"{here}/commit"
    shown: dict[str, Any] = {
        "key": file.key,
        "created": file.started_at.isoformat(),
        "updated": file.updated_at.isoformat(),
        "status": file.state,
        "metadata": None,
        "links": links,
    }
    content = file.content
    if file.state != "completed" or content is None:
        return shown
    if content.width is not None:
        shown["metadata"] = {"width": content.width, "height": content.height}
    return shown | {
        "checksum": f"md5:{content.md5}",
        "sha256": content.sha256,
        "size": content.size,
        "mimetype": content.media_type or UNTYPED,
        # What InvenioRDM names its rows by: here what they stand for.
        "file_id": str(stream_of("blob", content.sha256)),
        "version_id": str(stream_of("file", f"{file.record} {file.key} {content.sha256}")),
        "bucket_id": str(file.record),
        "storage_class": STORAGE,
    }


async def send_list(
    req: Request,
    resp: Response,
    where: Folder,
    options: FileOptions,
    pages: Pages,
    status: int = 200,
) -> None:
    """Answer with a list of files: as one piece while it is short, else page by page."""
    none: list[DraftFile] = []
    first = await anext(pages, none)
    second = await anext(pages, none) if first else none
    parts = _parts(where, options, indented=pretty(req))
    if not second:
        send_body(req, resp, parts.head + parts.of(first) + parts.tail, status)
        return
    send_body(req, resp, b"", status)
    resp.data = None  # there is no length to be said
    resp.stream = _streamed(parts, first, second, pages)


async def whole_list(req: Request, where: Folder, options: FileOptions, pages: Pages) -> bytes:
    """Return a list of files."""
    parts = _parts(where, options, indented=pretty(req))
    shown = [parts.of(page) async for page in pages]
    return parts.head + parts.between.join(shown) + parts.tail


class _Parts(Struct, frozen=True):
    """A list's JSON around its entries, and the entries."""

    where: Folder
    head: bytes
    between: bytes
    tail: bytes
    indented: bool

    def of(self, files: list[DraftFile]) -> bytes:
        """Return entries, one after the other."""
        option = orjson.OPT_INDENT_2 if self.indented else None
        dumped = [orjson.dumps(entry(self.where, each), option=option) for each in files]
        if not self.indented:
            return self.between.join(dumped)
        return self.between.join([b"    " + each.replace(b"\n", b"\n    ") for each in dumped])


def _parts(where: Folder, options: FileOptions, *, indented: bool) -> _Parts:
    shown = {
        "enabled": options.enabled,
        "default_preview": options.default_preview,
        "order": list(options.order),
        "links": {"self": where.url},
        "entries": [],
    }
    whole = orjson.dumps(shown, option=orjson.OPT_INDENT_2 if indented else None)
    head, _, tail = whole.rpartition(b"[]")
    if indented:
        return _Parts(where, head + b"[\n", b",\n", b"\n  ]" + tail, indented)
    return _Parts(where, head + b"[", b",", b"]" + tail, indented)


async def _streamed(
    parts: _Parts, first: list[DraftFile], page: list[DraftFile], rest: Pages
) -> AsyncIterator[bytes]:
    yield parts.head + parts.of(first)
    while page:
        yield parts.between + parts.of(page)
        page = await anext(rest, [])
    yield parts.tail
