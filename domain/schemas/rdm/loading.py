"""A record as it is saved: its valid part, put into one form, and everything that is wrong."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from domain.errors import Fault
from domain.schemas.rdm.model import METADATA
from domain.schemas.rdm.reading import MISSING, Reading, record, without_empty
from domain.schemas.rdm.vocabulary import Vocabulary


class Loaded(Struct, frozen=True):
    """What is kept of a part of a record, and its faults; their paths begin at the record."""

    stored: dict[str, Any]
    errors: tuple[Fault, ...]


def load(metadata: Any, vocabulary: Vocabulary) -> Loaded:
    """Read metadata as `documents.read` gives it. Never refuses: what is wrong is an error.

    Loaded again, what is stored is stored the same. At most 1,000 errors are named.
    """
    reading = Reading("metadata")
    stored = METADATA({} if metadata is None else metadata, reading)
    references = reading.references
    if references and not reading.settle(vocabulary.find(references)):
        stored = without_empty(stored)
    return Loaded({} if stored is MISSING else stored, tuple(reading.faults))


def load_custom_fields(value: Any) -> Loaded:
    """Read `custom_fields`, of which none are defined here."""
    reading = Reading("custom_fields")
    record({})(value, reading)
    return Loaded({}, tuple(reading.faults))


def of_next_version(stored: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata that the next version starts with: nothing that is replaced anyway."""
    return {
        name: value for name, value in stored.items() if name not in ("version", "publication_date")
    }
