"""Term: one entry of a vocabulary, which records refer to by its id.

Source: InvenioRDM, "Vocabularies" and "Specific vocabularies" (affiliations and subjects).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Literal, NamedTuple, get_args
from uuid import UUID

from msgspec import Struct

from domain.errors import NotFound
from domain.event import Aggregate, Beginning, Change, Entry
from domain.identifiers import stream_of

Type = Literal[
    "affiliations",
    "contributorsroles",
    "creatorsroles",
    "datetypes",
    "descriptiontypes",
    "languages",
    "licenses",
    "relationtypes",
    "resourcetypes",
    "subjects",
    "titletypes",
]
TYPES: tuple[Type, ...] = get_args(Type)
_TWINS: dict[str, Type] = {
    "contributors_roles": "contributorsroles",
    "creators_roles": "creatorsroles",
    "date_types": "datetypes",
    "description_types": "descriptiontypes",
    "relation_types": "relationtypes",
    "resource_types": "resourcetypes",
    "title_types": "titletypes",
}


def type_called(name: str) -> Type | None:
    """Return the vocabulary that a name is of, in either spelling."""
    return next((each for each in TYPES if each == name), _TWINS.get(name))


class Ref(NamedTuple):
    """What a record refers to a term by."""

    type: Type
    id: str


class Identifier(Struct, frozen=True):
    """What others call an affiliation."""

    identifier: str
    scheme: str


class Content(Struct, frozen=True, omit_defaults=True):
    """What a term says; `title` and `description` are texts by language.

    `name`, `acronym` and `identifiers` are an affiliation's, `subject` and `scheme` a subject's.
    """

    title: dict[str, str] = {}
    description: dict[str, str] = {}
    icon: str | None = None
    tags: tuple[str, ...] = ()
    props: dict[str, str] = {}
    name: str | None = None
    acronym: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    subject: str | None = None
    scheme: str | None = None


class Term(Aggregate, frozen=True):
    """A term as it stands; `key` is its id within the vocabulary.

    Nothing refers anew to a retired one, and what refers to it goes on showing it.
    """

    created_at: datetime
    type: Type
    key: str
    content: Content
    retired: bool

    @property
    def ref(self) -> Ref:
        """What records refer to it by."""
        return Ref(self.type, self.key)

    def put(self, content: Content) -> TermChanged | None:
        """Decide what the term says from now on; None when it says so already."""
        same = content == self.content and not self.retired
        return None if same else TermChanged(content=content)

    def retire(self) -> TermRetired:
        """Decide that nothing refers anew to this. Raises NotFound when it was retired."""
        if self.retired:
            raise NotFound(f"{self.key} was retired from {self.type}.")
        return TermRetired()


class TermAdded(Beginning[Term], frozen=True, kw_only=True):
    """A vocabulary has a term more."""

    TOPIC: ClassVar[str] = "term.added"
    type: Type
    key: str
    content: Content

    def begin(self, entry: Entry[Any]) -> Term:
        """Return the new term."""
        return Term(
            *entry.place,
            created_at=entry.recorded_at,
            type=self.type,
            key=self.key,
            content=self.content,
            retired=False,
        )


class TermChanged(Change[Term], frozen=True, kw_only=True):
    """The term says something else; a retired one is used again."""

    TOPIC: ClassVar[str] = "term.changed"
    content: Content

    def apply(self, aggregate: Term, entry: Entry[Any]) -> Term:
        """Return the term with its new content."""
        return aggregate.moved(entry, content=self.content, retired=False)


class TermRetired(Change[Term], frozen=True, kw_only=True):
    """Nothing refers to the term anew."""

    TOPIC: ClassVar[str] = "term.retired"

    def apply(self, aggregate: Term, entry: Entry[Any]) -> Term:
        """Return the term, retired."""
        return aggregate.moved(entry, retired=True)


@lru_cache(maxsize=2048)  # a draft refers to the same few whenever it is saved
def term_id(ref: tuple[str, str]) -> UUID:
    """Return the stream of a term. No type has a colon, so no two terms share one."""
    return stream_of("term", ":".join(ref))
