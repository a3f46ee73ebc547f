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
AFTER = "after"  # the parameter that a cursor is in
NOT_KEPT = frozenset({"access_token", "token", AFTER})  # of a request in its links
AT_LEAST = {"total_relation": "gte"}  # beside a total: as Elasticsearch says it
WITHIN = b" " * 6  # before a hit, where JSON is indented
PIECE = 256 << 10  # bytes, about


class Asked(Struct, frozen=True):
    """A page, from 1, of so many hits, and the order that they have.

    `after`, where there are cursors, is that of what comes before: the page's number says no more.
    `known` are the parameters that links repeat; None: whatever was sent.
    """

    page: int
    size: int
    sort: str
    after: str | None = None
    known: Collection[str] | None = None

    @property
    def offset(self) -> int:
        """How many hits come before it."""
        return (self.page - 1) * self.size


def asked(
    req: Request,
    sorts: Collection[str],
    default: str,
    *,
    cursors: bool = False,
    known: Collection[str] | None = None,
) -> Asked:
    """Return the page that a query asks for. Raises Invalid.

    `cursors`: it may be asked for by what comes before it, and then is as far away as it will.
    """
    sort = req.get_param("sort") or default
    if sort not in sorts:
        raise Invalid(f"sort must be one of {', '.join(sorts)}.")
    after = (req.get_param(AFTER) or None) if cursors else None
    page = query.number(req, "page", least=1) or 1
    size = query.number(req, "size", least=1, most=WINDOW) or SIZE
    if page * size > WINDOW and after is None:
        raise Invalid(f"At most {WINDOW} hits may be asked for, from the first.")
    return Asked(page, size, sort, after, known)


def links(
    req: Request, url: str, asked: Asked, total: int, cursor: str | None = None
) -> dict[str, str]:
    """Return the links to this page and to those beside it; no credential is in them.

    `cursor` is that of what follows the page.
    """
    known = req.params if asked.known is None else asked.known
    kept = {
        name: value for name, value in req.params.items() if name in known and name not in NOT_KEPT
    }

    def to(page: int, after: str | None = None) -> str:
        words = kept | {"page": page, "size": asked.size, "sort": asked.sort}
        words |= {} if after is None else {AFTER: after}
        return f"{url}?{urlencode(sorted(words.items()), doseq=True)}"

    found = {"self": to(asked.page, asked.after)}
    if asked.page > 1 and (asked.page - 1) * asked.size <= WINDOW:
        found["prev"] = to(asked.page - 1)
    if cursor is not None:
        found["next"] = to(asked.page + 1, cursor)
    elif asked.after is None and asked.page * asked.size < min(total, WINDOW):
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
    aggregations: dict[str, Any] | None = None,
    exact: bool = True,
    cursor: str | None = None,
) -> None:
    """Answer with the hits of a page, each as JSON: as one piece, or piece by piece.

    There are `total`, or at least so many where that is not `exact`. `cursor` is as in `links`.
    """
    shown = {
        "aggregations": aggregations or {},
        "hits": {"hits": [], "total": total} | ({} if exact else AT_LEAST),
        "links": links(req, url, asked, total, cursor),
        "sortBy": asked.sort,
    }
    pieces = _pieces(shown, hits, indented=pretty(req))
    if streamed:
        send_body(req, resp, b"")
        resp.data = None  # there is no length to be said
        resp.stream = pieces
    else:
        send_body(req, resp, b"".join([piece async for piece in pieces]))
    if aggregations:  # they are called something
        resp.set_header("Vary", "Accept, Accept-Language")


async def _pieces(
    shown: dict[str, Any], hits: AsyncIterator[bytes], *, indented: bool
) -> AsyncIterator[bytes]:
    """Give a list's JSON; the hits stand where `shown` has none."""
    whole = orjson.dumps(shown, option=orjson.OPT_INDENT_2 if indented else None)
    name = b'"hits": ' if indented else b'"hits":'
    head, _, tail = whole.partition(name + b"[]")  # in no text: there a quote is escaped
    held, size, before = [head, name, b"["], 0, b""
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
