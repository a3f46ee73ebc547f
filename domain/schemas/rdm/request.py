"""A draft as a request gives it: all its parts, with every fault in one list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from msgspec import Struct

from domain.errors import Fault
from domain.schemas.rdm import access, files
from domain.schemas.rdm.loading import load, load_custom_fields
from domain.schemas.rdm.vocabulary import Vocabulary
from domain.values import Access, FileOptions


class Asked(Struct, frozen=True):
    """What a request asks a draft to be; the paths of `errors` begin at the request's body."""

    metadata: dict[str, Any]
    access: Access
    files: FileOptions
    errors: tuple[Fault, ...]


def read(
    body: dict[str, Any], vocabulary: Vocabulary, now: datetime, keys: Collection[str]
) -> Asked:
    """Read a body. Parts that are null were not sent; parts that there are not are read past.

    `keys` are those of the draft's files, `now` has a zone.
    """
    metadata = load(body.get("metadata"), vocabulary)
    errors = metadata.errors
    asked = access.decided(None, {})
    if (given := body.get("access")) is not None:
        loaded = access.load(given, now)
        asked, errors = access.decided(given, loaded.stored), errors + loaded.errors
    options = FileOptions()
    if (given := body.get("files")) is not None:
        loaded = files.load(given, keys)
        options, errors = files.decided(loaded.stored), errors + loaded.errors
    if (given := body.get("custom_fields")) is not None:
        errors += load_custom_fields(given).errors
    return Asked(metadata.stored, asked, options, errors)
