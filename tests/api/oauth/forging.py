"""Tokens that no library would make."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import orjson


def encoded(value: dict[str, Any]) -> str:
    """A part of a token."""
    return _text(orjson.dumps(value))


def hs256(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A token whose secret is somebody's public key."""
    signed = f"{encoded(header | {'alg': 'HS256'})}.{encoded(claims)}"
    return f"{signed}.{_text(hmac.digest(key, signed.encode(), sha256))}"


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
