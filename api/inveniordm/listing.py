"""Lists as InvenioRDM has them: which page is asked for, and the envelope around its hits.

Source: the InvenioRDM specification, 1, "pagination" and "list envelope".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from typing import Any
from urllib.parse import urlencode

import orjson
from falcon.asgi import Request, Response
from msgspec import Struct

from api import query
from api.inveniordm.resource import pretty, send_body
from domain.errors import Invalid

SIZE = 25
WINDOW = 10_000  # hits that may be asked for, from the first
SECRETS = frozenset({"access_token", "token"})
WITHIN = b" " * 6  # before a hit, where JSON is indented
PIECE = 256 << 10  # bytes, about


class Asked(Struct, frozen=True):
    """A page, from 1, of so many hits, and the order that they have."""

    page: int
    size: int
    sort: str

    @property
    def offset(self) -> int:
        """How many hits come before it."""
        return (self.page - 1) * self.size


def asked(req: Request, sorts: Collection[str], default: str) -> Asked:
    """Return the page that a query asks for. Raises Invalid."""
    sort = req.get_param("sort") or default
    if sort not in sorts:
        raise Invalid(f"sort must be one of {', '.join(sorts)}.")
    page = query.number(req, "page", least=1, most=WINDOW) or 1
    size = query.number(req, "size", least=1, most=WINDOW) or SIZE
    if page * size > WINDOW:
        raise Invalid(f"At most {WINDOW} hits may be asked for, from the first.")
    return Asked(page, size, sort)


def links(req: Request, url: str, asked: Asked, total: int) -> dict[str, str]:
    """Return the links to this page and to those beside it; no credential is in them."""
    kept = {name: value for name, value in req.params.items() if name not in SECRETS}

    def to(page: int) -> str:
        words = kept | {"page": page, "size": asked.size, "sort": asked.sort}
        return f"{url}?{urlencode(sorted(words.items()), doseq=True)}"

    found = {"self": to(asked.page)}
    if asked.page > 1:
        found["prev"] = to(asked.page - 1)
    if asked.page * asked.size < min(total, WINDOW):
        found["next"] = to(asked.page + 1)
    return found


async def send_list(
    req: Request,
    resp: Response,
    url: str,
    asked: Asked,
    total: int,
    hits: AsyncIterator[bytes],
    *,
    streamed: bool,
) -> None:
    """Answer with the hits of a page, each as JSON: as one piece, or piece by piece."""
    shown = {
        "hits": {"hits": [], "total": total},
        "aggregations": {},
        "sortBy": asked.sort,
        "links": links(req, url, asked, total),
    }
    pieces = _pieces(shown, hits, indented=pretty(req))
    if not streamed:
        send_body(req, resp, b"".join([piece async for piece in pieces]))
        return
    send_body(req, resp, b"")
    resp.data = None  # there is no length to be said
    resp.stream = pieces


async def _pieces(
    shown: dict[str, Any], hits: AsyncIterator[bytes], *, indented: bool
) -> AsyncIterator[bytes]:
    """Give a list's JSON; the hits stand where `shown` has an empty array."""
    whole = orjson.dumps(shown, option=orjson.OPT_INDENT_2 if indented else None)
    head, _, tail = whole.partition(b"[]")
    held, size, before = [head, b"["], 0, b""
    async for hit in hits:
        if indented:
            held += (before, b"\n", WITHIN, hit.replace(b"\n", b"\n" + WITHIN))
        else:
            held += (before, hit)
        size, before = size + len(hit), b","
        if size > PIECE:
            yield b"".join(held)
            held, size = [], 0
    end = b"\n    ]" if indented and before else b"]"
    yield b"".join([*held, end, tail])
