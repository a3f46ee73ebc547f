"""Digests that a body is announced with. Source: RFC 9530; RFC 1864."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from falcon.asgi import Request

from domain.errors import Invalid

ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "md5": "md5"}  # RFC 9530 → hashlib
MEMBER = re.compile(r"\s*([a-z0-9-]+)=:([A-Za-z0-9+/=]*):\s*(?:;.*)?")
HEX = re.compile(r"[0-9a-fA-F]{32}")


def announced(req: Request) -> dict[str, bytes]:
    """Return the digests that a body is announced with: hashlib's name → digest. Raises Invalid.

    Algorithms that are not known are ignored, as RFC 9530 (section 2) allows.
    """
    found: dict[str, bytes] = {}
    for text in filter(None, (req.get_header("Content-Digest") or "").split(",")):
        member = MEMBER.fullmatch(text)
        if member is None:
            raise Invalid("Content-Digest must look like sha-256=:<base64>:.")
        if member[1] in ALGORITHMS:
            name = ALGORITHMS[member[1]]
            found[name] = decoded("Content-Digest", name, member[2])
    stated = req.get_header("Content-MD5")
    if stated is not None:
        # As we give it, in hex, or as RFC 1864 has it.
        md5 = (
            bytes.fromhex(stated)
            if HEX.fullmatch(stated)
            else decoded("Content-MD5", "md5", stated)
        )
        if found.setdefault("md5", md5) != md5:
            raise Invalid("Content-MD5 and Content-Digest differ.")
    return found


def decoded(header: str, name: str, text: str) -> bytes:
    """Return the digest that a header has in base64, of hashlib's algorithm. Raises Invalid."""
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.new(name, usedforsecurity=False).digest_size:
        raise Invalid(f"{header} must have a {name} digest in base64.")
    return digest
