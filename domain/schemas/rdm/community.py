"""What a community says of itself, and its policies: `metadata` and `access` of a request.

Nothing of it is kept where anything is wrong. Source: InvenioRDM, "Communities"; the InvenioRDM
specification, 6.
"""

from __future__ import annotations

from typing import Any

import orjson
from msgspec import Struct

from domain.errors import Fault
from domain.schemas.rdm.markup import markup
from domain.schemas.rdm.reading import (
    MISSING,
    REQUIRED,
    Reader,
    Reading,
    many,
    record,
    without_nulls,
)
from domain.schemas.rdm.text import MOST_SHORT, by_language, link, one_of, text

TYPES = ("organization", "event", "topic", "project")
LONGEST_TITLE = 250  # characters, as are these
LONGEST_DESCRIPTION = 2_000
LONGEST_PAGE = 50_000
MOST_LISTED = 100  # grants, affiliations, identifiers of one
MOST_BYTES = 256 << 10  # of all metadata: as much as is searched of any document


class Read(Struct, frozen=True):
    """What a request says of a community, and everything that is wrong with it.

    `metadata` read again is the same. `access` are those of domain.group.Policies that are said.
    """

    metadata: dict[str, Any]
    access: dict[str, Any]
    faults: tuple[Fault, ...]


def read(metadata: Any, access: Any) -> Read:
    """Read both parts of a request; empty ones count as missing. What is wrong is a fault."""
    said, faults = _part("metadata", metadata, _METADATA)
    if not faults and len(orjson.dumps(said)) > MOST_BYTES:
        faults = (Fault(("metadata",), f"Longer than {MOST_BYTES} bytes."),)
    policies, more = _part("access", access, _ACCESS)
    return Read(said, policies, faults + more)


def _part(name: str, value: Any, reader: Reader) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    reading = Reading(name)
    if value in (None, {}):
        return {}, (Fault((name,), REQUIRED),)
    found = reader(value, reading)
    return {} if found is MISSING else found, tuple(reading.faults)


def _html(most: int) -> Reader:
    """Read HTML, of at most so many characters when it is sanitised."""
    harmless = markup(least=0)

    def read(value: Any, reading: Reading) -> Any:
        found = harmless(value, reading)
        if found is not MISSING and len(found) > most:
            reading.fault(f"Longer than maximum length {most}.")
            return MISSING
        return found

    return read


def _type(value: Any, reading: Reading) -> Any:
    """Read a type: a word, or an object that has it as its id."""
    return _TYPE_OBJECT(value, reading) if isinstance(value, dict) else _TYPE(value, reading)


def _award_title(value: Any, reading: Reading) -> Any:
    return _TITLES(value, reading) if isinstance(value, dict) else _SHORT(value, reading)


def _listed(item: Reader) -> Reader:
    """Read a list of at most so many."""

    def few(kept: list[Any], reading: Reading) -> list[Any]:
        if len(kept) > MOST_LISTED:
            reading.fault(f"Longer than maximum length {MOST_LISTED}.")
        return kept

    return many(item, few)


_SHORT = text(most=MOST_SHORT)
_TYPE = one_of(TYPES)
_TYPE_OBJECT = record({"id": _TYPE}, required=("id",), shown=("title",))
_TITLES = by_language()
_NAMED = {"id": _SHORT, "name": _SHORT, "identifier": _SHORT, "scheme": _SHORT}
_IDENTIFIERS = _listed(record({"identifier": _SHORT, "scheme": _SHORT}))
_FUNDING = record(
    {
        "funder": record(_NAMED),
        "award": record(
            {
                "id": _SHORT,
                "title": _award_title,
                "number": _SHORT,
                "identifier": _SHORT,
                "scheme": _SHORT,
                "identifiers": _IDENTIFIERS,
            }
        ),
    }
)
_METADATA = record(
    {
        "title": text(least=1, most=LONGEST_TITLE),
        "description": _html(LONGEST_DESCRIPTION),
        "type": _type,
        "curation_policy": _html(LONGEST_PAGE),
        "page": _html(LONGEST_PAGE),
        "website": link,
        "funding": _listed(_FUNDING),
        "affiliations": _listed(
            record({"id": _SHORT, "name": _SHORT, "identifiers": _IDENTIFIERS})
        ),
    },
    required=("title",),
)
_ACCESS = without_nulls(
    record(
        {
            "visibility": one_of(("public", "restricted")),
            "member_policy": one_of(("open", "closed")),
            "record_policy": one_of(("open", "closed", "restricted")),
        },
        shown=("owned_by",),
    )
)
