"""The log, as commands see it: load the heads, decide, save everything in one transaction.

A command is a function of a `Session`. It reads aggregates as they stand, decides events, and
returns what its caller needs; it never saves. `Log.run` saves what was decided, all or nothing,
and runs the command again from the start when somebody else wrote first.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from time import sleep
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Mapper, RecordConflictError
from eventsourcing.utils import EnvType
from msgspec.structs import replace

from domain.access import Actor, with_memberships
from domain.action import Action
from domain.errors import Conflict, Refusal, Torn
from domain.heads import Heads
from domain.intake import Validator
from domain.kept import Kept
from domain.mapper import EntryMapper
from domain.recent import Recent
from domain.retry import AnsweredBefore, Retry
from domain.session import Session

__all__ = ["AnsweredBefore", "Log", "Retry", "Session"]  # what commands and doors need

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 64  # of one command against other writers of the same stream
VALIDATORS = 512 << 10  # bytes of schemas that a process keeps ready


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
        retry.require_new(self.heads.answered(actor.account, retry.key))

    def _attempt(self, actor: Actor, retry: Retry | None, decide: Callable[[Session], R]) -> R:
        """Decide and save until both were on what is so.

        A save finds out whether what it was decided on still was. What saves nothing, a refusal
        or nothing to be done, cannot: it is decided on what is read anew.
        """
        for attempt in range(ATTEMPTS):
            session = Session(
                self.heads, actor, self.validator, self._recent, recalling=attempt == 0
            )
            with session.held:
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
                    retry.note(session)
                if retry is not None:
                    entries[-1] = replace(entries[-1], answer=retry.answered(result, session.now))
                try:
                    self._save(session)
                except RecordConflictError:
                    if session.standing:  # it may be that which is so no more
                        actor = with_memberships(actor, self.heads.memberships(actor.account))
                    if retry is not None:
                        self.require_new(actor, retry)
                    _yield(attempt)
                    continue
                if self._recent is not None:
                    self._recent.saved(session.changed.values(), entries)
                return result
        raise Conflict("Too many others are changing this at the same time; try again.")

    def _save(self, session: Session) -> None:
        """Store what was decided, if all that it relies on is still so."""
        # The next event of a stream says by itself what it builds on.
        relied = {id_: it for id_, it in session.relied.items() if id_ not in session.changed}
        recalled = [
            each
            for id_, each in session.recalled.items()
            if id_ not in session.changed and id_ not in relied
        ]
        # What `save` would do, without asking of each entry whether it is an aggregate: that takes
        # an eighth of a command.
        self.events.put(
            session.entries,
            entries=session.entries,
            heads=session.changed,
            relied=list(relied.values()),
            recalled=recalled,
            standing=list(session.standing),
        )


def _yield(attempt: int) -> None:
    """Let others write first, the longer the more often they came first."""
    sleep(random.uniform(0, 0.001 * (attempt + 1)))  # noqa: S311 - spreads writers
