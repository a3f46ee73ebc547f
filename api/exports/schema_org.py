"""Records as JSON-LD in the words of schema.org. Source: schema.org; Google, "Dataset"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.exports.agents import address, is_person, registered
from api.exports.exported import Exported, File, Organisation

CONTEXT = "http://schema.org"  # the name of the vocabulary: nothing fetches it
WORK = "CreativeWork"


def members(exported: Exported, files: Sequence[object]) -> dict[str, Any]:
    """Return a record as schema.org has it, with its files as `download` shows them."""
    metadata, source = exported.metadata, exported.source
    shown: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": exported.cited_as,
        "@type": kind_of(exported),
        "name": exported.title,
        "url": source.url,
        "identifier": exported.cited_as,
        "description": metadata.get("description", ""),
        "creator": [_agent(exported, each) for each in exported.people("creators")],
        "contributor": [_agent(exported, each) for each in exported.people("contributors")],
        "publisher": _publisher(exported),
        "datePublished": exported.published,
        "dateCreated": source.created_at.isoformat(),
        "dateModified": source.updated_at.isoformat(),
        "inLanguage": exported.languages,
        "keywords": exported.subjects,
        "license": [url or title for _, title, url in exported.licences()],
        "version": metadata.get("version", ""),
        "isAccessibleForFree": source.is_open,
        "distribution": files,
    }
    return {name: value for name, value in shown.items() if value not in ([], {}, "")}


def download(_exported: str, file: File) -> dict[str, str]:
    """Return a file as schema.org has it."""
    return {
        "@type": "DataDownload",
        "name": file.name,
        "contentUrl": file.url,
        "encodingFormat": file.media_type,
        "contentSize": f"{file.size} B",
    }


def kind_of(exported: Exported) -> str:
    """Return the name of what it is there: `Dataset`."""
    return exported.kind.get("schema.org", "").rpartition("/")[2] or WORK


def _publisher(exported: Exported) -> dict[str, str]:
    return {"@type": "Organization", "name": exported.publisher} if exported.publisher else {}


def _agent(exported: Exported, person: dict[str, Any]) -> dict[str, Any]:
    about = person["person_or_org"]
    shown: dict[str, Any] = {
        "@type": "Person" if is_person(person) else "Organization",
        "name": about["name"],
    }
    for ours, theirs in (("given_name", "givenName"), ("family_name", "familyName")):
        if about.get(ours):
            shown[theirs] = about[ours]
    for pair in registered(person)[:1]:
        shown["@id"] = address(*pair)
    affiliations = [_organisation(each) for each in exported.affiliations(person)]
    return shown | ({"affiliation": affiliations} if affiliations else {})


def _organisation(said: Organisation) -> dict[str, str]:
    shown = {"@type": "Organization", "name": said.name}
    return shown if said.ror is None else shown | {"@id": said.ror}
