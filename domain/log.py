"""The log, as commands see it: load the heads, decide, save everything in one transaction.

A command is a function of a `Session`. It reads aggregates as they stand, decides events, and
returns what its caller needs; it never saves. `Log.run` saves what was decided, all or nothing,
and runs the command again from the start when somebody else wrote first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Mapper, RecordConflictError
from eventsourcing.utils import EnvType
from msgspec import Struct
from msgspec.structs import replace

from domain.access import Actor
from domain.action import Action
from domain.draft import Draft
from domain.draft_files import DraftFile, State
from domain.errors import Conflict, Refusal, Torn, Unprocessable
from domain.event import A, Aggregate, Answer, Beginning, Change, Entry, evolve, next_instant
from domain.intake import Validator
from domain.kept import Kept
from domain.mapper import EntryMapper
from domain.name import Name, NameClaimed, NamePassed, name_id
from domain.recent import Recent
from domain.record import Past, Record
from domain.term import Term
from domain.values import FileEntry, Manifest

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 64  # of one command against other writers of the same stream
REMEMBERED = timedelta(hours=24)  # an Idempotency-Key. Source: DESIGN.md "The log"
ANSWERED = "answered"  # the kind of name that the key of a request without an effect is

VALIDATORS = 512 << 10  # bytes of schemas that a process keeps ready

Validators = Callable[[Action, int], Validator]


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

    def file_name(self, record: UUID, number: int) -> str | None:
        """Return the name of a record's file, or its URL; None when there is no such file."""

    def draw(self, sequence: str) -> int:
        """Return the next public number of a kind. Numbers may have gaps."""

    def answered(self, account: UUID, key: str) -> Answer | None:
        """Return the answer remembered for this account's key, unless it has expired."""

    def exclusive(self, name: str) -> AbstractContextManager[bool]:
        """Hold a name in the whole cluster; False when somebody else holds it."""


class Retry(Struct, frozen=True):
    """A request that may be sent again: its key, what it was, and how its answer is made."""

    key: str
    method: str
    path: str
    digest: str  # SHA-256 of the body, hex
    answer: Callable[[Any], tuple[int, str | None, str | None]]  # result → status, Location, ETag
    remembered: timedelta | None = REMEMBERED  # None: for ever


class AnsweredBefore(Exception):
    """The same request was carried out before; `answer` is what it was told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.key)
        self.answer = answer


class Session:
    """One command's view of the log: what it read and what it decided."""

    def __init__(
        self,
        heads: Heads,
        actor: Actor,
        validator: Validators,
        recent: Recent | None = None,
        *,
        recalling: bool = False,
    ) -> None:
        self.heads = heads
        self.validator = validator  # of an action's schema in one version
        self.actor = actor
        self.now = datetime.now(UTC)
        self.entries: list[Entry[Any]] = []
        self.changed: dict[UUID, Aggregate] = {}
        self.relied: dict[UUID, Aggregate] = {}
        self.recalled: dict[UUID, Aggregate] = {}
        self._beside: dict[UUID, Aggregate] = {}
        self._recent = recent
        self._recalling = recalling

    def find(
        self,
        kind: type[A],
        /,
        *,
        beside: Mapping[str, type[Aggregate]] | None = None,
        recall: bool = False,
        **key: Any,
    ) -> A | None:
        """Return the aggregate whose columns equal `key`, with what was decided so far.

        `beside` says which other aggregates its columns name, column → kind: they come in the same
        round trip, and finding them by id costs none. With `recall` they may be as this process
        saw them last: what is decided is then saved only if they still are.
        """
        known = None
        if "id" in key:
            known = self.changed.get(key["id"]) or self._beside.get(key["id"])
        if known is None and beside is None:
            known = self.heads.head(kind, **key)
        elif known is None:
            found = (self._recalled if recall else self.heads.heads)(kind, beside or {}, **key)
            self._beside.update((each.id, each) for each in found)
            known = found[0] if found else None
        if known is not None:
            known = self.changed.get(known.id, known)
        assert known is None or isinstance(known, kind)  # noqa: S101 - one kind a stream
        return known

    def find_all(self, kind: type[A], ids: Sequence[UUID]) -> dict[UUID, A]:
        """Return those of many aggregates that there are, with what was decided so far."""
        found: dict[UUID, Any] = {each.id: each for each in self.heads.those(kind, ids)}
        return found | {id_: self.changed[id_] for id_ in ids if id_ in self.changed}

    def _recalled(
        self, kind: type[Aggregate], beside: Mapping[str, type[Aggregate]], /, **key: Any
    ) -> list[Aggregate]:
        """Return an aggregate and those beside it, as they are recalled or as they stand."""
        if self._recent is None:
            return self.heads.heads(kind, beside, **key)
        sought = (kind, *beside, *key.items())
        found = self._recent.recall(sought) if self._recalling else []
        if found:
            self.recalled.update((each.id, each) for each in found)
            return found
        found = self.heads.heads(kind, beside, **key)
        self._recent.read(sought, found)
        return found

    def rely(self, aggregate: Aggregate) -> None:
        """Have what is decided saved only if this aggregate is then as it was read.

        What changes it afterwards is acknowledged after the save.
        """
        self.relied[aggregate.id] = aggregate

    def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema."""
        return self.heads.schema(action, version)

    def past(self, record: UUID, number: int) -> Past | None:
        """Return a published version of a record."""
        return self.heads.past(record, number)

    def draft(self, record: Record) -> Draft | None:
        """Return the document of a record's open draft."""
        known = self._recent.draft(record) if self._recent is not None else None
        return known or self.heads.draft(record.id)

    def begin(self, stream: UUID, event: Beginning[A]) -> A:
        """Decide the first event of a stream."""
        return self._add(stream, 1, None, event)

    def change(self, aggregate: A, event: Change[A]) -> A:
        """Decide the next event of an aggregate."""
        return self._add(aggregate.id, aggregate.version + 1, aggregate, event)

    def _add(
        self, stream: UUID, version: int, before: A | None, event: Beginning[A] | Change[A]
    ) -> A:
        recorded_at = next_instant(self.now, before.recorded_at if before else None)
        entry: Entry[Any] = Entry(
            stream, version, recorded_at, self.actor.account, self.actor.via, event
        )
        self.entries.append(entry)
        after: A = evolve(before, entry)
        self.changed[stream] = after
        return after


class Log(Application[UUID]):
    """The one event log. Needs a recorder for the rows and the heads it keeps beside them."""

    def __init__(
        self,
        recorder: ApplicationRecorder,
        heads: Heads,
        recent: Recent | None = None,
        env: EnvType | None = None,
    ) -> None:
        """Without `recent` every decision reads anew, and tells other processes nothing."""
        self._recorder = recorder
        self.heads = heads
        self._recent = recent
        self._validators: Kept[tuple[UUID, int], Validator] = Kept(VALIDATORS)
        super().__init__(env)

    def validator(self, action: Action, version: int) -> Validator:
        """Return what checks documents against a schema; its version never changes."""
        known = self._validators.get((action.id, version))
        if known is None:
            schema = self.heads.schema(action.id, version)
            known = Validator(schema, action.schema_language)
            self._validators.put((action.id, version), known, len(schema))
        return known

    def construct_mapper(self) -> Mapper[UUID]:
        """Return the mapper of entries, called by the library."""
        return EntryMapper()

    def construct_recorder(self) -> ApplicationRecorder:
        """Return the recorder given, called by the library."""
        return self._recorder

    def run(
        self,
        actor: Actor,
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command and return its result once everything it decided is durable.

        Raises what the command raises, and Conflict when other writers kept coming first.
        """
        return self._attempt(actor, None, lambda session: command(session, *args, **kwargs))

    def run_once(
        self,
        actor: Actor,
        retry: Retry,
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command at most once for this account and key.

        Also a command that decides nothing is answered once: what it would decide may change.
        Raises AnsweredBefore when it was, Conflict while it is, Unprocessable when the key stood
        for another request. Source: DESIGN.md "The log", Idempotency-Key.
        """
        with self.heads.exclusive(f"{actor.account} {retry.key}") as ours:
            if not ours:
                raise Conflict("A request with this Idempotency-Key is still running.")
            return self.run_unless_answered(actor, retry, command, *args, **kwargs)

    def run_unless_answered(
        self,
        actor: Actor,
        retry: Retry,
        command: Callable[Concatenate[Session, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Carry out a command at most once, for a caller that nobody runs beside.

        Raises AnsweredBefore, Unprocessable when the key stood for another request.
        """
        self.require_new(actor, retry)
        return self._attempt(actor, retry, lambda session: command(session, *args, **kwargs))

    def require_new(self, actor: Actor, retry: Retry) -> None:
        """Pass when a key is new. Raises AnsweredBefore, Unprocessable."""
        before = self.heads.answered(actor.account, retry.key)
        if before is None:
            return
        same = (before.method, before.path, before.digest)
        if same != (retry.method, retry.path, retry.digest):
            raise Unprocessable("This Idempotency-Key was used for another request.")
        raise AnsweredBefore(before)

    def _attempt(self, actor: Actor, retry: Retry | None, decide: Callable[[Session], R]) -> R:
        """Decide and save until both were on what is so.

        A save finds out whether what it was decided on still was. What saves nothing, a refusal
        or nothing to be done, cannot: it is decided on what is read anew.
        """
        for attempt in range(ATTEMPTS):
            session = Session(
                self.heads, actor, self.validator, self._recent, recalling=attempt == 0
            )
            try:
                result = decide(session)
            except Torn:
                _yield(attempt)
                continue
            except Refusal:
                if session.recalled:
                    continue
                raise
            entries = session.entries
            if not entries:
                if session.recalled:
                    continue
                if retry is None:
                    return result
                _note(session, retry.key)
            if retry is not None:
                entries[-1] = replace(entries[-1], answer=_answer(retry, result, session.now))
            # The next event of a stream says by itself what it builds on.
            relied = {id_: it for id_, it in session.relied.items() if id_ not in session.changed}
            recalled = [
                each
                for id_, each in session.recalled.items()
                if id_ not in session.changed and id_ not in relied
            ]
            try:
                # What `save` would do, without asking of each entry whether it is an aggregate:
                # that takes an eighth of a command.
                self.events.put(
                    entries,
                    entries=entries,
                    heads=session.changed,
                    relied=list(relied.values()),
                    recalled=recalled,
                )
            except RecordConflictError:
                if retry is not None:
                    self.require_new(actor, retry)
                _yield(attempt)
                continue
            if self._recent is not None:
                self._recent.saved(session.changed.values(), entries)
            return result
        raise Conflict("Too many others are changing this at the same time; try again.")


def _yield(attempt: int) -> None:
    """Let others write first, the longer the more often they came first."""
    sleep(random.uniform(0, 0.001 * (attempt + 1)))  # noqa: S311 - spreads writers


def _note(session: Session, key: str) -> None:
    """Decide what carries an answer where nothing else was decided: the key is the account's."""
    account = session.actor.account
    value = f"{account} {key}"
    stream = name_id(ANSWERED, value)
    name = session.find(Name, id=stream)
    if name is None:
        session.begin(stream, NameClaimed(kind=ANSWERED, value=value, holder=account))
    else:  # it has expired since
        session.change(name, NamePassed(holder=account))


def _answer(retry: Retry, result: object, now: datetime) -> Answer:
    status, location, etag = retry.answer(result)
    expires_at = None if retry.remembered is None else now + retry.remembered
    return Answer(
        key=retry.key,
        method=retry.method,
        path=retry.path,
        digest=retry.digest,
        status=status,
        location=location,
        etag=etag,
        expires_at=expires_at,
    )
