"""Entries of the Research Organization Registry's dump as terms. Source: ROR schema 1 and 2.1."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, convert

from domain.errors import Invalid
from domain.term import Content, Identifier

ROR = "https://ror.org/"
SCHEMES = {"grid": "grid", "isni": "isni"}  # ROR's type of another identifier → the scheme


class Name(Struct):
    """A name of an organisation in schema 2."""

    value: str
    types: list[str]
    lang: str | None = None


class External(Struct):
    """Identifiers elsewhere; schema 1 has a bare text where there is one."""

    preferred: str | None = None
    all: list[str] | str = []
    type: str = ""

    @property
    def one(self) -> str | None:
        """The one to use."""
        if self.preferred or isinstance(self.all, str):
            return self.preferred or str(self.all)
        return self.all[0] if self.all else None


class Label(Struct):
    """A name in another language in schema 1."""

    label: str
    iso639: str


class Organisation(Struct):
    """What is read of an entry: `names` in schema 2; `name`, `labels`, `acronyms` in schema 1."""

    id: str
    status: str = "active"
    names: list[Name] = []
    name: str | None = None
    labels: list[Label] = []
    acronyms: list[str] = []
    external_ids: list[External] | dict[str, External] = []


def is_organisation(entry: dict[str, Any]) -> bool:
    """Whether an entry is ROR's own, not one of a vocabulary."""
    return str(entry.get("id", "")).startswith(ROR)


def organisation(entry: dict[str, Any]) -> tuple[str, Content | None]:
    """Return the id of an organisation and what its term says; None: it was withdrawn.

    Raises Invalid, msgspec.ValidationError.
    """
    found = convert(entry, Organisation)
    id_ = found.id.removeprefix(ROR)
    if found.status == "withdrawn":
        return id_, None
    names = found.names or _names(found)
    display = next((each.value for each in names if "ror_display" in each.types), None)
    if display is None:
        raise Invalid("it has no name.")
    title = {each.lang or "en": each.value for each in names if "label" in each.types}
    acronyms = (each.value for each in names if "acronym" in each.types)
    return id_, Content(
        title=title or {"en": display},
        name=display,
        acronym=next(acronyms, None),
        identifiers=(Identifier(id_, "ror"), *_elsewhere(found)),
    )


def _names(found: Organisation) -> list[Name]:
    """Return the names of schema 1 as schema 2 has them."""
    names = [] if found.name is None else [Name(found.name, ["ror_display", "label"])]
    names += [Name(each.label, ["label"], each.iso639) for each in found.labels]
    return names + [Name(each, ["acronym"]) for each in found.acronyms]


def _elsewhere(found: Organisation) -> list[Identifier]:
    known = (
        found.external_ids.items()
        if isinstance(found.external_ids, dict)
        else ((each.type, each) for each in found.external_ids)
    )
    return [
        Identifier(each.one.replace(" ", ""), SCHEMES[type_.lower()])
        for type_, each in known
        if type_.lower() in SCHEMES and each.one
    ]
