"""What decisions are built on, as they ask for it: projections/heads.py answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from msgspec import Struct

from domain.access import Membership
from domain.account import Token
from domain.draft import Draft
from domain.draft_files import DraftFile, State
from domain.event import A, Aggregate, Answer, Entry
from domain.record import Past
from domain.term import Term
from domain.values import FileEntry, Manifest


class Elsewhere(Struct, frozen=True):
    """Where something else says the same: a version, an open draft, or files of a record."""

    object: int
    pid: str
    what: Literal["version", "draft", "files"]
    version: int | None = None


class Heads(Protocol):
    """What the inline views know: everything a decision is built on."""

    def head(self, kind: type[A], /, **key: object) -> A | None:
        """Return the aggregate whose columns equal `key`, as it stands now."""

    def heads(
        self, kind: type[Aggregate], beside: Mapping[str, type[Aggregate]], /, **key: object
    ) -> list[Aggregate]:
        """Return the same, and after it those whose ids its columns hold, at one moment."""

    def those(self, kind: type[A], ids: Sequence[UUID]) -> list[A]:
        """Return those aggregates of a kind that there are, as they stand at one moment."""

    def terms(self, ids: Sequence[UUID]) -> list[Term]:
        """Return those of these terms that there are, as they were a moment ago."""

    def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema."""

    def past(self, record: UUID, number: int) -> Past | None:
        """Return a published version of a record."""

    def draft(self, record: UUID) -> Draft | None:
        """Return the document of a record's open draft."""

    def draft_files(self, record: UUID, keys: Sequence[str]) -> list[DraftFile]:
        """Return what an open draft has under these keys, but for what it imported."""

    def draft_entries(self, record: UUID) -> list[FileEntry]:
        """Return all complete files of an open draft, but for what it imported."""

    def draft_keys(self, record: UUID, state: State) -> list[str]:
        """Return the keys under which an open draft has a file in this state, in order."""

    def manifest_file(self, manifest: Manifest, key: str) -> FileEntry | None:
        """Return the file of a manifest that has a key."""

    def manifest_files(self, manifest: Manifest) -> list[FileEntry]:
        """Return all files of a manifest."""

    def life(self, stream: UUID) -> list[Entry[Any]]:
        """Return all events of a stream, in order."""

    def lists_elsewhere(
        self, manifests: Sequence[str], record: UUID, numbers: Sequence[int], *, draft: bool
    ) -> set[str]:
        """Return which manifests, by digest, something else has.

        It is none of these versions of a record, nor, with `draft`, its open draft.
        """

    def listed_elsewhere(self, blobs: Sequence[str], manifests: Sequence[UUID]) -> set[str]:
        """Return which blobs, by digest, a list of files has that is none of these."""

    def said_elsewhere(
        self,
        documents: Sequence[bytes],
        blobs: Sequence[str],
        record: UUID,
        numbers: Sequence[int],
        *,
        draft: bool,
    ) -> list[Elsewhere]:
        """Return where else these documents are, and these bytes, by their SHA-256."""

    def keeping(self, blobs: Sequence[str]) -> dict[UUID, list[str]]:
        """Return which records name blobs by nothing but what an erasure left."""

    def file_name(self, record: UUID, number: int) -> str | None:
        """Return the name of a record's file, or its URL; None when there is no such file."""

    def tokens(self, account: UUID, most: int) -> int:
        """Return how many tokens an account has that were not revoked, access tokens aside.

        Counted up to `most`; those are among them that ended with what they were made with.
        """

    def orphans(self, account: UUID, most: int) -> list[Token]:
        """Return those of these that ended with what they were made with, up to `most`."""

    def draw(self, sequence: str) -> int:
        """Return the next public number of a kind. Numbers may have gaps."""

    def included_at(self, family: UUID, community: UUID) -> datetime | None:
        """Return since when a family is in a community; None: it is not."""

    def owned(self, account: UUID, most: int) -> int:
        """Return how many communities an account owns, counted up to `most`."""

    def memberships(self, account: UUID) -> tuple[Membership, ...]:
        """Return the memberships that an account has now, its own and those of its groups."""

    def answered(self, account: UUID, key: str) -> Answer | None:
        """Return the answer remembered for this account's key, unless it has expired."""

    def exclusive(self, name: str) -> AbstractContextManager[bool]:
        """Hold a name in the whole cluster; False when somebody else holds it."""
