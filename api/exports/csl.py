"""Records as CSL JSON, which reference managers read. Source: Citation Style Language 1.0.2."""

from __future__ import annotations

import re
from typing import Any

import orjson

from api.exports.agents import is_person, named
from api.exports.exported import Exported, english

TAG = re.compile(r"<[^>]*>")  # of a description that a library has sanitised


def as_json(exported: Exported) -> bytes:
    """Return a record as CSL JSON: an array of one item."""
    return orjson.dumps([members(exported)], option=orjson.OPT_INDENT_2)


def members(exported: Exported) -> dict[str, Any]:
    """Return a record as an item of CSL."""
    metadata = exported.metadata
    shown: dict[str, Any] = {
        "id": exported.source.pid,
        "type": exported.kind.get("csl") or "article",
        "title": exported.title,
        "abstract": TAG.sub("", metadata.get("description", "")),
        "author": [_agent(each) for each in exported.people("creators")],
        "contributor": [_agent(each) for each in exported.people("contributors")],
        "issued": {"date-parts": _dates(exported.published)},
        "language": next(iter(exported.languages), ""),
        "publisher": exported.publisher or "",
        "version": metadata.get("version", ""),
        "note": english((metadata.get("resource_type") or {}).get("title")),
        "DOI": exported.doi or "",
        "URL": exported.source.url,
    }
    for scheme, identifier in exported.identifiers:
        if scheme in ("isbn", "issn"):
            shown[scheme.upper()] = identifier
    return {name: value for name, value in shown.items() if value not in ([], "")}


def _agent(person: dict[str, Any]) -> dict[str, str]:
    about = person["person_or_org"]
    if not is_person(person) or not about.get("family_name"):
        return {"literal": named(person)}
    shown = {"family": about["family_name"]}
    return shown | ({"given": about["given_name"]} if about.get("given_name") else {})


def _dates(published: str) -> list[list[int]]:
    """Return one date or two as CSL has them: year, month and day, as far as they are known."""
    return [[int(part) for part in date.split("-")] for date in published.split("/")]
