"""Records as DataCite 4.5, in JSON and in XML. Source: DataCite Metadata Schema 4.5."""

from __future__ import annotations

from typing import Any

import orjson

from api.exports.exported import UNAVAILABLE, Exported, english, is_person, names_of

SCHEMA = "http://datacite.org/schema/kernel-4"
# InvenioRDM's schemes of identifiers and DataCite's types of them.
TYPES = {
    "ark": "ARK",
    "arxiv": "arXiv",
    "ads": "bibcode",
    "crossreffunderid": "Crossref Funder ID",
    "doi": "DOI",
    "ean13": "EAN13",
    "eissn": "EISSN",
    "grid": "GRID",
    "handle": "Handle",
    "igsn": "IGSN",
    "isbn": "ISBN",
    "isni": "ISNI",
    "issn": "ISSN",
    "istc": "ISTC",
    "lissn": "LISSN",
    "lsid": "LSID",
    "pmid": "PMID",
    "purl": "PURL",
    "upc": "UPC",
    "url": "URL",
    "urn": "URN",
    "w3id": "w3id",
}
AGENTS = {
    "orcid": ("ORCID", "https://orcid.org"),
    "isni": ("ISNI", "https://isni.org"),
    "gnd": ("GND", "https://d-nb.info/gnd"),
    "ror": ("ROR", "https://ror.org"),
}
OTHER = "Other"


def as_json(exported: Exported) -> bytes:
    """Return a record in DataCite's JSON."""
    return orjson.dumps(members(exported), option=orjson.OPT_INDENT_2)


def as_xml(exported: Exported) -> bytes:
    """Return a record in DataCite's XML."""
    from datacite import schema45  # it takes half a second

    made: str = schema45.tostring(members(exported))
    return made.encode()


def members(exported: Exported) -> dict[str, Any]:
    """Return a record as DataCite's JSON has it."""
    metadata = exported.metadata
    shown: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        "url": exported.url,
        "alternateIdentifiers": _others(exported),
        "creators": [_agent(each) for each in exported.people("creators")] or [_nobody()],
        "titles": _titles(exported),
        "publisher": {"name": exported.publisher or UNAVAILABLE},
        "publicationYear": exported.year,
        "types": _types(exported),
        "dates": _dates(exported),
        "relatedIdentifiers": _related(exported),
        "rightsList": _rights(exported),
        "subjects": [{"subject": each["subject"]} for each in _subjects(exported)],
        "contributors": [
            _agent(each)
            | {
                "contributorType": exported.told("contributorsroles", each.get("role")).get(
                    "datacite", OTHER
                )
            }
            for each in exported.people("contributors")
        ],
        "descriptions": _descriptions(exported),
        "fundingReferences": [_funding(each) for each in metadata.get("funding", [])],
        "sizes": metadata.get("sizes", []),
        "formats": metadata.get("formats", []),
        "geoLocations": list(_places(metadata)),
    }
    if metadata.get("version"):
        shown["version"] = metadata["version"]
    if metadata.get("languages"):
        shown["language"] = metadata["languages"][0]["id"]
    shown |= _doi(exported)
    return {name: value for name, value in shown.items() if value not in ([], {}, "")}


def _doi(exported: Exported) -> dict[str, str]:
    if exported.doi is None:
        return {}
    prefix, _, suffix = exported.doi.partition("/")
    return {"doi": exported.doi, "prefix": prefix, "suffix": suffix}


def _others(exported: Exported) -> list[dict[str, str]]:
    return [
        {"alternateIdentifier": each, "alternateIdentifierType": TYPES.get(scheme, OTHER)}
        for scheme, each in exported.identifiers
        if each != exported.doi
    ]


def _nobody() -> dict[str, Any]:
    return {"name": UNAVAILABLE}


def _agent(person: dict[str, Any]) -> dict[str, Any]:
    about = person["person_or_org"]
    shown: dict[str, Any] = {
        "name": about["name"],
        "nameType": "Personal" if is_person(person) else "Organizational",
    }
    for ours, theirs in (("given_name", "givenName"), ("family_name", "familyName")):
        if about.get(ours):
            shown[theirs] = about[ours]
    identifiers = [
        {
            "nameIdentifier": each,
            "nameIdentifierScheme": AGENTS[scheme][0],
            "schemeUri": AGENTS[scheme][1],
        }
        for scheme, each in names_of(person)
        if scheme in AGENTS
    ]
    affiliations = [_affiliation(each) for each in person.get("affiliations", [])]
    if identifiers:
        shown["nameIdentifiers"] = identifiers
    if affiliations:
        shown["affiliation"] = affiliations
    return shown


def _affiliation(affiliation: dict[str, Any]) -> dict[str, str]:
    shown = {"name": affiliation.get("name") or affiliation["id"]}
    if affiliation.get("id"):
        shown |= {
            "affiliationIdentifier": f"https://ror.org/{affiliation['id']}",
            "affiliationIdentifierScheme": "ROR",
        }
    return shown


def _titles(exported: Exported) -> list[dict[str, str]]:
    titles = [{"title": exported.title}]
    for each in exported.metadata.get("additional_titles", []):
        shown = {"title": each["title"]}
        kind = exported.told("titletypes", each.get("type")).get("datacite")
        if kind:
            shown["titleType"] = kind
        titles.append(shown | _language(each))
    return titles


def _language(said: dict[str, Any]) -> dict[str, str]:
    return {"lang": said["lang"]["id"]} if said.get("lang") else {}


def _types(exported: Exported) -> dict[str, str]:
    kind = exported.kind
    title = english((exported.metadata.get("resource_type") or {}).get("title"))
    return {
        "resourceTypeGeneral": kind.get("datacite_general") or OTHER,
        "resourceType": kind.get("datacite_type") or title,
    }


def _dates(exported: Exported) -> list[dict[str, str]]:
    dates = [{"date": exported.published, "dateType": "Issued"}]
    for each in exported.metadata.get("dates", []):
        shown = {
            "date": each["date"],
            "dateType": exported.told("datetypes", each.get("type")).get("datacite") or OTHER,
        }
        if each.get("description"):
            shown["dateInformation"] = each["description"]
        dates.append(shown)
    return dates


def _related(exported: Exported) -> list[dict[str, str]]:
    found = []
    for each in exported.metadata.get("related_identifiers", []):
        kind = TYPES.get(each["scheme"])
        relation = exported.told("relationtypes", each.get("relation_type")).get("datacite")
        if kind is None or relation is None:
            continue
        shown = {
            "relatedIdentifier": each["identifier"],
            "relatedIdentifierType": kind,
            "relationType": relation,
        }
        general = exported.told("resourcetypes", each.get("resource_type")).get("datacite_general")
        found.append(shown | ({"resourceTypeGeneral": general} if general else {}))
    return [
        *found,
        {
            "relatedIdentifier": exported.parent,
            "relatedIdentifierType": "URL",
            "relationType": "IsVersionOf",
        },
    ]


def _rights(exported: Exported) -> list[dict[str, str]]:
    found = []
    for right, (title, url) in zip(
        exported.metadata.get("rights", []), exported.links(), strict=True
    ):
        shown = {"rights": title}
        if url:
            shown["rightsUri"] = url
        if right.get("id"):
            shown |= {"rightsIdentifier": right["id"], "rightsIdentifierScheme": "SPDX"}
        found.append(shown)
    return found


def _subjects(exported: Exported) -> list[dict[str, Any]]:
    return [each for each in exported.metadata.get("subjects", []) if each.get("subject")]


def _descriptions(exported: Exported) -> list[dict[str, str]]:
    metadata = exported.metadata
    found = []
    if metadata.get("description"):
        found.append({"description": metadata["description"], "descriptionType": "Abstract"})
    for each in metadata.get("additional_descriptions", []):
        kind = exported.told("descriptiontypes", each.get("type")).get("datacite") or OTHER
        found.append(
            {"description": each["description"], "descriptionType": kind} | _language(each)
        )
    return found


def _funding(said: dict[str, Any]) -> dict[str, str]:
    funder, award = said.get("funder") or {}, said.get("award") or {}
    shown = {"funderName": funder.get("name") or funder.get("id") or UNAVAILABLE}
    if award.get("number"):
        shown["awardNumber"] = award["number"]
    if award.get("title"):
        shown["awardTitle"] = english(award["title"])
    return shown


def _places(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in (metadata.get("locations") or {}).get("features", []):
        shown: dict[str, Any] = {}
        if each.get("place"):
            shown["geoLocationPlace"] = each["place"]
        geometry = each.get("geometry") or {}
        if geometry.get("type") == "Point":
            longitude, latitude = geometry["coordinates"][:2]
            shown["geoLocationPoint"] = {"pointLongitude": longitude, "pointLatitude": latitude}
        if shown:
            found.append(shown)
    return found
