"""Frozen values that events and aggregates are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Raw, Struct

Body = Raw  # a document as exact bytes: never parsed and dumped again

Visibility = Literal["public", "restricted"]


class Embargo(Struct, frozen=True, omit_defaults=True):
    """Restricted until an instant; whether it has passed is asked when something is read."""

    until: datetime
    reason: str | None = None


class Access(Struct, frozen=True, omit_defaults=True):
    """Visibility of a record and of its files. Source: InvenioRDM, "access"."""

    record: Visibility = "restricted"
    files: Visibility = "restricted"
    embargo: Embargo | None = None

    @property
    def of_files(self) -> Visibility:
        """Whether who was granted nothing sees the files: not while anything of it is closed."""
        is_open = self.record == self.files == "public" and self.embargo is None
        return "public" if is_open else "restricted"


class Content(Struct, frozen=True, omit_defaults=True):
    """The bytes of a file by their digests, in hex; `size` in bytes."""

    sha256: str
    md5: str
    size: int
    media_type: str | None = None  # None: not known


class Manifest(Struct, frozen=True):
    """The files of a version: SHA-256 of the canonical list in hex, how many, bytes in all."""

    digest: str
    count: int
    size: int
