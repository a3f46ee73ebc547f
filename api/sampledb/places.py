"""Bodies that speak of locations and instruments → command arguments, and back to JSON.

Names and descriptions come as a text, which is English, or as an object of texts by language;
they are shown in English. Source: the specification, 2; SampleDB 0.33, PUT and POST /locations/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.sampledb.fields import Fields
from domain.instrument import InstrumentDetails
from domain.languages import ENGLISH
from domain.location import BUILT_IN, LOCATIONS, LocationDetails, TypeDetails
from projections.instruments import Row

NAME = 100  # characters
DESCRIPTION = 10_000  # characters
RULES = ("enable_parent_location", "enable_sub_locations", "enable_object_assignments")
NEW_LOCATION = frozenset({"name", "description", "parent_location_id", "type_id"})
LOCATION = NEW_LOCATION | {"location_id", "is_hidden", "enable_object_assignments"}
LOG_OPTIONS = ("users_can_view_log_entries", "users_can_create_log_entries")
NEW_INSTRUMENT = frozenset(
    {"name", "description", "is_hidden", "instrument_scientists", "location_id", *LOG_OPTIONS}
)


def new_location_type(body: bytes, depth: int) -> TypeDetails:
    """Return what POST /location_types/ asks for. Raises Invalid."""
    fields = Fields(body, depth, {"name", *RULES})
    name = fields.words("name", longest=NAME, least=1)
    return TypeDetails(name, **{rule: fields.boolean(rule, default=True) for rule in RULES})


def location_type(number: str, body: bytes, depth: int) -> TypeDetails:
    """Return what PUT /location_types/T asks for, which says everything anew. Raises Invalid."""
    fields = Fields(body, depth, {"location_type_id", "name", *RULES})
    fields.same("location_type_id", number)
    name = fields.words("name", longest=NAME, least=1)
    return TypeDetails(name, **{rule: fields.boolean(rule) for rule in RULES})


def new_location(body: bytes, depth: int) -> LocationDetails:
    """Return what POST /locations/ asks for. Raises Invalid."""
    fields = Fields(body, depth, NEW_LOCATION)
    return LocationDetails(
        name=fields.words("name", longest=NAME, least=1),
        description=fields.words("description", "", longest=DESCRIPTION),
        type=fields.integer("type_id", LOCATIONS),
        parent=fields.integer_or_null("parent_location_id", None),
    )


def location(number: str, body: bytes, depth: int) -> LocationDetails:
    """Return what PUT /locations/L asks for, which says everything anew. Raises Invalid."""
    fields = Fields(body, depth, LOCATION)
    fields.same("location_id", number)
    return LocationDetails(
        name=fields.words("name", longest=NAME, least=1),
        description=fields.words("description", longest=DESCRIPTION),
        type=fields.integer("type_id"),
        parent=fields.integer_or_null("parent_location_id"),
        is_hidden=fields.boolean("is_hidden"),
        enable_object_assignments=fields.boolean("enable_object_assignments"),
    )


def new_instrument(body: bytes, depth: int) -> tuple[InstrumentDetails, list[int]]:
    """Return what POST /instruments/ asks for, and its scientists' numbers. Raises Invalid."""
    fields = Fields(body, depth, NEW_INSTRUMENT)
    details = InstrumentDetails(
        name=fields.words("name", longest=NAME, least=1),
        description=fields.words("description", "", longest=DESCRIPTION),
        is_hidden=fields.boolean("is_hidden", default=False),
        location=fields.integer_or_null("location_id", None),
        users_can_view_log_entries=fields.boolean("users_can_view_log_entries", default=False),
        users_can_create_log_entries=fields.boolean("users_can_create_log_entries", default=False),
    )
    return details, fields.integers("instrument_scientists", [])


def instrument(number: str, body: bytes, depth: int) -> tuple[InstrumentDetails, list[int]]:
    """Return what PUT /instruments/I asks for, which says everything anew. Raises Invalid."""
    fields = Fields(body, depth, NEW_INSTRUMENT | {"instrument_id"})
    fields.same("instrument_id", number)
    details = InstrumentDetails(
        name=fields.words("name", longest=NAME, least=1),
        description=fields.words("description", longest=DESCRIPTION),
        is_hidden=fields.boolean("is_hidden"),
        location=fields.integer_or_null("location_id"),
        users_can_view_log_entries=fields.boolean("users_can_view_log_entries"),
        users_can_create_log_entries=fields.boolean("users_can_create_log_entries"),
    )
    return details, fields.integers("instrument_scientists")


def shown_type(number: int, details: TypeDetails) -> dict[str, Any]:
    """Return a location type."""
    rules = {rule: getattr(details, rule) for rule in RULES}
    return {"location_type_id": number, "name": details.name[ENGLISH], **rules}


def built_in() -> list[dict[str, Any]]:
    """Return the location types that are there from the start."""
    return [shown_type(number, details) for number, details in BUILT_IN.items()]


def shown_location(number: int, details: LocationDetails) -> dict[str, Any]:
    """Return a location."""
    return {
        "location_id": number,
        "name": details.name[ENGLISH],
        "description": details.description[ENGLISH],
        "parent_location_id": details.parent,
        "type_id": details.type,
        "is_hidden": details.is_hidden,
        "enable_object_assignments": details.enable_object_assignments,
    }


def shown_instrument(row: Row) -> dict[str, Any]:
    """Return an instrument."""
    details = row.details
    return {
        "instrument_id": row.number,
        "name": details.name[ENGLISH],
        "description": details.description[ENGLISH],
        "is_hidden": details.is_hidden,
        "instrument_scientists": row.scientists,
        "location_id": details.location,
        **{option: getattr(details, option) for option in LOG_OPTIONS},
    }


def shown_category(titles: Sequence[str], number: int) -> dict[str, Any]:
    """Return a category of an instrument's log, by the titles of all."""
    return {"category_id": number, "title": titles[number - 1]}
