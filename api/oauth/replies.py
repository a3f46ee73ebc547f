"""What the issuer answers, for the OpenAPI document. Source: RFC 6749, RFC 8628, OIDC Discovery."""

from __future__ import annotations

from api.shapes import INTEGER, TEXT, array, told

DISCOVERY = told(
    "oauth.Discovery",
    {
        **dict.fromkeys(
            (
                "issuer",
                "token_endpoint",
                "device_authorization_endpoint",
                "revocation_endpoint",
                "jwks_uri",
            ),
            TEXT,
        ),
        "grant_types_supported": array(TEXT),
        **dict.fromkeys(
            (
                "response_types_supported",
                "subject_types_supported",
                "token_endpoint_auth_methods_supported",
                "revocation_endpoint_auth_methods_supported",
                "scopes_supported",
            ),
            array(TEXT),
        ),
        "id_token_signing_alg_values_supported": array(TEXT),
        "code_challenge_methods_supported": array(TEXT),
    },
)
JWKS = told(
    "oauth.Keys",
    {"keys": array(told("oauth.Key", dict.fromkeys(("kty", "kid", "use", "alg", "n", "e"), TEXT)))},
)
DEVICE = told(
    "oauth.Device",
    {
        **dict.fromkeys(("device_code", "user_code", "verification_uri"), TEXT),
        "verification_uri_complete": TEXT,
        "expires_in": INTEGER,
        "interval": INTEGER,
    },
)
TOKEN = told(
    "oauth.Token",
    {
        "access_token": TEXT,
        "refresh_token": TEXT,
        "token_type": {"const": "Bearer"},
        "expires_in": INTEGER,
        "scope": TEXT,
    },
)
NOTHING = {"type": "object", "maxProperties": 0}
