"""Metadata to read, and the vocabularies that Muniment comes with to read it by."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from domain import vocabularies
from domain.schemas import rdm
from domain.schemas.rdm import Loaded, Ref, Terms
from domain.term import Content

SUBJECT = "http://id.nlm.nih.gov/mesh/A-D000007"
CERN = "European Organization for Nuclear Research"


@cache
def _terms() -> dict[Ref, Content]:
    terms: dict[Ref, Content] = {
        (ref.type, ref.id): said for ref, said in vocabularies.built_in().items()
    }
    terms["subjects", SUBJECT] = Content(subject="Abdominal Injuries", scheme="MeSH")
    return terms


class BuiltIn:
    """The vocabularies, and how often they were asked."""

    def __init__(self) -> None:
        self.asked = 0

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return those of these terms that there are."""
        self.asked += 1
        return {ref: _terms()[ref] for ref in refs if ref in _terms()}


# The request of the seed's first example, "Create a draft record".
SEED: dict[str, Any] = {
    "creators": [
        {"person_or_org": {"family_name": "Brown", "given_name": "Troy", "type": "personal"}},
        {
            "person_or_org": {
                "family_name": "Collins",
                "given_name": "Thomas",
                "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
                "name": "Collins, Thomas",
                "type": "personal",
            },
            "affiliations": [{"id": "01ggx4157", "name": "Entity One"}],
        },
    ],
    "publication_date": "2020-06-01",
    "resource_type": {"id": "image-photo"},
    "title": "A Romans story",
}

PERSON = {
    "type": "personal",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
}

# Every field there is.
FULL: dict[str, Any] = {
    **SEED,
    "creators": [
        {
            "person_or_org": PERSON,
            "role": {"id": "editor"},
            "affiliations": [{"id": "01ggx4157"}, {"name": "Analytical Society"}],
        },
        {"person_or_org": {"type": "organizational", "name": "Engine Works"}},
    ],
    "additional_titles": [
        {"title": "On engines", "type": {"id": "alternative-title"}, "lang": {"id": "eng"}}
    ],
    "publisher": "Muniment",
    "publication_date": "2018/2020-09",
    "subjects": [{"id": SUBJECT}, {"subject": "engines"}],
    "contributors": [{"person_or_org": PERSON, "role": {"id": "editor"}}],
    "dates": [{"date": "1939/1945", "type": {"id": "other"}, "description": "In parts"}],
    "languages": [{"id": "dan"}, {"id": "eng"}],
    "identifiers": [{"identifier": "1924MNRAS..84..308E", "scheme": "ads"}],
    "related_identifiers": [
        {
            "identifier": "10.1234/foo.bar",
            "scheme": "doi",
            "relation_type": {"id": "iscitedby"},
            "resource_type": {"id": "dataset"},
        }
    ],
    "sizes": ["11 pages"],
    "formats": ["application/pdf"],
    "version": "v1.0",
    "rights": [
        {
            "title": {"en": "Our own"},
            "description": {"en": "Ask first"},
            "link": "https://example.org/licence",
        },
        {"id": "cc-by-4.0"},
    ],
    "copyright": "The authors",
    "description": "<h1>Notes</h1> <p>with <strong>markup</strong></p>",
    "additional_descriptions": [
        {"description": "<p>How</p>", "type": {"id": "methods"}, "lang": {"id": "eng"}}
    ],
    "locations": {
        "features": [
            {
                "geometry": {"type": "Point", "coordinates": [-32.94682, -60.63932]},
                "place": "Rosario",
                "description": "A town",
                "identifiers": [{"identifier": "Q52535", "scheme": "wikidata"}],
            }
        ]
    },
    "funding": [
        {"funder": {"id": "01ggx4157"}, "award": {"title": {"en": "Engines"}, "number": "7"}}
    ],
    "references": [{"reference": "Babbage 1837", "identifier": "10.1234/b", "scheme": "doi"}],
}


def load(**metadata: Any) -> Loaded:
    """Load the seed's metadata with these members in place of its own; None takes one away."""
    given = {name: value for name, value in {**SEED, **metadata}.items() if value is not None}
    return rdm.load(given, BuiltIn())


def wrong(loaded: Loaded) -> dict[str, str]:
    """Return the faults as a door words them: dotted path to message."""
    return {".".join(map(str, fault.path)): fault.message for fault in loaded.errors}


def show(stored: dict[str, Any]) -> dict[str, Any]:
    """Return stored metadata dereferenced."""
    return rdm.dereference(stored, BuiltIn().find(rdm.references(stored)))
