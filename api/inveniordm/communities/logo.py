"""Logos of communities: whatever bytes were sent, shown as an image only where they are one.

Source: InvenioRDM, "Update Community Logo", "Get Community Logo", "Delete Community Logo".
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.inveniordm import replies, schemas
from api.inveniordm.communities.finding import is_renamed, lead, seen
from api.inveniordm.communities.render import url_of
from api.inveniordm.entries import STORAGE, UNTYPED
from api.inveniordm.resource import InvenioRdmResource, send
from api.receiving import arriving, receive
from api.sending import send_content
from domain.commands import communities as commands
from domain.errors import Invalid, NotFound
from domain.group import Group
from domain.identifiers import stream_of
from domain.log import Session
from domain.storage.blobs import Blob, Blobs
from domain.values import Content

MOST = 1_000_000  # bytes
KEY = "logo"
NONE = "No logo exists for this community."
HEAD = 16  # bytes that tell what an image is
IMAGES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
}


class Logo(InvenioRdmResource):
    """/api/communities/{community}/logo"""

    answers: ClassVar = {"PUT": replies.LOGO}
    media_types: ClassVar = {"GET": ("*/*",)}
    request: ClassVar = {"PUT": schemas.BYTES}
    request_types: ClassVar = {"PUT": UNTYPED}
    too_late = 400

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with the logo's bytes, 206 with a range of them, 304 when the asker has them.

        301 from an address that the community had before. Raises NotFound, Gone, Anonymous,
        Forbidden, Invalid, Stale.
        """
        found = await seen(self.service, req.context.actor, community)
        if is_renamed(found, community):
            lead(req, resp, f"{url_of(self.base(req), found.slug)}/{KEY}")
            return
        if found.logo is None:
            raise NotFound(NONE)
        assert found.logo_since is not None  # noqa: S101 - it has one
        name = KEY
        if found.logo.media_type is not None:
            name = f"{KEY}.{found.logo.media_type.rpartition('/')[2]}"
        await send_content(self.service, req, resp, found.logo, name, found.logo_since)

    async def on_put(self, req: Request, resp: Response, community: str) -> None:
        """200 with the logo as a file; its bytes are the body, of whatever type, up to 1 MB.

        Raises NotFound, Gone, Forbidden, Invalid.
        """
        actor = req.context.actor
        async with arriving(req) as parts:
            # Before bytes are taken in for nothing; decided when they are here.
            await self.service.run(actor, None, commands.led, community)
            if req.get_header("Content-Range") is not None:  # RFC 9110, 14.5
                raise Invalid("A logo is sent whole, not a range of it.")
            if (req.content_length or 0) > MOST:
                raise _too_large(f"this one has {req.content_length}")
            blob = await receive(self.service, req, _bounded(parts))
        await req.context.gate.still_open(req, self)
        found = await self.service.run(actor, None, set_logo, community, blob, self.service.blobs)
        send(req, resp, _entry(found, self.base(req)))

    async def on_delete(self, req: Request, resp: Response, community: str) -> None:
        """204 when the community has no logo any more. Raises NotFound, Gone, Forbidden."""
        await self.service.run(req.context.actor, None, commands.remove_logo, community)
        resp.status = 204


def set_logo(session: Session, text: str, blob: Blob, blobs: Blobs) -> Group:
    """Give a community a logo, with what its bytes say of it, all on a writer's thread."""
    found = commands.led(session, text)
    head = b"".join(blobs.read(blob.sha256, 0, min(HEAD, blob.size)))
    media_type = next((name for name, begins in IMAGES.items() if begins.match(head)), None)
    content = Content(blob.sha256, blob.md5, blob.size, media_type)
    return commands.set_logo(session, found, content)


async def _bounded(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Give on what comes. Raises Invalid for more than a logo may have."""
    size = 0
    async for part in parts:
        size += len(part)
        if size > MOST:
            raise _too_large("this one has more")
        yield part


def _too_large(found: str) -> Invalid:
    return Invalid(f"A logo has at most {MOST} bytes; {found}.")


def _entry(group: Group, base: str) -> dict[str, Any]:
    """Return a logo as InvenioRDM shows a file; what it names its rows by stands for the same."""
    logo, since = group.logo, group.logo_since
    assert logo and since and group.slug  # noqa: S101, PT018 - it was just set
    return {
        "bucket_id": str(group.id),
        "checksum": f"md5:{logo.md5}",
        "created": since.isoformat(),
        "file_id": str(stream_of("blob", logo.sha256)),
        "key": KEY,
        "links": {"self": f"{url_of(base, group.slug)}/{KEY}"},
        "metadata": None,
        "mimetype": logo.media_type or UNTYPED,
        "size": logo.size,
        "status": "completed",
        "storage_class": STORAGE,
        "updated": since.isoformat(),
        "version_id": str(stream_of("file", f"{group.id} {KEY} {logo.sha256}")),
    }
