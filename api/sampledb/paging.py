"""What is said of a page beside its lines: which others there are, how many lines in all."""

from __future__ import annotations

from urllib.parse import urlencode

from falcon.asgi import Request, Response

from api.sampledb.asked import Listing
from projections.objects import Page

SECRET = "access_token"  # noqa: S105 - the parameter's name


def tell(
    req: Request, resp: Response, base: str, asked: Listing, page: Page, total: int | None
) -> None:
    """Say which pages there are beside this one, and the total as far as it is known.

    Source: RFC 8288; RFC 7240. What all pages of a list have in common is kept, other than a
    credential. A page of more than one batch may be followed by an empty one.
    """
    if asked.limit is not None:
        resp.set_header("Link", ", ".join(_links(req, base, asked.limit, asked.offset, page)))
    if total is not None:
        resp.set_header("Preference-Applied", "count=exact")
    elif not page.more and (page.lines or asked.offset == 0):
        total = asked.offset + len(page.lines)
    if total is not None:
        resp.set_header("X-Total-Count", str(total))


def _links(req: Request, base: str, limit: int, offset: int, page: Page) -> list[str]:
    others = {"first": 0}
    if offset > 0:
        others["prev"] = max(offset - limit, 0)
    if page.more:
        others["next"] = offset + limit
    kept = {name: value for name, value in req.params.items() if name not in ("offset", SECRET)}
    return [
        f'<{base}?{urlencode(kept | ({"offset": at} if at else {}), doseq=True)}>; rel="{rel}"'
        for rel, at in others.items()
    ]
