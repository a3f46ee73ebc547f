"""Service: what every door is served from: the log, readers, writers, memory and limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from msgspec import Struct

from api.bodies import Bodies
from api.cursors import Cursors
from api.external_issuer import ExternalIssuer
from api.remembered import Remembered
from api.threads import Threads
from api.token_use import TokenUse
from api.vocabulary import Vocabulary
from api.watching import tracing
from domain import heavy
from domain.access import Actor, Level
from domain.kept import Kept
from domain.log import Log, Retry, Session
from domain.recent import Recent
from domain.storage.blobs import Blobs
from domain.storage.counters import Counters
from domain.storage.encryption_keys import EncryptionKeys
from domain.storage.failures import Failures
from domain.storage.link_tokens import LinkTokens
from domain.storage.looks import Looks
from domain.storage.noted import Noted
from domain.storage.signing_keys import SigningKeys
from domain.storage.space import Space
from domain.storage.uploads import Uploads
from projections import schemas, search, tokens
from projections.data_keys import DataKeys
from projections.database import Connections, fetch_one, reading_pool, serving
from projections.fixity import Fixity
from projections.heads import ViewHeads
from projections.overdue import OVERDUE
from projections.recorder import Recorder
from projections.registry import VIEWS
from projections.voids import voider

P = ParamSpec("P")
R = TypeVar("R")

READERS = 6  # connections a worker reads with
SEARCHERS = 2  # connections a worker searches with: searches wait for one another, reads do not
WRITERS = 4  # threads, each with a connection of its own
HEAVY = 2  # of them may do heavy work at a time: small writes go on meanwhile
FILERS = 4  # threads that read, write and flush files
HASHING = 1  # pieces of files that are hashed at a time: reads go on meanwhile
REMEMBERED_BYTES = 64 << 20  # versions a worker remembers
SCHEMA_BYTES = 16 << 20  # schemas a worker remembers
REMEMBERED_LEVELS = 10_000  # (account, family) pairs
NUMBERS = 100_000  # uuid → public number, which never changes


class Limits(Struct, frozen=True):
    """What a request may have at most."""

    json_bytes: int
    body_seconds: int
    json_depth: int
    schema_bytes: int
    search_seconds: int


class Version(Struct, frozen=True):
    """A remembered version: the answer's bytes, its family and whether everyone may see it.

    `memento` is when it was recorded, as HTTP writes it.
    """

    family: UUID
    public: bool
    body: bytes
    memento: str


class Service:
    """One worker's way to everything. Opened after the fork, closed at the end."""

    def __init__(
        self,
        database_url: str,
        limits: Limits,
        counters: Counters | None,
        recent: Recent | None,
        failures: Failures,
        space: Space | None,
        blobs: Blobs,
        uploads: Uploads,
        link_tokens: LinkTokens,
        cursors: Cursors,
        signing_keys: SigningKeys,
        encryption_keys: EncryptionKeys,
        external_issuer: ExternalIssuer | None,
        looks: Looks,
        fixity: Noted[Fixity],
        *,
        base_url: str,
        admin_email: str,
        anonymous_users: bool,
    ) -> None:
        self.limits = limits
        self.blobs = blobs
        self.uploads = uploads
        self.link_tokens = link_tokens
        self.cursors = cursors
        self.signing_keys = signing_keys
        self.external_issuer = external_issuer  # None: none is configured
        self.looks = looks  # of the clean-up
        self.fixity = fixity  # how far the files have been read over
        self.base_url = base_url  # that links begin with; empty: not known
        self.admin_email = admin_email  # of who runs this
        self.anonymous_users = anonymous_users  # whether users may open objects to them
        self.bodies = Bodies(limits.json_bytes, limits.body_seconds)
        self.space = space  # None: the database is on another machine
        self.failures = failures
        # What is waited for no more must not run on in the server either.
        reader = serving(database_url, "reader", statement_timeout=f"{OVERDUE:.0f}s")
        self.db = reading_pool(reader, READERS)
        self.searching = search.searching_pool(database_url, SEARCHERS, limits.search_seconds)
        self.connections = Connections(serving(database_url, "writer"))
        self.data_keys = DataKeys(self.connections, encryption_keys)  # that secrets are sealed with
        recorder = Recorder(self.connections, voider(counters))
        self.log = Log(recorder, ViewHeads(self.connections, counters), recent)
        self.versions: Remembered[tuple[str, str], Version] = Remembered(counters, REMEMBERED_BYTES)
        self.levels: Remembered[tuple[UUID, UUID], Level] = Remembered(counters, REMEMBERED_LEVELS)
        self.vocabulary = Vocabulary(self.db, counters)
        self.token_use = TokenUse(self._keep_uses)
        self._heavy = asyncio.Semaphore(HEAVY)
        self.writers = Threads(WRITERS, "writer")
        self._filers = ThreadPoolExecutor(FILERS, thread_name_prefix="files")
        self._hashing = asyncio.Semaphore(HASHING)
        self._numbers: dict[UUID, int] = {}
        self._schemas: Kept[tuple[UUID, int], bytes] = Kept(SCHEMA_BYTES)

    async def open(self) -> None:
        """Open the readers' connections."""
        await self.db.open(wait=False)
        await self.searching.open(wait=False)
        self.token_use.start()

    async def close(self) -> None:
        """Finish what is being written, then close every connection."""
        await self.token_use.stop()
        await asyncio.to_thread(self.writers.shutdown)
        await asyncio.to_thread(self._filers.shutdown)
        self.connections.close()
        await self.db.close()
        await self.searching.close()

    async def slow(self, function: Callable[[], R]) -> R:
        """Run something that blocks or takes long on a writer's thread.

        What turns out to be heavy is begun again when its turn among heavy work comes: until it is
        done it must leave nothing behind, as commands do.
        """
        request = copy_context()  # its id, for the log
        try:
            return await self.writers.run(request.run, heavy.lightly, function)
        except heavy.TooHeavy:
            async with self._heavy:
                return await self.writers.run(request.run, function)

    async def weighed(
        self, size: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return what a function of ours makes of so many bytes: many in the helper process."""
        if size <= heavy.LIGHT:
            return function(*args, **kwargs)
        return await self.slow(lambda: heavy.call(function, *args, **kwargs))

    async def on_file(self, function: Callable[[], R]) -> R:
        """Run something that waits for the disk on a thread for files."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._filers, copy_context().run, function)

    async def hashed(self, function: Callable[[], R]) -> R:
        """Run something that hashes a piece of a file when its turn comes."""
        async with self._hashing:
            return await self.on_file(function)

    async def run(
        self,
        actor: Actor,
        retry: Callable[[], Retry] | None,
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command on a writer's thread and return its result once it is durable.

        Raises OutOfSpace before anything is done, and what the command raises.
        """
        if self.space is not None:
            self.space.require()
        name = f"{command.__module__}.{command.__qualname__}"

        def carried_out() -> R:
            with tracing.span(name):
                if retry is None:
                    return self.log.run(actor, command, *args, **kwargs)
                return self.log.run_once(actor, retry(), command, *args, **kwargs)

        return await self.slow(carried_out)

    async def end(
        self, actor: Actor, command: Callable[[Session, UUID], None], credential: UUID
    ) -> None:
        """Carry out a command that ends a credential, also where little space is left.

        Raises OutOfSpace, and what the command raises.
        """
        if self.space is not None:
            self.space.require_for_ending()
        await self.slow(lambda: self.log.run(actor, command, credential))

    async def _keep_uses(self, uses: dict[bytes, datetime]) -> None:
        """Keep when tokens were used, on a writer's thread."""
        if self.space is not None:
            self.space.require()
        await self.slow(lambda: tokens.used(self.connections.get(), uses))

    async def number(self, view: str, id_: UUID) -> int:
        """Return the public number of an account or action, which never changes; 0 for none."""
        known = self._numbers.get(id_)
        if known is not None:
            return known
        row = await fetch_one(self.db, VIEWS[view].sql["number"], {"id": id_})
        if row is None:
            return 0
        if len(self._numbers) >= NUMBERS:
            self._numbers.clear()
        self._numbers[id_] = row[0]
        return int(row[0])

    async def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema, which never change."""
        known = self._schemas.get((action, version))
        if known is not None:
            return known
        key = {"action": action, "version": version}
        row = await fetch_one(self.db, schemas.view.sql["one"], key)
        body = bytes(row[0]) if row else b"null"
        self._schemas.put((action, version), body, len(body))
        return body
