"""What is told of one's own tokens and logins, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from api.shapes import TEXT, TEXTS, array, maybe, told

INSTANT = {"type": "string", "format": "date-time"}
_TOKEN: dict[str, Any] = {
    "id": {"type": "string", "format": "uuid"},
    "name": TEXT,
    "scopes": array(TEXT),
    "expires_at": maybe(INSTANT),
    "created_at": INSTANT,
    "last_used_at": maybe(INSTANT),
    "made_with": maybe(TEXT),
}
MADE = told("account.NewToken", {**_TOKEN, "token": TEXT})
_HITS = told("account.TokenHits", {"hits": array(told("account.Token", _TOKEN))})
PAGE = told("account.Tokens", {"hits": _HITS, "links": TEXTS})
_LOGIN: dict[str, Any] = {
    "id": {"type": "string", "format": "uuid"},
    "client": TEXT,
    "scopes": array(TEXT),
    "expires_at": INSTANT,
    "created_at": INSTANT,
}
_LOGIN_HITS = told("account.LoginHits", {"hits": array(told("account.Login", _LOGIN))})
LOGINS = told("account.Logins", {"hits": _LOGIN_HITS, "links": TEXTS})
