"""Conditional requests: whether the asker has the answer already."""

from __future__ import annotations


def matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match names this tag. Source: RFC 9110, 13.1.2 (weak comparison)."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return any(each.strip().removeprefix("W/") == tag for each in header.split(","))
