"""InvenioRDM's metadata as bytes, in and out: what a record's document is.

A document is a JSON object with one member, `metadata`. What is large is read in the helper
process, once for the terms that it refers to and once with what they say.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from domain import heavy
from domain.draft import Loaded
from domain.schemas import rdm
from domain.schemas.rdm.vocabulary import Ref, Terms, Vocabulary
from domain.values import Body

MEMBER = "metadata"


class Found:
    """domain.schemas.rdm.Vocabulary: terms that were found already, and which were asked for."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.asked: set[Ref] = set()

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return what was found."""
        self.asked.update(refs)
        return self.terms


def load(metadata: Any, vocabulary: Vocabulary) -> Loaded:
    """Read metadata; None: there is none."""
    found = rdm.load(metadata, vocabulary)
    return Loaded(document(found.stored), found.errors)


def load_large(raw: bytes, vocabulary: Vocabulary) -> Loaded:
    """Read the JSON of metadata in the helper process. Raises TooLarge, TooHeavy."""
    return heavy.call(with_terms, raw, vocabulary.find(heavy.call(references, raw)))


def with_terms(raw: bytes, terms: Terms) -> Loaded:
    """Read the JSON of metadata for which these terms were found."""
    return load(orjson.loads(raw), Found(terms))


def references(raw: bytes) -> set[Ref]:
    """Return the terms that the JSON of metadata refers to."""
    found = Found({})
    rdm.load(orjson.loads(raw), found)
    return found.asked


def references_of(document: bytes) -> set[Ref]:
    """Return the terms that a stored document refers to."""
    return rdm.references(orjson.loads(document)[MEMBER])


def of_next_version(raw: bytes) -> Body:
    """Return the document that the next version of one begins with."""
    return document(rdm.of_next_version(orjson.loads(raw)[MEMBER]))


def document(metadata: dict[str, Any]) -> Body:
    """Return the document of stored metadata."""
    return Body(orjson.dumps({MEMBER: metadata}))
