"""Links that lead machines on from a record's page. Source: FAIR Signposting; RFC 8288, 9264.

As many as fit are told in a header, the most needed first; all in a link set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from api.exports.agents import address, registered
from api.exports.exported import Exported, File, uri
from api.exports.schema_org import kind_of

LONGEST = 4096  # bytes of a header; proxies refuse long ones
ITEMS = 20  # files that a header names at most
PAGE = "https://schema.org/AboutPage"
HTML = "text/html"


class Sign(Struct, frozen=True):
    """A link: where it leads, what that is to the page, its media type."""

    target: str
    relation: str
    media_type: str | None = None


def as_header(exported: Exported, forms: Iterable[str], linkset: str, files: Iterable[File]) -> str:
    """Return the header Link of the page; `forms` and `linkset` are media types of its record."""
    signs = [
        Sign(exported.source.api, "linkset", linkset),
        *_signs(exported, forms),
        *(Sign(each.url, "item", each.media_type) for each in files),
    ]
    shown, left = [], LONGEST
    for each in map(_value, signs):
        if len(each) + len(", ") <= left:
            shown.append(each)
            left -= len(each) + len(", ")
    return ", ".join(shown)


def members(exported: Exported, forms: Iterable[str], files: Sequence[object]) -> dict[str, Any]:
    """Return the links of the page as a link set, with its files as `item`, then as `anchor`."""
    links: dict[str, Any] = {}
    for each in _signs(exported, forms):
        link = {"href": each.target}
        links.setdefault(each.relation, []).append(
            link | ({"type": each.media_type} if each.media_type else {})
        )
    page, record = exported.source.url, exported.source.api
    if files:
        links["item"] = files
    about = {"anchor": record, "describes": [{"href": page, "type": HTML}]}
    return {"linkset": [{"anchor": page, **links}, about, *files]}


def item(_page: str, file: File) -> dict[str, str]:
    """Return a file as something that the page has."""
    return {"href": file.url, "type": file.media_type}


def anchor(page: str, file: File) -> dict[str, Any]:
    """Return a file with what leads back from it to the page."""
    return {"anchor": file.url, "collection": [{"href": page, "type": HTML}]}


def _signs(exported: Exported, forms: Iterable[str]) -> Iterator[Sign]:
    for media_type in forms:
        yield Sign(exported.source.api, "describedby", media_type)
    yield Sign(PAGE, "type")
    yield Sign(f"https://schema.org/{quote(kind_of(exported))}", "type")
    if exported.doi is not None:
        yield Sign(exported.cited_as, "cite-as")
    for _, _, url in exported.licences():
        if url:
            yield Sign(uri(url), "license")
    for person in exported.people("creators"):
        for pair in registered(person):
            yield Sign(uri(address(*pair)), "author")


def _value(sign: Sign) -> str:
    typed = f'; type="{sign.media_type}"' if sign.media_type else ""
    return f'<{sign.target}>; rel="{sign.relation}"{typed}'
