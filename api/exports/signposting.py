"""Links that lead machines on from a record's page. Source: FAIR Signposting; RFC 8288, 9264.

Which are there is told in a header, with the first files; and all that are known in a link set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson
from msgspec import Struct

from api.exports.exported import Exported, names_of
from api.exports.schema_org import AT, kind_of

ITEMS = 20  # files that a header names
PAGE = "https://schema.org/AboutPage"


class Sign(Struct, frozen=True):
    """A link: where it leads, what that is to the page, its media type."""

    target: str
    relation: str
    media_type: str | None = None


def as_header(
    exported: Exported, described: Sequence[tuple[str, str]], linkset: tuple[str, str]
) -> str:
    """Return the header Link of the page; `described` and `linkset` are addresses and types."""
    signs = [*_signs(exported, ITEMS)]
    signs += [Sign(url, "describedby", media_type) for url, media_type in described]
    signs.append(Sign(linkset[0], "linkset", linkset[1]))
    return ", ".join(map(_value, signs))


def as_linkset(exported: Exported) -> bytes:
    """Return the links of the page as a link set in JSON."""
    links: dict[str, list[dict[str, str]]] = {}
    for each in _signs(exported, len(exported.files)):
        link = {"href": each.target}
        links.setdefault(each.relation, []).append(
            link | ({"type": each.media_type} if each.media_type else {})
        )
    context: list[object] = [{"anchor": exported.url, **links}]
    context += [
        {"anchor": each.url, "collection": [{"href": exported.url, "type": "text/html"}]}
        for each in exported.files
    ]
    return orjson.dumps({"linkset": context}, option=orjson.OPT_INDENT_2)


def _signs(exported: Exported, items: int) -> Iterator[Sign]:
    for person in exported.people("creators"):
        for scheme, identifier in names_of(person):
            if scheme in AT:
                yield Sign(f"{AT[scheme]}{identifier}", "author")
    if exported.doi is not None:
        yield Sign(f"https://doi.org/{exported.doi}", "cite-as")
    yield Sign(PAGE, "type")
    yield Sign(f"https://schema.org/{kind_of(exported)}", "type")
    for _, url in exported.links():
        if url:
            yield Sign(url, "license")
    for file in exported.files[:items]:
        yield Sign(file.url, "item", file.media_type)


def _value(sign: Sign) -> str:
    # An address is ASCII without blanks and brackets, whatever somebody wrote as a licence's.
    target = "".join(each for each in sign.target if "!" <= each <= "~" and each not in '<>"')
    typed = f'; type="{sign.media_type}"' if sign.media_type else ""
    return f'<{target}>; rel="{sign.relation}"{typed}'
