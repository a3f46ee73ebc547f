"""What of a published record is exported, and how its metadata is asked for.

Source: InvenioRDM, "Metadata reference"; the vocabularies' `props`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
from msgspec import Struct

from api.exports.agents import REGISTERS, ROR, address
from api.inveniordm import foreign
from domain import heavy, metadata
from domain.schemas import rdm
from domain.schemas.rdm.text import tidy
from domain.term import Content

UNAVAILABLE = ":unav"  # DataCite's word for what is not known. Source: DataCite 4.5, appendix 3
_URI = "".join(map(chr, range(0x21, 0x7F))).translate({ord(each): None for each in '<>"\\^`{|}'})

Terms = Mapping[tuple[str, str], Content]

T = TypeVar("T", bound=Hashable)


class File(Struct, frozen=True):
    """A file that everybody may have: its address, media type and size in bytes."""

    name: str
    url: str
    media_type: str
    size: int


class Organisation(Struct, frozen=True):
    """What somebody is affiliated with, or funded by; `ror`: its address there, if it has one."""

    name: str
    ror: str | None


class Source(Struct, frozen=True):
    """What a record is exported from: its document as it is stored, and the terms in it.

    `url` and `parent` are of the pages of the record and of its work's newest version, `api` is
    where its forms are.
    """

    pid: str
    url: str
    parent: str
    api: str
    created_at: datetime
    updated_at: datetime
    document: bytes
    has_metadata: bool  # InvenioRDM's; or another door made it
    terms: Terms
    is_open: bool  # whether everybody may have its files

    @property
    def is_light(self) -> bool:
        """Whether it may be written without the helper process."""
        return len(self.document) <= heavy.LIGHT

    def exported(self) -> Exported:
        """Return what is exported, every text in it without what XML has no place for."""
        said: dict[str, Any] = {}
        if self.has_metadata:
            said = rdm.dereference(orjson.loads(self.document)[metadata.MEMBER], self.terms)
        elif (title := foreign.title(self.document)) is not None:
            said = {"title": title}
        return Exported(self, _tidied(said))


class Exported(Struct, frozen=True):
    """A published record: where it comes from, and its metadata as it is shown."""

    source: Source
    metadata: dict[str, Any]

    @property
    def title(self) -> str:
        """The title; a record of another door may have none."""
        return self.metadata.get("title") or self.source.pid

    @property
    def doi(self) -> str | None:
        """The first DOI among its identifiers."""
        return next((each for scheme, each in self.identifiers if scheme == "doi"), None)

    @property
    def cited_as(self) -> str:
        """The address that it is cited by: of its DOI, or of its page."""
        return self.source.url if self.doi is None else doi_address(self.doi)

    @property
    def identifiers(self) -> list[tuple[str, str]]:
        """Scheme and identifier of each of its other names."""
        found = self.metadata.get("identifiers", [])
        return [(each["scheme"], each["identifier"]) for each in found]

    @property
    def published(self) -> str:
        """The publication date in EDTF: `2020`, `2020-11`, `2020-11-10`, or two with a slash."""
        said: str = self.metadata.get("publication_date") or ""
        return said or self.source.created_at.date().isoformat()

    @property
    def year(self) -> str:
        """The year of publication; of an interval the first."""
        return self.published[:4]

    @property
    def publisher(self) -> str | None:
        """Who published it, where it says so."""
        return self.metadata.get("publisher") or None

    @property
    def subjects(self) -> list[str]:
        """What it is about, each once."""
        return once(each.get("subject") for each in self.metadata.get("subjects", []))

    @property
    def languages(self) -> list[str]:
        """The languages it is in, by their codes."""
        return [each["id"] for each in self.metadata.get("languages", [])]

    @property
    def kind(self) -> dict[str, str]:
        """What the resource type says to others: `datacite_general`, `csl`, `schema.org`."""
        return self.told("resourcetypes", self.metadata.get("resource_type"))

    def told(self, type_: str, reference: dict[str, Any] | None) -> dict[str, str]:
        """Return the props of the term that is referred to."""
        found = self.source.terms.get((type_, (reference or {}).get("id", "")))
        return {} if found is None else {name: tidy(text) for name, text in found.props.items()}

    def people(self, role: str) -> Iterator[dict[str, Any]]:
        """Give the creators or the contributors."""
        yield from self.metadata.get(role, [])

    def affiliations(self, person: dict[str, Any]) -> list[Organisation]:
        """Return what a creator or contributor is affiliated with, each once."""
        return once(map(self.organisation, person.get("affiliations", [])))

    def organisation(self, said: dict[str, Any]) -> Organisation:
        """Return what an affiliation or a funder is: in ROR where its term says so, or its id."""
        key = said.get("id", "")
        term = self.source.terms.get(("affiliations", key))
        known = {
            each.scheme: each.identifier for each in ([] if term is None else term.identifiers)
        }
        ror = known.get("ror", key).removeprefix(REGISTERS["ror"].at)
        name = said.get("name") or key or UNAVAILABLE
        return Organisation(name, address("ror", ror) if ROR.fullmatch(ror) else None)

    def licences(self) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Give its licences, each with what it is called and its address, where it has one."""
        for right in self.metadata.get("rights", []):
            url = right.get("link") or (right.get("props") or {}).get("url")
            props = self.told("licenses", right)
            yield right, english(right.get("title")), url or props.get("url", "")


def english(texts: dict[str, str] | None) -> str:
    """Return a text in English, or in whichever language there is."""
    return (texts or {}).get("en") or next(iter((texts or {}).values()), "")


def uri(address: str) -> str:
    """Return an address with what none may have written as in URIs. Source: RFC 3986, 2."""
    return quote(address, safe=_URI)


def doi_address(doi: str) -> str:
    """Return where a DOI leads."""
    return f"https://doi.org/{quote(doi, safe='/:;()')}"


def once(values: Iterable[T | None]) -> list[T]:
    """Return what is something, in its order, each once."""
    return [each for each in dict.fromkeys(values) if each]


def _tidied(value: Any) -> Any:
    """Return a value, in which every text is as XML can hold it."""
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {name: _tidied(each) for name, each in value.items()}
    return [_tidied(each) for each in value] if isinstance(value, list) else value
