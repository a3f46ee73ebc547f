"""Creators and contributors: persons and organisations, their roles and affiliations."""

from __future__ import annotations

from typing import Any

from domain.schemas.rdm.identifiers import OF_PERSONS, identifier, one_a_scheme
from domain.schemas.rdm.reading import MISSING, REQUIRED, Reader, Reading, many, record
from domain.schemas.rdm.references import reference, reference_or_text
from domain.schemas.rdm.text import one_of, text


def _names(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Compute a person's name from its parts; an organisation has no parts."""
    kind = kept.get("type")
    if kind == "personal":
        if family := kept.get("family_name"):
            parts = (family, kept.get("given_name"))
            kept["name"] = ", ".join(part for part in parts if part)
        elif not given.get("family_name") or "family_name" in kept:
            reading.fault("Family name cannot be blank.", "family_name")
    elif kind == "organizational":
        kept.pop("family_name", None)
        kept.pop("given_name", None)
        if not kept.get("name") and (not given.get("name") or "name" in kept):
            reading.fault("Name cannot be blank.", "name")
    elif "type" not in given:
        reading.fault("Invalid value. Choose one of ['organizational', 'personal'].", "type")
    return kept


def _each_once(kept: list[Any], reading: Reading) -> list[Any]:
    """Keep each affiliation once."""
    first = {(each.get("id"), each.get("name")): each for each in reversed(kept)}
    if len(first) == len(kept):
        return kept
    reading.fault("Duplicated affiliations.")
    return list(reversed(first.values()))


_PERSON_OR_ORG = record(
    {
        "type": one_of(("organizational", "personal")),
        "name": text(),
        "given_name": text(),
        "family_name": text(),
        "identifiers": many(identifier(OF_PERSONS), one_a_scheme),
    },
    check=_names,
)
_AFFILIATIONS = many(
    reference_or_text("affiliations", "name", shown=("identifiers",)),
    _each_once,
)


def people(roles: str, *, role_required: bool, one_needed: bool) -> Reader:
    """Read a list of persons and organisations, whose roles are of the vocabulary `roles`."""
    fields = {
        "person_or_org": _PERSON_OR_ORG,
        "role": reference(roles),
        "affiliations": _AFFILIATIONS,
    }
    required = ("person_or_org", "role") if role_required else ("person_or_org",)
    read = many(record(fields, required=required))

    def one_at_least(value: Any, reading: Reading) -> Any:
        if value == []:
            reading.fault(REQUIRED)
            return MISSING
        return read(value, reading)

    return one_at_least if one_needed else read
