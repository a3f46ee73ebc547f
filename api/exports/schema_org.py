"""Records as JSON-LD in the words of schema.org. Source: schema.org; Google, "Dataset"."""

from __future__ import annotations

from typing import Any

import orjson

from api.exports.exported import Exported, is_person, names_of

CONTEXT = "http://schema.org"  # the name of the vocabulary: nothing fetches it
WORK = "CreativeWork"
AT = {
    "orcid": "https://orcid.org/",
    "isni": "https://isni.org/isni/",
    "gnd": "https://d-nb.info/gnd/",
    "ror": "https://ror.org/",
}


def as_json(exported: Exported) -> bytes:
    """Return a record as JSON-LD."""
    return orjson.dumps(members(exported), option=orjson.OPT_INDENT_2)


def members(exported: Exported) -> dict[str, Any]:
    """Return a record as schema.org has it."""
    metadata = exported.metadata
    doi = exported.doi
    shown: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": exported.url if doi is None else f"https://doi.org/{doi}",
        "@type": kind_of(exported),
        "name": exported.title,
        "url": exported.url,
        "identifier": exported.url if doi is None else f"https://doi.org/{doi}",
        "description": metadata.get("description", ""),
        "creator": [_agent(each) for each in exported.people("creators")],
        "contributor": [_agent(each) for each in exported.people("contributors")],
        "publisher": _publisher(exported),
        "datePublished": exported.published,
        "dateCreated": exported.created_at.isoformat(),
        "dateModified": exported.updated_at.isoformat(),
        "inLanguage": [each["id"] for each in metadata.get("languages", [])],
        "keywords": [
            each["subject"] for each in metadata.get("subjects", []) if each.get("subject")
        ],
        "license": [url or title for title, url in exported.links()],
        "version": metadata.get("version", ""),
        "isAccessibleForFree": exported.is_open,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": each.name,
                "contentUrl": each.url,
                "encodingFormat": each.media_type,
                "contentSize": f"{each.size} B",
            }
            for each in exported.files
        ],
    }
    return {name: value for name, value in shown.items() if value not in ([], {}, "")}


def kind_of(exported: Exported) -> str:
    """Return the name of what it is there: `Dataset`."""
    return exported.kind.get("schema.org", "").rpartition("/")[2] or WORK


def _publisher(exported: Exported) -> dict[str, str]:
    return {"@type": "Organization", "name": exported.publisher} if exported.publisher else {}


def _agent(person: dict[str, Any]) -> dict[str, Any]:
    about = person["person_or_org"]
    shown: dict[str, Any] = {
        "@type": "Person" if is_person(person) else "Organization",
        "name": about["name"],
    }
    for ours, theirs in (("given_name", "givenName"), ("family_name", "familyName")):
        if about.get(ours):
            shown[theirs] = about[ours]
    for scheme, identifier in names_of(person):
        if scheme in AT:
            shown["@id"] = f"{AT[scheme]}{identifier}"
            break
    affiliations = [_affiliation(each) for each in person.get("affiliations", [])]
    return shown | ({"affiliation": affiliations} if affiliations else {})


def _affiliation(affiliation: dict[str, Any]) -> dict[str, str]:
    shown = {"@type": "Organization", "name": affiliation.get("name") or affiliation["id"]}
    return shown | ({"@id": f"{AT['ror']}{affiliation['id']}"} if affiliation.get("id") else {})
