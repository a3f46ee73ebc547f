"""Idempotency-Key on every POST of every door. Source: DESIGN.md "The log"."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from falcon.asgi import Request, Response

from api.door import JSON, send_bytes
from domain.errors import Invalid
from domain.event import Answer
from domain.log import Retry

KEY_LENGTH = 255  # characters
NO_CONTENT = 204


def retry(
    req: Request, body: bytes, answer: Callable[[Any], tuple[int, str | None, str | None]]
) -> Callable[[], Retry] | None:
    """Return what makes a request safe to repeat, when it carries a key. Raises Invalid.

    It is made where the command runs: a large body's digest takes long.
    """
    key = req.get_header("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LENGTH:
        raise Invalid(f"Idempotency-Key must have 1 to {KEY_LENGTH} characters.")
    path = req.path if req.path.endswith("/") else f"{req.path}/"  # a collection has two
    return lambda: Retry(key, req.method, path, sha256(body).hexdigest(), answer)


def give_again(resp: Response, before: Answer, body: bytes, media_type: str = JSON) -> None:
    """Give a first answer once more, marked as such."""
    if before.status == NO_CONTENT:
        resp.status = NO_CONTENT
    else:
        send_bytes(resp, body, before.status)
        resp.content_type = media_type
    mark_again(resp)
    if before.location is not None:
        resp.set_header("Location", before.location)
    if before.etag is not None:
        resp.set_header("ETag", before.etag)


def mark_again(resp: Response) -> None:
    """Say that an answer is one that was given before."""
    resp.set_header("Idempotent-Replayed", "true")
