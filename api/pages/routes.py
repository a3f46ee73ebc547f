"""All pages, one line a route."""

from __future__ import annotations

from api.auth import Authenticator
from api.pages.communities import CommunityPage
from api.pages.records import Draft, Latest, Page, Record
from api.pages.tokens import ALL, NEW, AllTokens, NewToken, TokenPage
from api.service import Service


def routes(service: Service, authenticator: Authenticator) -> dict[str, Page]:
    """Return path template → resource."""
    pages: dict[str, Page] = {path: kind(service) for path, kind in PATHS.items()}
    return pages | {path: kind(service, authenticator) for path, kind in TOKENS.items()}


PATHS: dict[str, type[Page]] = {
    "/records/{pid}": Record,
    "/records/{pid}/latest": Latest,
    "/uploads/{pid}": Draft,
    "/communities/{community}": CommunityPage,
}

# Where InvenioRDM's, CAP's and Divio's users are sent for a token.
TOKENS: dict[str, type[TokenPage]] = {
    ALL: AllTokens,
    NEW: NewToken,
    f"/app{NEW}": NewToken,
    "/account/desktop-app/access-token/": NewToken,
}
