"""All pages, one line a route."""

from __future__ import annotations

from api.pages.communities import CommunityPage
from api.pages.records import Draft, Latest, Page, Record
from api.service import Service


def routes(service: Service) -> dict[str, Page]:
    """Return path template → resource."""
    return {path: kind(service) for path, kind in PATHS.items()}


PATHS: dict[str, type[Page]] = {
    "/records/{pid}": Record,
    "/records/{pid}/latest": Latest,
    "/uploads/{pid}": Draft,
    "/communities/{community}": CommunityPage,
}
