"""The words that DataCite allows. Source: DataCite Metadata Schema 4.5."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import orjson

# InvenioRDM's schemes of identifiers and DataCite's types of them.
TYPES = {
    "ark": "ARK",
    "arxiv": "arXiv",
    "ads": "bibcode",
    "crossreffunderid": "Crossref Funder ID",
    "doi": "DOI",
    "ean13": "EAN13",
    "eissn": "EISSN",
    "grid": "GRID",
    "handle": "Handle",
    "igsn": "IGSN",
    "isbn": "ISBN",
    "isni": "ISNI",
    "issn": "ISSN",
    "istc": "ISTC",
    "lissn": "LISSN",
    "lsid": "LSID",
    "pmid": "PMID",
    "purl": "PURL",
    "upc": "UPC",
    "url": "URL",
    "urn": "URN",
    "w3id": "w3id",
}
OTHER = "Other"


@cache
def allowed(name: str) -> frozenset[str]:
    """Return the words that DataCite has for something: `relationType`.

    They are read from the schema beside the library, which itself takes half a second to load.
    """
    spec = find_spec("datacite")
    assert spec is not None  # noqa: S101 - it is installed with this
    assert spec.origin is not None  # noqa: S101
    file = Path(spec.origin).with_name("schemas") / "datacite-v4.5.json"
    schema = orjson.loads(file.read_bytes())
    return frozenset(schema["definitions"][name]["enum"])


def word(name: str, said: str | None) -> str:
    """Return a word, if DataCite has it, else that it is another."""
    return said if said in allowed(name) else OTHER
