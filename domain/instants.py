"""Instants as they are written. Source: RFC 3339."""

from __future__ import annotations

from datetime import datetime


def rfc3339(at: datetime) -> str:
    """Return an instant in UTC, to six digits of a second, as it may be asked for again."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
