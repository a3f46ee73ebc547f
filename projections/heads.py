"""Heads: the current aggregates, read from the inline views for commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from msgspec import Raw

from domain.access import Membership
from domain.account import Token
from domain.draft import Draft
from domain.draft_files import DraftFile, State
from domain.errors import NotFound
from domain.event import A, Aggregate, Answer, Entry
from domain.heads import Elsewhere
from domain.kept import Kept
from domain.manifest import entries
from domain.record import Past
from domain.storage.counters import Counters
from domain.term import Term
from domain.values import FileEntry, Manifest
from projections import (
    answers,
    draft_files,
    drafts,
    erasing,
    manifest_pages,
    schemas,
    tokens,
    versions,
)
from projections.communities import owned_by
from projections.credentials import memberships_of
from projections.database import Connections
from projections.inclusions import since_when
from projections.registry import HEADS
from projections.view import HeadView

TERMS = 1_000  # that a process remembers
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
FILE_NAME = (
    "SELECT coalesce(name, url) FROM files WHERE record = %(record)s AND number = %(number)s"
)
DRAW = {
    kind: f"SELECT nextval('es.{kind}_number')"
    for kind in (
        "account",
        "action",
        "comment",
        "community",
        "group",
        "instrument",
        "location",
        "location_type",
        "log_entry",
        "project",
        "record",
    )
}


@lru_cache(maxsize=256)
def _select(table: str, columns: str, key: tuple[str, ...]) -> str:
    where = " AND ".join(f"{each} = %s" for each in key)
    return f"SELECT {columns} FROM {table} WHERE {where}"


@lru_cache(maxsize=256)
def _select_with(
    view: HeadView[Any], beside: tuple[tuple[str, HeadView[Any]], ...], key: tuple[str, ...]
) -> str:
    columns = ", ".join(
        f"{each.name}.{column.name}"
        for each in (view, *(other for _, other in beside))
        for column in each.columns.all
    )
    joins = "".join(
        f" LEFT JOIN {other.name} ON {other.name}.id = {view.name}.{name}" for name, other in beside
    )
    where = " AND ".join(f"{view.name}.{each} = %s" for each in key)
    return f"SELECT {columns} FROM {view.name}{joins} WHERE {where}"


class ViewHeads:
    """Reads on the calling thread's own connection (domain.log.Heads)."""

    def __init__(self, connections: Connections, counters: Counters | None = None) -> None:
        """Without `counters` nothing is remembered: nobody could say what is void."""
        self.connections = connections
        self._counters = counters
        self._terms: Kept[UUID, tuple[Term, int]] = Kept(TERMS)

    def head(self, kind: type[A], /, **key: object) -> A | None:
        """Return the aggregate whose columns equal `key`, as it stands now."""
        view = HEADS[kind]
        statement = _select(view.name, view.columns.names, tuple(key))
        row = self.connections.fetch_one(statement, list(key.values()))
        if row is None:
            return None
        found: A = view.columns.load(row)
        return found

    def heads(
        self, kind: type[Aggregate], beside: Mapping[str, type[Aggregate]], /, **key: object
    ) -> list[Aggregate]:
        """Return the same, and after it those whose ids its columns hold, at one moment."""
        view = HEADS[kind]
        others = tuple((name, HEADS[other]) for name, other in beside.items())
        statement = _select_with(view, others, tuple(key))
        row = self.connections.fetch_one(statement, list(key.values()))
        if row is None:
            return []
        found, at = [], 0
        for each in (view, *(other for _, other in others)):
            values = row[at : at + len(each.columns.all)]
            at += len(values)
            if values[0] is not None:  # the id
                found.append(each.columns.load(values))
        return found

    def those(self, kind: type[A], ids: Sequence[UUID]) -> list[A]:
        """Return those aggregates of a kind that there are, as they stand at one moment."""
        view = HEADS[kind]
        statement = f"SELECT {view.columns.names} FROM {view.name} WHERE id = ANY(%s)"
        return [view.columns.load(row) for row in self.connections.fetch(statement, [list(ids)])]

    def terms(self, ids: Sequence[UUID]) -> list[Term]:
        """Return those of these terms that there are, retired ones too.

        They may be remembered, until a change of one is acknowledged.
        """
        if self._counters is None:
            return self.those(Term, ids)
        stamps = {each: self._counters.read("terms", each) for each in ids}
        held = {each: self._terms.get(each) for each in ids}
        found = [known[0] for id_, known in held.items() if known and known[1] == stamps[id_]]
        missing = stamps.keys() - {term.id for term in found}
        for term in self.those(Term, list(missing)) if missing else ():
            self._terms.put(term.id, (term, stamps[term.id]), 1)
            found.append(term)
        return found

    def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema."""
        key = {"action": action, "version": version}
        row = self.connections.fetch_one(schemas.view.sql["one"], key)
        if row is None:
            raise NotFound("This action has no such schema.")
        return bytes(row[0])

    def past(self, record: UUID, number: int) -> Past | None:
        """Return a published version of a record."""
        key = {"record": record, "number": number}
        row = self.connections.fetch_one(versions.view.sql["one"], key)
        return None if row is None else Past(number, Raw(row[0]), *row[1:])

    def draft(self, record: UUID) -> Draft | None:
        """Return the document of a record's open draft."""
        row = self.connections.fetch_one(drafts.view.sql["kept"], {"record": record})
        return None if row is None else drafts.view.columns.load(row)

    def draft_files(self, record: UUID, keys: Sequence[str]) -> list[DraftFile]:
        """Return what an open draft has under these keys, but for what it imported."""
        params = {"record": record, "keys": list(keys)}
        rows = self.connections.fetch(draft_files.view.sql["those"], params)
        return [draft_files.view.columns.load(row) for row in rows]

    def draft_entries(self, record: UUID) -> list[FileEntry]:
        """Return all complete files of an open draft, but for what it imported."""
        row = self.connections.fetch_one(draft_files.view.sql["entries"], {"record": record})
        return [] if row is None else draft_files.entries(*row)

    def draft_keys(self, record: UUID, state: State) -> list[str]:
        """Return the keys under which an open draft has a file in this state, in order."""
        params = {"record": record, "state": state}
        rows = self.connections.fetch(draft_files.view.sql["keys"], params)
        return [key for (key,) in rows]

    def manifest_file(self, manifest: Manifest, key: str) -> FileEntry | None:
        """Return the file of a manifest that has a key."""
        params = manifest_pages.parameters(manifest, key)
        row = self.connections.fetch_one(manifest_pages.view.sql["holding"], params)
        return None if row is None else manifest_pages.found(row[0], key)

    def manifest_files(self, manifest: Manifest) -> list[FileEntry]:
        """Return all files of a manifest."""
        params = manifest_pages.parameters(manifest, "")
        rows = self.connections.fetch(manifest_pages.view.sql["all"], params)
        return [each for (page,) in rows for each in entries(Raw(page))]

    def life(self, stream: UUID) -> list[Entry[Any]]:
        """Return all events of a stream, in order."""
        return erasing.life(self.connections, stream)

    def lists_elsewhere(
        self, manifests: Sequence[str], record: UUID, numbers: Sequence[int], *, draft: bool
    ) -> set[str]:
        """Return which manifests, by digest, something else has."""
        return erasing.lists_elsewhere(self.connections, manifests, record, numbers, draft=draft)

    def listed_elsewhere(self, blobs: Sequence[str], manifests: Sequence[UUID]) -> set[str]:
        """Return which blobs, by digest, a list of files has that is none of these."""
        return erasing.listed_elsewhere(self.connections, blobs, manifests)

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
        here = (record, numbers, draft)
        return erasing.said_elsewhere(self.connections, documents, blobs, here)

    def keeping(self, blobs: Sequence[str]) -> dict[UUID, list[str]]:
        """Return which records name blobs by nothing but what an erasure left."""
        return erasing.keeping(self.connections, blobs)

    def file_name(self, record: UUID, number: int) -> str | None:
        """Return the name of a record's file, or its URL; None when there is no such file."""
        row = self.connections.fetch_one(FILE_NAME, {"record": record, "number": number})
        return None if row is None else str(row[0])

    def tokens(self, account: UUID, most: int) -> int:
        """Return how many tokens an account has that were not revoked, up to `most`."""
        params = {"account": account, "most": most}
        row = self.connections.fetch_one(tokens.view.sql["counted"], params)
        return 0 if row is None else row[0]

    def orphans(self, account: UUID, most: int) -> list[Token]:
        """Return those of these that ended with what they were made with, up to `most`."""
        params = {"account": account, "most": most}
        rows = self.connections.fetch(tokens.ORPHANS, params)
        return [tokens.view.columns.load(row) for row in rows]

    def draw(self, sequence: str) -> int:
        """Return the next public number of a kind."""
        row = self.connections.fetch_one(DRAW[sequence])
        assert row is not None  # noqa: S101 - a sequence always gives a number
        return int(row[0])

    def included_at(self, family: UUID, community: UUID) -> datetime | None:
        """Return since when a family is in a community; None: it is not."""
        return since_when(self.connections, family, community)

    def owned(self, account: UUID, most: int) -> int:
        """Return how many communities an account owns, counted up to `most`."""
        return owned_by(self.connections, account, most)

    def memberships(self, account: UUID) -> tuple[Membership, ...]:
        """Return the memberships that an account has now, its own and those of its groups."""
        return memberships_of(self.connections, account)

    def answered(self, account: UUID, key: str) -> Answer | None:
        """Return the answer remembered for this account's key, unless it has expired."""
        params = {"account": account, "key": key}
        row = self.connections.fetch_one(answers.view.sql["one"], params)
        return None if row is None else Answer(*row)

    @contextmanager
    def exclusive(self, name: str) -> Iterator[bool]:
        """Hold a name in the whole cluster; False when somebody else holds it.

        An advisory lock writes nothing, so it may be taken before the append; the server lets go
        of it when the process dies.
        """
        row = self.connections.fetch_one(LOCK, [name])
        conn = self.connections.get()
        held = row == (True,)
        try:
            yield held
        finally:
            if held:
                with suppress(psycopg.OperationalError):  # gone with its connection
                    conn.execute(UNLOCK, [name])
