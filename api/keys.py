"""Keys of files and ids of terms in paths: one segment each, percent-encoded, whatever is in them.

They may hold slashes; ids of subjects are URLs. As one segment they have them as %2F, and servers
decode that before a route is looked for; so the path is put together again from what was sent. A
slash that was not encoded belongs to the key too: `files/a/b/content` is the content of `a/b`, as
InvenioRDM has it.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_to_bytes

from falcon.asgi import Request, Response

from domain.errors import Invalid

FILE = re.compile(rb"/api/records/([^/]+)(/draft|)/files/(.+?)(/content|/commit|)", re.DOTALL)
BUCKET = re.compile(rb"/api/files/([^/]+)/(.+)", re.DOTALL)
TERM = re.compile(rb"(/api/(?:vocabularies/[^/]+|affiliations|subjects)/)(.+)", re.DOTALL)


class Keys:
    """Falcon's middleware: before the route is looked for, a key or an id becomes one segment."""

    async def process_request(self, req: Request, resp: Response) -> None:
        """Have the key or the id stand in the path as it is encoded."""
        raw = req.scope.get("raw_path") or b""
        match = FILE.fullmatch(raw)
        if match is not None:
            pid, draft, key, what = match.groups()
            name = quote(unquote_to_bytes(key), safe="")
            record = pid.decode("latin-1") + draft.decode()
            req.path = f"/api/records/{record}/files/{name}{what.decode()}"
        elif (match := BUCKET.fullmatch(raw)) is not None:
            name = quote(unquote_to_bytes(match[2]), safe="")
            req.path = f"/api/files/{match[1].decode('latin-1')}/{name}"
        elif (match := TERM.fullmatch(raw)) is not None:
            req.path = match[1].decode("latin-1") + quote(unquote_to_bytes(match[2]), safe="")


def key_of(segment: str) -> str:
    """Return the key that a segment of a path is, code point by code point. Raises Invalid."""
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise Invalid("The key of the file in this path is not UTF-8.") from None
