"""Request bodies: read whole within a limit, or refused; never half."""

from __future__ import annotations

from falcon.asgi import Request

from domain.errors import Invalid, TooLarge

DRAINED = 16 << 20  # bytes of a refused body that are read, so that the client hears the refusal


async def read(req: Request, limit: int) -> bytes:
    """Return the body. Raises TooLarge past `limit` bytes, Invalid when it breaks off."""
    expected = req.content_length
    if expected is not None and expected > limit:
        await _drain(req)
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async for part in req.stream:
            parts.append(part)
            size += len(part)
            if size > limit:
                parts.clear()
                await _drain(req)
                raise _too_large(limit)
    except (OSError, EOFError, ValueError) as error:
        raise Invalid("The request's body cannot be read to its end.") from error
    if expected is not None and size != expected:
        raise Invalid(f"The body has {size} bytes, its Content-Length says {expected}.")
    return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit} bytes that are accepted.", limit)


async def _drain(req: Request) -> None:
    left = DRAINED
    async for part in req.stream:
        left -= len(part)
        if left < 0:
            return
