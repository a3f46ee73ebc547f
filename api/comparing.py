"""Two documents compared: at once when they are small, in the helper process when they are not."""

from __future__ import annotations

from collections.abc import Callable

from api.service import Service
from domain import heavy
from domain.errors import TooLarge

LIGHT = 16 << 10  # bytes of both documents that are compared in place: at most about a second
LIMIT = 8 << 20  # bytes of both documents that are compared at all: at most about seven seconds

Compare = Callable[[bytes, bytes], bytes]


async def compared(service: Service, compare: Compare, before: bytes, after: bytes) -> bytes:
    """Return what makes `after` of `before`. Raises TooLarge, and what the comparison raises."""
    size = len(before) + len(after)
    if size > LIMIT:
        raise TooLarge(f"The versions have {size:,} bytes; up to {LIMIT:,} are compared.", LIMIT)
    if size > LIGHT:
        return await service.slow(lambda: heavy.call(compare, before, after))
    return await service.slow(lambda: compare(before, after))
