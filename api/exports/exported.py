"""What of a published record is exported, and how its metadata is asked for.

Source: InvenioRDM, "Metadata reference"; the vocabularies' `props`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from msgspec import Struct

UNAVAILABLE = ":unav"  # DataCite's word for what is not known. Source: DataCite 4.5, appendix 3

Props = dict[str, dict[str, str]]  # "type:id" of a term → its props


class File(Struct, frozen=True):
    """A file that everybody may have: its address, media type and size in bytes."""

    name: str
    url: str
    media_type: str
    size: int


class Exported(Struct, frozen=True):
    """A published record: its metadata as it is shown, and what the terms in it say to others."""

    pid: str
    url: str  # of its page
    parent: str  # of the page of its newest version
    index: int  # which version of the work
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any]
    props: Props
    files: tuple[File, ...] = ()
    is_open: bool = True  # whether everybody may have its files

    @property
    def title(self) -> str:
        """The title; a record of another door may have none."""
        return self.metadata.get("title") or self.pid

    @property
    def doi(self) -> str | None:
        """The first DOI among its identifiers."""
        return next((each for scheme, each in self.identifiers if scheme == "doi"), None)

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """Scheme and identifier of each of its other names."""
        found = self.metadata.get("identifiers", [])
        return [(each["scheme"], each["identifier"]) for each in found]

    @property
    def published(self) -> str:
        """The publication date in EDTF: `2020`, `2020-11`, `2020-11-10`, or two with a slash."""
        said: str = self.metadata.get("publication_date") or ""
        return said or self.created_at.date().isoformat()

    @property
    def year(self) -> str:
        """The year of publication; of an interval the first."""
        return self.published.lstrip("-")[:4]

    @property
    def publisher(self) -> str | None:
        """Who published it, where it says so."""
        return self.metadata.get("publisher") or None

    @property
    def kind(self) -> dict[str, str]:
        """What the resource type says to others: `datacite_general`, `csl`, `schema.org`."""
        return self.told("resourcetypes", self.metadata.get("resource_type"))

    def told(self, type_: str, reference: dict[str, Any] | None) -> dict[str, str]:
        """Return the props of the term that is referred to."""
        return self.props.get(f"{type_}:{(reference or {}).get('id')}", {})

    def people(self, role: str) -> Iterator[dict[str, Any]]:
        """Give the creators or the contributors."""
        yield from self.metadata.get(role, [])

    def links(self) -> Iterator[tuple[str, str]]:
        """Give the addresses of its licences, with what they are called."""
        for right in self.metadata.get("rights", []):
            url = right.get("link") or (right.get("props") or {}).get("url")
            props = self.told("licenses", right)
            yield english(right.get("title")), url or props.get("url", "")


def english(texts: dict[str, str] | None) -> str:
    """Return a text in English, or in whichever language there is."""
    return (texts or {}).get("en") or next(iter((texts or {}).values()), "")


def named(person: dict[str, Any]) -> str:
    """Return the name of a creator or contributor: `Brown, Troy`."""
    name: str = person["person_or_org"]["name"]
    return name


def is_person(person: dict[str, Any]) -> bool:
    """Whether it is not an organisation."""
    return bool(person["person_or_org"].get("type") != "organizational")


def names_of(person: dict[str, Any]) -> list[tuple[str, str]]:
    """Return scheme and identifier of each of a person's identifiers."""
    found = person["person_or_org"].get("identifiers", [])
    return [(each["scheme"], each["identifier"]) for each in found]
