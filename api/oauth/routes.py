"""The issuer's whole surface, one line a route."""

from __future__ import annotations

from api.auth import Authenticator
from api.oauth.device import DeviceAuthorization
from api.oauth.discovery import Discovery, Jwks
from api.oauth.page import DevicePage
from api.oauth.revocation import Revocation
from api.oauth.token import Token
from api.service import Service


def routes(service: Service, authenticator: Authenticator) -> dict[str, object]:
    """Return each path and what answers it."""
    return {
        "/oauth/.well-known/openid-configuration": Discovery(service),
        "/oauth/jwks": Jwks(service),
        "/oauth/device_authorization": DeviceAuthorization(service),
        "/oauth/device": DevicePage(service, authenticator),
        "/oauth/token": Token(service),
        "/oauth/revoke": Revocation(service),
    }
