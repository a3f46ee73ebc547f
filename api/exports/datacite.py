"""Records as DataCite 4.5, in JSON and in XML. Source: DataCite Metadata Schema 4.5."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from api.exports.agents import REGISTERS, is_person, registered
from api.exports.datacite_words import OTHER, TYPES, allowed, word
from api.exports.exported import UNAVAILABLE, Exported, Organisation, english

if TYPE_CHECKING:
    from lxml.etree import _Element

SCHEMA = "http://datacite.org/schema/kernel-4"
DOI = re.compile(r"10\.[0-9]{4,9}/\S+")  # as DataCite's schema has it


def as_json(exported: Exported) -> bytes:
    """Return a record in DataCite's JSON."""
    return orjson.dumps(members(exported), option=orjson.OPT_INDENT_2)


def as_xml(exported: Exported) -> bytes:
    """Return a record in DataCite's XML."""
    from lxml import etree  # as as_element

    shown = as_element(exported)
    made: bytes = etree.tostring(shown, pretty_print=True, xml_declaration=True, encoding="utf-8")
    return made


def as_element(exported: Exported) -> _Element:
    """Return a record in DataCite's XML, which wants an identifier: without a DOI its address."""
    from datacite import schema45  # it takes half a second
    from lxml import etree

    shown = members(exported)
    element: _Element = schema45.dump_etree(shown)
    if "doi" not in shown:
        identifier = etree.SubElement(element, f"{{{SCHEMA}}}identifier", identifierType="URL")
        identifier.text = exported.source.url
    return element


def members(exported: Exported) -> dict[str, Any]:
    """Return a record as DataCite's JSON has it."""
    metadata, source = exported.metadata, exported.source
    shown: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        "url": source.url,
        "alternateIdentifiers": _others(exported),
        "creators": [_agent(exported, each) for each in exported.people("creators")]
        or [{"name": UNAVAILABLE}],
        "titles": _titles(exported),
        "publisher": {"name": exported.publisher or UNAVAILABLE},
        "publicationYear": exported.year,
        "types": _types(exported),
        "dates": _dates(exported),
        "relatedIdentifiers": _related(exported),
        "rightsList": _rights(exported),
        "subjects": [{"subject": each} for each in exported.subjects],
        "contributors": [_contributor(exported, each) for each in exported.people("contributors")],
        "descriptions": _descriptions(exported),
        "fundingReferences": [_funding(exported, each) for each in metadata.get("funding", [])],
        "sizes": metadata.get("sizes", []),
        "formats": metadata.get("formats", []),
        "geoLocations": list(_places(metadata)),
        "version": metadata.get("version", ""),
        "language": next(iter(exported.languages), ""),
    }
    shown |= _doi(exported)
    return {name: _once(value) for name, value in shown.items() if value not in ([], {}, "")}


def _once(value: Any) -> Any:
    """Return a list with each of its values once, as the schema wants them; others as they are."""
    if not isinstance(value, list):
        return value
    return list({orjson.dumps(each, option=orjson.OPT_SORT_KEYS): each for each in value}.values())


def _doi(exported: Exported) -> dict[str, str]:
    if exported.doi is None or not DOI.fullmatch(exported.doi):
        return {}
    prefix, _, suffix = exported.doi.partition("/")
    return {"doi": exported.doi, "prefix": prefix, "suffix": suffix}


def _others(exported: Exported) -> list[dict[str, str]]:
    said = _doi(exported).get("doi")
    others = [pair for pair in exported.identifiers if pair[1] != said]
    return [
        {"alternateIdentifier": each, "alternateIdentifierType": TYPES.get(scheme, OTHER)}
        for scheme, each in [("url", exported.source.url), *others]  # its XML has no other address
    ]


def _contributor(exported: Exported, person: dict[str, Any]) -> dict[str, Any]:
    role = exported.told("contributorsroles", person.get("role")).get("datacite")
    return _agent(exported, person) | {"contributorType": word("contributorType", role)}


def _agent(exported: Exported, person: dict[str, Any]) -> dict[str, Any]:
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
            "nameIdentifierScheme": REGISTERS[scheme].name,
            "schemeUri": REGISTERS[scheme].at,
        }
        for scheme, each in registered(person)
    ]
    affiliations = [_affiliation(each) for each in exported.affiliations(person)]
    if identifiers:
        shown["nameIdentifiers"] = _once(identifiers)
    if affiliations:
        shown["affiliation"] = affiliations
    return shown


def _affiliation(said: Organisation) -> dict[str, str]:
    shown = {"name": said.name}
    if said.ror is not None:
        shown |= {"affiliationIdentifier": said.ror, "affiliationIdentifierScheme": "ROR"}
    return shown


def _titles(exported: Exported) -> list[dict[str, str]]:
    titles = [{"title": exported.title}]
    for each in exported.metadata.get("additional_titles", []):
        shown = {"title": each["title"]}
        kind = exported.told("titletypes", each.get("type")).get("datacite", "")
        if kind in allowed("titleType"):
            shown["titleType"] = kind
        titles.append(shown | _language(each))
    return titles


def _language(said: dict[str, Any]) -> dict[str, str]:
    return {"lang": said["lang"]["id"]} if said.get("lang") else {}


def _types(exported: Exported) -> dict[str, str]:
    kind = exported.kind
    title = english((exported.metadata.get("resource_type") or {}).get("title"))
    return {
        "resourceTypeGeneral": word("resourceTypeGeneral", kind.get("datacite_general")),
        "resourceType": kind.get("datacite_type") or title,
    }


def _dates(exported: Exported) -> list[dict[str, str]]:
    dates = [{"date": exported.published, "dateType": "Issued"}]
    for each in exported.metadata.get("dates", []):
        kind = exported.told("datetypes", each.get("type")).get("datacite")
        shown = {"date": each["date"], "dateType": word("dateType", kind)}
        if each.get("description"):
            shown["dateInformation"] = each["description"]
        dates.append(shown)
    return dates


def _related(exported: Exported) -> list[dict[str, str]]:
    found = []
    for each in exported.metadata.get("related_identifiers", []):
        kind = TYPES.get(each["scheme"], "")
        relation = exported.told("relationtypes", each.get("relation_type")).get("datacite", "")
        if kind not in allowed("relatedIdentifierType") or relation not in allowed("relationType"):
            continue
        shown = {
            "relatedIdentifier": each["identifier"],
            "relatedIdentifierType": kind,
            "relationType": relation,
        }
        general = exported.told("resourcetypes", each.get("resource_type")).get("datacite_general")
        if general in allowed("resourceTypeGeneral"):
            shown["resourceTypeGeneral"] = general
        found.append(shown)
    work = {
        "relatedIdentifier": exported.source.parent,
        "relatedIdentifierType": "URL",
        "relationType": "IsVersionOf",
    }
    return [*found, work]


def _rights(exported: Exported) -> list[dict[str, str]]:
    found = []
    for right, title, url in exported.licences():
        shown = {"rights": title}
        if url:
            shown["rightsUri"] = url
        if right.get("id"):
            shown |= {"rightsIdentifier": right["id"], "rightsIdentifierScheme": "SPDX"}
        found.append(shown)
    return found


def _descriptions(exported: Exported) -> list[dict[str, str]]:
    metadata = exported.metadata
    found = []
    if metadata.get("description"):
        found.append({"description": metadata["description"], "descriptionType": "Abstract"})
    for each in metadata.get("additional_descriptions", []):
        kind = exported.told("descriptiontypes", each.get("type")).get("datacite")
        shown = {
            "description": each["description"],
            "descriptionType": word("descriptionType", kind),
        }
        found.append(shown | _language(each))
    return found


def _funding(exported: Exported, said: dict[str, Any]) -> dict[str, str]:
    funder, award = exported.organisation(said.get("funder") or {}), said.get("award") or {}
    shown = {"funderName": funder.name}
    if funder.ror is not None:
        shown |= {"funderIdentifier": funder.ror, "funderIdentifierType": "ROR"}
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
            longitude, latitude = map(float, geometry["coordinates"][:2])
            if abs(longitude) <= 180 and abs(latitude) <= 90:
                shown["geoLocationPoint"] = {"pointLongitude": longitude, "pointLatitude": latitude}
        if shown:
            found.append(shown)
    return found
