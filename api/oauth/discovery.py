"""What a program reads first: where everything is, and the keys. Source: RFC 8414, RFC 7517."""

from __future__ import annotations

from typing import ClassVar

from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE
from falcon.asgi import Request, Response

from api.door import send
from api.oauth import replies
from api.oauth.resource import OAuthResource
from api.oauth.server import PUBLIC
from domain.access import SCOPES
from domain.storage.signing_keys import ALGORITHM

LASTS = "public, max-age=60"


class Discovery(OAuthResource):
    """/oauth/.well-known/openid-configuration"""

    answers: ClassVar = {"GET": replies.DISCOVERY}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the issuer's endpoints and what it can do."""
        issuer = self.issuer(req)
        told = {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/token",
            "device_authorization_endpoint": f"{issuer}/device_authorization",
            "revocation_endpoint": f"{issuer}/revoke",
            "jwks_uri": f"{issuer}/jwks",
            "grant_types_supported": [DEVICE_CODE_GRANT_TYPE, "refresh_token"],
            "response_types_supported": [],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": [*PUBLIC],
            "revocation_endpoint_auth_methods_supported": [*PUBLIC],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["offline_access", *sorted(SCOPES)],
        }
        send(resp, told)


class Jwks(OAuthResource):
    """/oauth/jwks"""

    answers: ClassVar = {"GET": replies.JWKS}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the public keys: the one that signs, and those of which tokens still hold."""
        send(resp, await self.service.slow(self.service.signing_keys.public))
        resp.set_header("Cache-Control", LASTS)
