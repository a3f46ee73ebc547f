"""InvenioRDM's metadata, field by field. Source: the InvenioRDM specification, 5."""

from __future__ import annotations

from typing import Any

from domain.schemas.rdm.dates import date
from domain.schemas.rdm.identifiers import (
    OF_AWARDS,
    OF_PLACES,
    OF_WORKS,
    identifier,
    none_twice,
    one_a_scheme,
)
from domain.schemas.rdm.markup import markup
from domain.schemas.rdm.people import people
from domain.schemas.rdm.places import geometry
from domain.schemas.rdm.reading import Reading, many, record
from domain.schemas.rdm.references import reference, reference_or, reference_or_text
from domain.schemas.rdm.text import by_language, link, text


def _right(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    if not given.get("title"):
        reading.fault("An existing id or a free text title must be present.")
    return kept


def _award(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    if not given.get("number") or not given.get("title"):
        reading.fault("An existing id or number/title must be present.")
    return kept


def _funding(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    if not given.get("funder") and not given.get("award"):
        reading.fault("At least award or funder should be present.")
    return kept


def _feature(kept: dict[str, Any], given: dict[str, Any], reading: Reading) -> dict[str, Any]:
    if not any(map(given.get, ("geometry", "place", "identifiers", "description"))):
        reading.fault(
            "At least one of ['geometry', 'place', 'identifiers', 'description'] must be present."
        )
    return kept


_RIGHT = reference_or(
    "licenses",
    {
        "title": by_language(single=True),
        "description": by_language(),
        "link": link,
        "props": record({"url": link, "scheme": text()}, shown=("osi_approved",)),
    },
    shown=("icon",),
    check=_right,
)
_AWARD = reference_or(
    "awards",
    {
        "number": text(),
        "title": by_language(),
        "identifiers": many(identifier(OF_AWARDS), one_a_scheme),
        "acronym": text(),
        "program": text(),
    },
    shown=("funder", "subjects", "organizations"),
    check=_award,
)
_FEATURE = record(
    {
        "geometry": geometry,
        "place": text(),
        "identifiers": many(identifier(OF_PLACES)),
        "description": text(),
    },
    check=_feature,
)

_SHOWN_OF_FUNDERS = ("title", "country", "country_name", "identifiers", "props")

METADATA = record(
    {
        "resource_type": reference("resourcetypes"),
        "creators": people("creatorsroles", role_required=False, one_needed=True),
        "title": text(least=3),
        "additional_titles": many(
            record(
                {
                    "title": text(least=3),
                    "type": reference("titletypes"),
                    "lang": reference("languages"),
                },
                required=("title", "type"),
            )
        ),
        "publisher": text(),
        "publication_date": date,
        "subjects": many(
            reference_or_text(
                "subjects", "subject", shown=("scheme", "title", "props", "identifiers")
            )
        ),
        "contributors": people("contributorsroles", role_required=True, one_needed=False),
        "dates": many(
            record(
                {"date": date, "type": reference("datetypes"), "description": text()},
                required=("date", "type"),
            )
        ),
        "languages": many(reference("languages")),
        "identifiers": many(identifier(OF_WORKS), none_twice),
        "related_identifiers": many(
            identifier(
                OF_WORKS,
                also={
                    "relation_type": reference("relationtypes"),
                    "resource_type": reference("resourcetypes"),
                },
                required=("relation_type",),
            )
        ),
        "sizes": many(text(least=1, blank="Size cannot be a blank string.")),
        "formats": many(text(least=1, blank="Format cannot be a blank string.")),
        "version": text(most=191),
        "rights": many(_RIGHT),
        "copyright": text(),
        "description": markup(least=3),
        "additional_descriptions": many(
            record(
                {
                    "description": markup(least=3),
                    "type": reference("descriptiontypes"),
                    "lang": reference("languages"),
                },
                required=("description", "type"),
            )
        ),
        "locations": record({"features": many(_FEATURE)}),
        # A funder is an organisation of the same register as an affiliation, ROR.
        "funding": many(
            record(
                {
                    "funder": reference_or_text("affiliations", "name", shown=_SHOWN_OF_FUNDERS),
                    "award": _AWARD,
                },
                check=_funding,
            )
        ),
        "references": many(
            identifier(OF_WORKS, needed=False, also={"reference": text()}, required=("reference",))
        ),
    },
    required=("resource_type", "creators", "title", "publication_date"),
)
