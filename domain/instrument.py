"""Instrument: what measurements are made with, its scientists, and the categories of its log.

The log's entries are in domain/log_entry.py. Source: SampleDB, "Instruments".
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from msgspec import Struct

from domain.event import Aggregate, Beginning, Change, Entry
from domain.languages import Words


class InstrumentDetails(Struct, frozen=True, omit_defaults=True):
    """What administrators say of an instrument."""

    name: Words
    description: Words
    is_hidden: bool = False
    scientists: tuple[UUID, ...] = ()  # accounts
    location: int | None = None  # its number
    users_can_view_log_entries: bool = False  # or its scientists alone
    users_can_create_log_entries: bool = False


class Instrument(Aggregate, frozen=True):
    """An instrument as it stands."""

    number: int
    details: InstrumentDetails
    categories: tuple[str, ...]  # their titles; 1, 2, 3 … are their numbers

    def change(self, details: InstrumentDetails) -> InstrumentChanged | None:
        """Decide what is said of it from now on; None when that is said already."""
        return None if details == self.details else InstrumentChanged(details=details)

    def add_category(self, title: str) -> CategoryAdded:
        """Decide one more category."""
        return CategoryAdded(number=len(self.categories) + 1, title=title)

    def rename_category(self, number: int, title: str) -> CategoryRenamed | None:
        """Decide another title of a category that there is; None when it has that."""
        if self.categories[number - 1] == title:
            return None
        return CategoryRenamed(number=number, title=title)


class InstrumentCreated(Beginning[Instrument], frozen=True, kw_only=True):
    """An instrument began."""

    TOPIC: ClassVar[str] = "instrument.created"
    number: int
    details: InstrumentDetails

    def begin(self, entry: Entry[Any]) -> Instrument:
        """Return the instrument."""
        return Instrument(*entry.place, number=self.number, details=self.details, categories=())


class InstrumentChanged(Change[Instrument], frozen=True, kw_only=True):
    """An instrument was renamed, hidden or moved, or other people may do other things with it."""

    TOPIC: ClassVar[str] = "instrument.changed"
    details: InstrumentDetails

    def apply(self, aggregate: Instrument, entry: Entry[Any]) -> Instrument:
        """Return the instrument as it is now."""
        return aggregate.moved(entry, details=self.details)


class CategoryAdded(Change[Instrument], frozen=True, kw_only=True):
    """Entries of the instrument's log may be of one more category."""

    TOPIC: ClassVar[str] = "instrument.category-added"
    number: int  # from 1
    title: str

    def apply(self, aggregate: Instrument, entry: Entry[Any]) -> Instrument:
        """Return the instrument with the category."""
        return aggregate.moved(entry, categories=(*aggregate.categories, self.title))


class CategoryRenamed(Change[Instrument], frozen=True, kw_only=True):
    """A category has another title, also where it stands already."""

    TOPIC: ClassVar[str] = "instrument.category-renamed"
    number: int
    title: str

    def apply(self, aggregate: Instrument, entry: Entry[Any]) -> Instrument:
        """Return the instrument with the category under its new title."""
        titles = list(aggregate.categories)
        titles[self.number - 1] = self.title
        return aggregate.moved(entry, categories=tuple(titles))
