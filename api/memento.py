"""Versions as mementos: their links and their dates. Source: RFC 7089; RFC 8288.

`base` is the path of the object as it was asked for. It is the original resource and its own
TimeGate: it answers with 302 to the version asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

from projections.timeline import Around, Memento

LINK_FORMAT = "application/link-format"


def http_date(at: datetime) -> str:
    """Return an instant, cut to the second, as HTTP writes it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def original(base: str) -> list[str]:
    """Return the links to the object, which is its own TimeGate, and to its TimeMap."""
    return [
        f'<{base}>; rel="original timegate"',
        f'<{base}/timemap>; rel="timemap"; type="{LINK_FORMAT}"',
    ]


def settled(base: str, version: str, *, earlier: bool) -> str:
    """Return the Link header of a version: what never changes, whenever it is asked for.

    Without `earlier` those before it are left out: they may be closed to who asks.
    """
    links = original(base)
    if earlier:
        links.append(f'<{base}/versions/0>; rel="first"')
        if version != "0":
            links.append(f'<{base}/versions/{int(version) - 1}>; rel="prev"')
    return ", ".join(links)


def mementos(base: str, named: Iterable[tuple[Memento | None, str]]) -> list[str]:
    """Return a link to each version, with all names it has: first, prev, next, last."""
    relations: dict[Memento, list[str]] = {}
    for memento, name in named:
        if memento is not None:
            relations.setdefault(memento, []).append(name)
    return [
        f'<{base}/versions/{each.version}>; rel="{" ".join([*filter(None, names), "memento"])}";'
        f' datetime="{http_date(each.recorded_at)}"'
        for each, names in relations.items()
    ]


def links(base: str, picked: Memento, around: Around) -> str:
    """Return the Link header of an answer that leads to a version."""
    named = (
        (around.first, "first"),
        (around.previous, "prev"),
        (picked, ""),
        (around.next, "next"),
        (around.last, "last"),
    )
    return ", ".join(original(base) + mementos(base, named))
