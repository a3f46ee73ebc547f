"""Records as simple Dublin Core in XML. Source: "Dublin Core Metadata Element Set"; OAI-PMH 2.0."""

from __future__ import annotations

from api.exports.agents import named
from api.exports.exported import Exported

RIGHTS = {
    True: "info:eu-repo/semantics/openAccess",
    False: "info:eu-repo/semantics/restrictedAccess",
}


def as_xml(exported: Exported) -> bytes:
    """Return a record in OAI's form of Dublin Core."""
    from dcxml import simpledc

    made: str = simpledc.tostring(members(exported))
    return made.encode()


def members(exported: Exported) -> dict[str, list[str]]:
    """Return a record's elements, each with all its values."""
    metadata = exported.metadata
    shown = {
        "contributors": [named(each) for each in exported.people("contributors")],
        "creators": [named(each) for each in exported.people("creators")],
        "dates": [exported.published],
        "descriptions": [metadata["description"]] if metadata.get("description") else [],
        "formats": metadata.get("formats", []),
        "identifiers": [
            exported.source.url,
            *(f"{scheme}:{each}" for scheme, each in exported.identifiers),
        ],
        "languages": exported.languages,
        "publishers": [exported.publisher] if exported.publisher else [],
        "relations": [
            f"{each['scheme']}:{each['identifier']}"
            for each in metadata.get("related_identifiers", [])
        ],
        "rights": [RIGHTS[exported.source.is_open], *_licences(exported)],
        "subjects": exported.subjects,
        "titles": [exported.title],
        "types": [exported.kind["eurepo"]] if exported.kind.get("eurepo") else [],
    }
    return {name: values for name, values in shown.items() if values}


def _licences(exported: Exported) -> list[str]:
    return [each for _, title, url in exported.licences() for each in (title, url) if each]
