"""Communities for tests, made as InvenioRDM's clients make them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.asking import fresh

COMMUNITIES = "/api/communities"
OPEN = {"visibility": "public", "member_policy": "open", "record_policy": "open"}
RESTRICTED = OPEN | {"visibility": "restricted"}
METADATA: dict[str, Any] = {  # the seed's example, whole
    "title": "My Community",
    "description": "This is an example Community.",
    "type": "event",
    "curation_policy": "This is the kind of records we accept.",
    "page": "Information for my community.",
    "website": "https://www.my_community.org",
    "funding": [
        {
            "funder": {
                "name": "European Commission",
                "identifier": "00k4n6c32",
                "scheme": "ror",
            },
            "award": {
                "title": "OpenAIRE",
                "number": "246686",
                "identifier": ".../246686",
                "scheme": "openaire",
            },
        }
    ],
    "affiliations": [
        {"name": "CERN", "identifiers": [{"identifier": "01ggx4157", "scheme": "ror"}]}
    ],
}


def body(slug: str, access: dict[str, Any] = OPEN, **metadata: Any) -> dict[str, Any]:
    """Return the body that makes a community, of the seed's metadata with these instead."""
    return {"access": access, "id": slug, "metadata": METADATA | metadata}


def community(
    asker: httpx.Client, access: dict[str, Any] = OPEN, slug: str | None = None, **metadata: Any
) -> dict[str, Any]:
    """Make a community and return it."""
    made = asker.post(COMMUNITIES, json=body(slug or fresh("community"), access, **metadata))
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer
