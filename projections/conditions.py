"""Conditions on a document: what a dialect's query amounts to. In SQL: projections/asking.py.

Every condition holds or does not: what a document has not, or has of another type, is no match, and
`Not` matches exactly what its part does not. A value is of SampleDB's types, an object with
`_type`, or plain JSON.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Comparison = Literal["==", "!=", "<", "<=", ">", ">="]


class Step(Struct, frozen=True):
    """One step into a value: a member's name, an index, or None: any element.

    `follow`: what is there is a reference, and the path goes on in the object that it names.
    """

    to: str | int | None
    follow: bool = False


class Path(Struct, frozen=True):
    """The way to a property; with any element in it, to several."""

    steps: tuple[Step, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it stays within the document."""
        return not any(step.follow for step in self.steps)


class Always(Struct, frozen=True, tag=True):
    """Holds, or does not, whatever the document."""

    value: bool


class All(Struct, frozen=True, tag=True):
    """Holds where each of its parts does."""

    parts: tuple[Condition, ...]


class Either(Struct, frozen=True, tag=True):
    """Holds where at least one of its parts does."""

    parts: tuple[Condition, ...]


class Not(Struct, frozen=True, tag=True):
    """Holds where its part does not."""

    part: Condition


class Alike(Struct, frozen=True, tag=True):
    """Holds where both its parts do, or neither."""

    one: Condition
    other: Condition


class IsText(Struct, frozen=True, tag=True):
    """A property is a text, this one; `!=`: another one."""

    path: Path
    text: str
    comparison: Literal["==", "!="] = "=="


class HasText(Struct, frozen=True, tag=True):
    """A property is a text that this one is part of."""

    path: Path
    text: str


class IsMagnitude(Struct, frozen=True, tag=True):
    """A property is a quantity of a dimensionality, and compares so with one in base units."""

    path: Path
    comparison: Comparison
    magnitude: Decimal
    dimensionality: str


class IsDay(Struct, frozen=True, tag=True):
    """A property is an instant or a date, and its day (UTC) compares so with this: 20261121."""

    path: Path
    comparison: Comparison
    day: int


class IsBool(Struct, frozen=True, tag=True):
    """A property is a bool, this one."""

    path: Path
    value: bool


class RefersTo(Struct, frozen=True, tag=True):
    """A property refers to the object or the user of this number; `!=`: to another one."""

    path: Path
    number: int
    comparison: Literal["==", "!="] = "=="


class IsSet(Struct, frozen=True, tag=True):
    """A property is there, and not null; or the opposite."""

    path: Path
    value: bool


class Same(Struct, frozen=True, tag=True):
    """Two properties are there and hold the same JSON; `!=`: they do not."""

    one: Path
    other: Path
    comparison: Literal["==", "!="] = "=="


class Tagged(Struct, frozen=True, tag=True):
    """The property `tags` has this tag."""

    tag: str


class HasFile(Struct, frozen=True, tag=True):
    """A file that the asker may see has this name or URL, or one that the text is part of."""

    text: str
    whole: bool


class HasWords(Struct, frozen=True, tag=True):
    """Each word of a text begins a word of the document's texts."""

    text: str


class Field(Struct, frozen=True):
    """A place in documents by the names that lead there, None: any; what lies within it is its own.

    Arrays are gone through without an index. `numbers`: numbers and bools have words there, too.
    """

    names: tuple[str | None, ...]
    numbers: bool = True


class HasPhrase(Struct, frozen=True, tag=True):
    """The words of a text stand one after another; `open_end`: the last of them may go on."""

    text: str
    field: Field | None = None  # None: anywhere
    open_end: bool = False


class HasNear(Struct, frozen=True, tag=True):
    """Each word of a text stands at most this many places after the one before it."""

    text: str
    places: int
    field: Field | None = None


class HasSimilar(Struct, frozen=True, tag=True):
    """There is a word that one edit makes of this one, or none: es.similar."""

    text: str
    field: Field | None = None


class HasMatch(Struct, frozen=True, tag=True):
    """There is a word that a pattern matches whole: a regular expression of PostgreSQL's.

    `begins`: what every such word begins with. It and the pattern are folded, as words are.
    """

    pattern: str
    begins: str
    field: Field | None = None


class IsThere(Struct, frozen=True, tag=True):
    """A place has a value other than null."""

    field: Field


class Bound(Struct, frozen=True):
    """An end of a range of days, as 2026-11-21, of numbers, or of texts; which it may be of."""

    text: str
    included: bool
    day: str | None
    number: Decimal | None


class IsBetween(Struct, frozen=True, tag=True):
    """A place has a value in a range: an interval of days is, when one of them is.

    Days are compared where all bounds are days and the value is, numbers where they are numbers,
    else texts.
    """

    field: Field
    low: Bound | None
    high: Bound | None


Known = Literal[
    "id",
    "parent.id",
    "parent.communities.ids",
    "parent.communities.slugs",
    "parent.access.owned_by.user",
    "created",
    "updated",
    "is_published",
    "is_draft",
    "versions.index",
    "versions.is_latest",
    "access.record",
    "access.files",
    "access.status",
    "access.embargo.active",
    "files.enabled",
    "files.count",
    "files.total_bytes",
    "deposit_type",
]
"""What the service itself knows of a record, as InvenioRDM names it; and its type, if CAP's."""


class IsKnown(Struct, frozen=True, tag=True):
    """What is known of a record compares so with a value, which is of its type."""

    known: Known
    comparison: Comparison
    value: str | Decimal | datetime | bool


class KnownMatch(Struct, frozen=True, tag=True):
    """A known text is matched whole, as in HasMatch."""

    known: Known
    pattern: str


Condition = (
    Always
    | All
    | Either
    | Not
    | Alike
    | IsText
    | HasText
    | IsMagnitude
    | IsDay
    | IsBool
    | RefersTo
    | IsSet
    | Same
    | Tagged
    | HasFile
    | HasWords
    | HasPhrase
    | HasNear
    | HasSimilar
    | HasMatch
    | IsThere
    | IsBetween
    | IsKnown
    | KnownMatch
)
