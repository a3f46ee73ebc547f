"""This door's whole surface, one line a route."""

from __future__ import annotations

from api.account.logins import Login, Logins
from api.account.resource import AccountResource
from api.account.tokens import Token, Tokens
from api.service import Service


def routes(service: Service) -> dict[str, AccountResource]:
    """Return path template → resource."""
    return {
        "/api/me/tokens/": Tokens(service),
        "/api/me/tokens/{id}": Token(service),
        "/api/me/logins/": Logins(service),
        "/api/me/logins/{id}": Login(service),
    }
