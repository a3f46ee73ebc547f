"""Frozen values that events and aggregates are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Raw, Struct

Body = Raw  # a document as exact bytes: never parsed and dumped again

Visibility = Literal["public", "restricted"]


def visible(visibility: Visibility, opens_at: datetime | None, now: datetime) -> Visibility:
    """Return how visible at an instant is what came with a visibility, under an embargo or none."""
    return "public" if opens_at is not None and opens_at <= now else visibility


class Embargo(Struct, frozen=True, omit_defaults=True):
    """Restricted until an instant; whether it has passed is asked when something is read."""

    until: datetime
    reason: str | None = None


class Access(Struct, frozen=True, omit_defaults=True):
    """Visibility of a record and of its files. Source: InvenioRDM, "access"."""

    record: Visibility = "restricted"
    files: Visibility = "restricted"
    embargo: Embargo | None = None

    def at(self, now: datetime) -> Access:
        """Return how it stands at an instant: an embargo that has passed closes nothing."""
        if self.embargo is None or self.embargo.until > now:
            return self
        return Access(record="public", files="public")

    @property
    def opens_at(self) -> datetime | None:
        """When its embargo ends; None: it has none."""
        return None if self.embargo is None else self.embargo.until

    @property
    def of_files(self) -> Visibility:
        """Whether who was granted nothing sees the files: not while anything of it is closed.

        Asked of how it stands at an instant (`at`), where an embargo may have passed.
        """
        is_open = self.record == self.files == "public" and self.embargo is None
        return "public" if is_open else "restricted"


class Content(Struct, frozen=True, omit_defaults=True, gc=False):
    """The bytes of a file by their digests, in hex; `size` in bytes, of an image also in pixels."""

    sha256: str
    md5: str
    size: int
    media_type: str | None = None  # None: not known
    width: int | None = None
    height: int | None = None


class FileOptions(Struct, frozen=True, omit_defaults=True):
    """Whether a record has files, and how they are shown; keys. Source: InvenioRDM, "files"."""

    enabled: bool = True
    default_preview: str | None = None
    order: tuple[str, ...] = ()


class FileEntry(Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """One file of a manifest; the members of its canonical JSON, in their order."""

    height: int | None = None
    key: str
    md5: str
    media_type: str | None = None
    sha256: str
    size: int
    width: int | None = None

    @classmethod
    def of(cls, key: str, content: Content) -> FileEntry:
        """Return the entry of a file's bytes under a key."""
        return cls(
            key=key,
            sha256=content.sha256,
            md5=content.md5,
            size=content.size,
            media_type=content.media_type,
            width=content.width,
            height=content.height,
        )

    @property
    def content(self) -> Content:
        """The bytes."""
        return Content(self.sha256, self.md5, self.size, self.media_type, self.width, self.height)


class Manifest(Struct, frozen=True):
    """The files of a version: SHA-256 of the canonical list in hex, how many, bytes in all."""

    digest: str
    count: int
    size: int
