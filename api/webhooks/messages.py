"""A message: an event as /api/events gives it, and the signature that shows who sent it.

Source: Standard Webhooks 1.0, "Webhook Metadata", "Signature scheme", "Payload structure".
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from uuid import UUID

import orjson

from api.feed.items import item
from domain.instants import rfc3339
from projections.feed import Row


def key_of(key: bytes, webhook: UUID) -> bytes:
    """Return the key that a webhook's messages are signed with: it is stored nowhere."""
    return hmac.digest(key, b"webhook" + webhook.bytes, sha256)


def shown(signing: bytes) -> str:
    """Return a key as receivers are given it."""
    return f"whsec_{b64encode(signing).decode()}"


def body(row: Row) -> bytes:
    """Return what a message says: nothing that is secret, nor what was erased."""
    head = {"type": row.topic, "timestamp": rfc3339(row.recorded_at)}
    return orjson.dumps(head)[:-1] + b',"data":%b}' % item(row).body


def headers(signing: bytes, webhook: UUID, row: Row, said: bytes, now: int) -> dict[str, str]:
    """Return the headers of a message sent at `now`, in seconds since 1970.

    Its id is the same however often it is sent: by it a receiver knows what it has had.
    """
    id_ = f"msg_{webhook.hex}_{item(row).id}"
    signature = hmac.digest(signing, f"{id_}.{now}.".encode() + said, sha256)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Muniment",
        "webhook-id": id_,
        "webhook-timestamp": str(now),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }
