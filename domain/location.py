"""Locations, each within another or none, and the types that say what they may be used for.

They name one another by their numbers, which are public and never change. Source: SampleDB,
"Locations".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from msgspec import Struct

from domain.event import Aggregate, Beginning, Change, Entry
from domain.languages import Words


class TypeDetails(Struct, frozen=True, omit_defaults=True):
    """What administrators say of a location type."""

    name: Words
    enable_parent_location: bool = True  # whether such a location may lie within another
    enable_sub_locations: bool = True  # whether others may lie within it
    enable_object_assignments: bool = True  # whether objects may be there


class LocationDetails(Struct, frozen=True, omit_defaults=True):
    """What administrators say of a location."""

    name: Words
    description: Words
    type: int
    parent: int | None = None
    is_hidden: bool = False
    enable_object_assignments: bool = True  # if its type allows it


LOCATIONS = -99  # the type that is there from the start
BUILT_IN: Mapping[int, TypeDetails] = MappingProxyType(
    {LOCATIONS: TypeDetails(name={"en": "Locations", "de": "Orte"})}
)


class LocationType(Aggregate, frozen=True):
    """A location type that administrators made."""

    number: int
    details: TypeDetails

    def change(self, details: TypeDetails) -> LocationTypeChanged | None:
        """Decide what is said of it from now on; None when that is said already."""
        return None if details == self.details else LocationTypeChanged(details=details)


class LocationTypeCreated(Beginning[LocationType], frozen=True, kw_only=True):
    """A location type began."""

    TOPIC: ClassVar[str] = "location-type.created"
    number: int
    details: TypeDetails

    def begin(self, entry: Entry[Any]) -> LocationType:
        """Return the type."""
        return LocationType(*entry.place, number=self.number, details=self.details)


class LocationTypeChanged(Change[LocationType], frozen=True, kw_only=True):
    """Something else is said of a type; what was made under it before stays as it is."""

    TOPIC: ClassVar[str] = "location-type.changed"
    details: TypeDetails

    def apply(self, aggregate: LocationType, entry: Entry[Any]) -> LocationType:
        """Return the type as it is called now."""
        return aggregate.moved(entry, details=self.details)


class Location(Aggregate, frozen=True):
    """A location as it stands."""

    number: int
    details: LocationDetails

    def change(self, details: LocationDetails) -> LocationChanged | None:
        """Decide what is said of it from now on; None when that is said already."""
        return None if details == self.details else LocationChanged(details=details)


class LocationCreated(Beginning[Location], frozen=True, kw_only=True):
    """A location began."""

    TOPIC: ClassVar[str] = "location.created"
    number: int
    details: LocationDetails

    def begin(self, entry: Entry[Any]) -> Location:
        """Return the location."""
        return Location(*entry.place, number=self.number, details=self.details)


class LocationChanged(Change[Location], frozen=True, kw_only=True):
    """A location was renamed, moved, hidden, or has another type."""

    TOPIC: ClassVar[str] = "location.changed"
    details: LocationDetails

    def apply(self, aggregate: Location, entry: Entry[Any]) -> Location:
        """Return the location where it is now."""
        return aggregate.moved(entry, details=self.details)
