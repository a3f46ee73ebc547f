"""Lists: `count`, `next`, `previous` and `results`. Source: the Divio specification, "list"."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api.door import send
from domain.errors import NotFound
from domain.identifiers import NUMBER, id_of_base32

SIZE = 100  # lines of a page, where nothing else is asked for
MOST = 1_000


def parameters(most: int = MOST) -> dict[str, Any]:
    """Return what lists are paged by, with what it does: `most` lines of a page at most."""
    return {
        "page": {
            "anyOf": [{"type": "integer", "minimum": 1}, {"const": "last"}],
            "description": "the number of the page; last is the last",
        },
        "page_size": {
            "type": "integer",
            "minimum": 1,
            "description": f"lines of a page, {SIZE} unless another is asked for; of more than"
            f" {most:,} it has so many",
        },
    }


NO_PAGE = "Invalid page."


class Page(Struct, frozen=True):
    """Which lines of a list are wanted."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many lines come before it."""
        return (self.number - 1) * self.size


def asked(req: Request, total: int, most: int = MOST) -> Page:
    """Return the page that a request asks for, of so many lines. Raises NotFound."""
    size = min(_number(last(req, "page_size")) or SIZE, most)
    pages = max(1, -(-total // size))
    text = last(req, "page")
    number = pages if text == "last" else 1 if text is None else _number(text)
    if number is None or not 1 <= number <= pages:
        raise NotFound(NO_PAGE)
    return Page(number, size)


async def answer(
    req: Request,
    resp: Response,
    url: str,
    total: int,
    read: Callable[[Page], Awaitable[Sequence[dict[str, Any]]]],
    *,
    most: int = MOST,
) -> None:
    """Answer with the page of a list that is asked for; `url` is the list's own, absolute.

    Of no lines none is read. Raises NotFound for a page that is not there.
    """
    page = asked(req, total, most)

    def link(number: int) -> str:
        kept = parse_qsl(req.query_string, keep_blank_values=True)
        kept = [(name, text) for name, text in kept if name != "page"]
        query = urlencode([*kept, ("page", number)] if number > 1 else kept)
        return f"{url}?{query}" if query else url

    following = page.number + 1 if page.offset + page.size < total else None
    shown = {
        "count": total,
        "next": None if following is None else link(following),
        "previous": link(page.number - 1) if page.number > 1 else None,
        "results": await read(page) if total else [],
    }
    send(resp, shown)


async def answer_all(
    req: Request, resp: Response, url: str, lines: Sequence[dict[str, Any]]
) -> None:
    """Answer with a page of lines that are all at hand. Raises NotFound."""

    async def read(page: Page) -> Sequence[dict[str, Any]]:
        return lines[page.offset : page.offset + page.size]

    await answer(req, resp, url, len(lines), read)


def last(req: Request, name: str) -> str | None:
    """Return the last that a parameter says, None when it is not there."""
    found = req.get_param_as_list(name)
    return found[-1] if found else None


def ids(req: Request, *names: str) -> dict[str, UUID] | None:
    """Return the ids that a list is asked by; None: one of them is none, and there are no such."""
    found: dict[str, UUID] = {}
    for name in names:
        text = last(req, name)
        if text:
            id_ = id_of_base32(text)
            if id_ is None:
                return None
            found[name] = id_
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and NUMBER.fullmatch(text) else None
