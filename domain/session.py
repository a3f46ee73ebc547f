"""One command's view of the log: what it finds, what it decides, what it relies on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain import access, standing
from domain.access import Actor, Level
from domain.action import Action
from domain.draft import Draft
from domain.errors import Gone, Torn
from domain.event import A, Aggregate, Beginning, Change, Entry, evolve, next_instant
from domain.family import Family
from domain.heads import Heads
from domain.intake import Validator
from domain.recent import Recent
from domain.record import Past, Record
from domain.standing import Standing

Validators = Callable[[Action, int], Validator]


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
        self.standing: dict[Standing, None] = {}  # of memberships, each once
        self.held = ExitStack()  # names, until what is decided is saved
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

    def alone(self, name: str) -> None:
        """Have nobody else decide under this name until what is decided is saved.

        It is for what no aggregate says, as how many there are of something. Raises Torn while
        somebody else does, and it is decided again.
        """
        if not self.held.enter_context(self.heads.exclusive(name)):
            raise Torn

    def level(self, family: Family) -> Level:
        """Return the highest rung that the actor holds on a family.

        Where it comes of a membership, what is decided is saved only if that still is: nobody who
        was taken out of a group writes what its members may, however long a request has waited.
        """
        grants = family.rungs(self.now)
        found = access.needed(self.actor, grants)
        if found is not None:
            self.standing.update(dict.fromkeys(standing.of(self.actor.account, *found)))
        return access.level(self.actor, grants)

    def schema(self, action: UUID, version: int) -> bytes:
        """Return the exact bytes of an action's schema."""
        return self.heads.schema(action, version)

    def past(self, record: UUID, number: int) -> Past:
        """Return a published version of a record. Raises Gone where it was erased."""
        found = self.heads.past(record, number)
        if found is None:
            raise Gone(f"Version {number} was erased.")
        return found

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
