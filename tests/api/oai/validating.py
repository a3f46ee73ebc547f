"""Replies and exports held to their XML schemas, for tests. See schemas/README.md."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(file=str(SCHEMAS / "all.xsd"))


CARRYING = (
    "//{http://www.openarchives.org/OAI/2.0/}metadata/*",
    "//{http://schema.datacite.org/oai/oai-1.1/}payload/*",
)


def faults(document: bytes) -> list[str]:
    """Return what is wrong with an XML document, and with each record that it carries.

    These are held to their schemas one by one: libxml2 passes over what stands where another
    namespace's elements may.
    """
    root, schema = etree.fromstring(document), _schema()
    found = []
    for each in (root, *(carried for path in CARRYING for carried in root.iterfind(f".{path}"))):
        schema.validate(each)
        found += [f"{fault.path}: {fault.message}" for fault in schema.error_log]
    return found
