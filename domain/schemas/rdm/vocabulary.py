"""What the record model asks of the vocabularies: what they say of the terms it refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

Ref = tuple[str, str]  # a vocabulary's type as in its URL, and a term's id


class Said(Protocol):
    """What a term says; `domain.term.Content` is one. Titles and descriptions are by language."""

    @property
    def title(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def description(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def icon(self) -> str | None: ...  # noqa: D102
    @property
    def props(self) -> Mapping[str, str]: ...  # noqa: D102
    @property
    def name(self) -> str | None: ...  # noqa: D102
    @property
    def subject(self) -> str | None: ...  # noqa: D102
    @property
    def scheme(self) -> str | None: ...  # noqa: D102


Terms = Mapping[Ref, Said]


class Vocabulary(Protocol):
    """Where terms are looked up, many at once."""

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return what the terms say that may be referred to; those that may not are left out."""
        ...
