"""The `ui` of a record: what a page shows of it, in the language of who reads.

Source: InvenioRDM's `application/vnd.inveniordm.v1+json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.schemas.rdm.markup import stripped
from domain.schemas.rdm.words import date_in_words, localised

_STATUSES = {  # title, icon, class of the message
    "open": ("Open", "unlock", ""),
    "embargoed": ("Embargoed", "outline clock", "warning"),
    "restricted": ("Restricted", "ban", "negative"),
    "metadata-only": ("Metadata-only", "tag", ""),
}


def interface(record: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the `ui` of a record as the API shows it, its references dereferenced."""
    metadata = record.get("metadata", {})
    ui: dict[str, Any] = {}
    if (published := metadata.get("publication_date")) is not None:
        ui["publication_date_l10n_medium"] = date_in_words(published, "medium", language)
        ui["publication_date_l10n_long"] = date_in_words(published, "long", language)
    for name in ("created", "updated"):
        if name in record:
            ui[f"{name}_date_l10n_long"] = date_in_words(record[name][:10], "long", language)
    if "access" in record:
        has_files = bool(record.get("files", {}).get("enabled"))
        ui["access_status"] = _access_status(record["access"], language, has_files=has_files)
    for name in ("creators", "contributors"):
        if people := metadata.get(name):
            ui[name] = _people(name, people, language)
    for name, show in _SHOWN.items():
        if name in metadata:
            ui[name] = show(metadata[name], language)
    if "description" in metadata:
        ui["description_stripped"] = stripped(metadata["description"])
    if metadata.get("version"):
        ui["version"] = metadata["version"]
    elif "versions" in record:
        ui["version"] = f"v{record['versions']['index']}"
    if "is_draft" in record:
        ui["is_draft"] = record["is_draft"]
    return ui


def _access_status(access: Mapping[str, Any], language: str, *, has_files: bool) -> dict[str, Any]:
    status = access["status"]
    title, icon, message_class = _STATUSES[status]
    until = access.get("embargo", {}).get("until")
    day = None if until is None else date_in_words(until, "long", language)
    what = "files" if access["record"] == "public" else "record and files"
    if not has_files:
        what = "record"
    return {
        "id": status,
        "title_l10n": title,
        "description_l10n": {
            "open": "Everyone may see the record and its files.",
            "embargoed": f"Everyone may see the {what} from {day} on.",
            "restricted": f"Who was given access may see the {what}.",
            "metadata-only": "Everyone may see the record, which has no files.",
        }[status],
        "icon": icon,
        "embargo_date_l10n": day,
        "message_class": message_class,
    }


def _people(name: str, people: list[dict[str, Any]], language: str) -> dict[str, Any]:
    """Return people with their affiliations by number, from 1, and the list of those."""
    numbers: dict[Any, int] = {}
    affiliations: list[list[Any]] = []
    shown = []
    for person in people:
        one = dict(person)
        if "affiliations" in person:
            one["affiliations"] = []
            for affiliation in person["affiliations"]:
                called = affiliation.get("name")
                if called not in numbers:
                    numbers[called] = len(numbers) + 1
                    affiliations.append([numbers[called], called, affiliation.get("id")])
                one["affiliations"].append([numbers[called], called])
        if "role" in person:
            title = localised(person["role"].get("title", {}), language)
            one["role"] = {**person["role"], "title": title}
        shown.append(one)
    return {name: shown, "affiliations": affiliations}


Show = Callable[[Any, str], Any]


def _term(value: dict[str, Any], language: str) -> dict[str, Any]:
    shown = {name: said for name, said in value.items() if name not in ("title", "description")}
    for name in ("title", "description"):
        if isinstance(texts := value.get(name), Mapping):
            shown[f"{name}_l10n"] = localised(texts, language)
    return shown


def _with_terms(*names: str) -> Show:
    def show(value: dict[str, Any], language: str) -> dict[str, Any]:
        return {
            name: _term(held, language) if name in names else held for name, held in value.items()
        }

    return show


def _each(show: Show) -> Show:
    return lambda value, language: [show(each, language) for each in value]


_SHOWN: dict[str, Show] = {
    "resource_type": _term,
    "additional_titles": _each(_with_terms("type", "lang")),
    "languages": _each(_term),
    "related_identifiers": _each(_with_terms("relation_type", "resource_type")),
    "additional_descriptions": _each(_with_terms("type", "lang")),
    "dates": _each(_with_terms("type")),
    "rights": _each(_term),
    "funding": _each(_with_terms("award", "funder")),
}
