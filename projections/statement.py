"""The one statement that a save is: events and the rows they change, all or nothing.

One round trip in autocommit, prepared: half the cost of BEGIN … COMMIT in a pipeline. The text
depends only on how many events and how many rows of which view a save has, so a few dozen texts
serve everything. It is made of the columns of our own Structs, never of anything a user sent.

The position is `(transaction id + offset) << 20 | ordinal`. A first event of a save whose
predecessor is missing, or does not stand at a smaller position, gets none, and NOT NULL refuses
the whole save: versions rise with positions in every stream. The same happens when an aggregate
that the save relies on has moved on. Its row is held until the save is durable, so that a change of
it, a permission revoked, is acknowledged only after whatever was saved on the strength of it; so is
the row of a member by whose membership something is saved, for a change of the membership. What
was only recalled (domain/recent.py) is compared and not held.

Before all that, a save of several streams takes a lock on each that it changes or relies on, in the
one order of all saves: else two that hold what the other waits for would stand still until
PostgreSQL ends one of them, a second later, and many on one family would do little else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Literal
from uuid import UUID

from domain.event import Aggregate
from domain.mapper import Stored
from domain.standing import Standing
from projections.registry import HEADS, VIEWS
from projections.view import Changes

ORDINALS = 1 << 20  # events that one save may have

MANY = 64  # rows; more of a view come as arrays, of which there are as many as columns
LOCKS = 32  # streams; saves of more are rare, and the server's table of locks is small

# A view, how many rows are put, how many keys and how many groups of keys end.
Touched = tuple[str, int, int, int]
Kinds = tuple[Literal["account", "group"], ...]
Locks = tuple[bool, ...]  # which are not shared
# Which events follow one; the views of what is relied on and of what was recalled, and the kinds of
# members that are relied on; what is locked; what is done to which view.
Shape = tuple[tuple[bool, ...], tuple[str, ...], tuple[str, ...], Kinds, Locks, tuple[Touched, ...]]
# Where members of a kind are, in what, and what is the member.
MEMBERS = {"account": ("members", "team", "account"), "group": ("member_groups", "project", "team")}


@lru_cache(maxsize=1024)
def _text(shape: Shape) -> str:
    """Return the statement of a shape."""
    follows, relied, recalled, standing, locks, touched = shape
    numbers = count(1)
    events = [_event(numbers, follows[0], relied, recalled, standing, locks)]
    events += [_event(numbers, later) for later in follows[1:]]
    values = ", ".join(events)
    parts = [
        "appended AS (INSERT INTO es.event"
        " (stream, version, topic, recorded_at, state, salt, digest, position)"
        f" VALUES {values} RETURNING position)"
    ]
    for name, upserts, deletes, groups in touched:
        key = VIEWS[name].key
        if upserts:
            parts.append(f"{name}_put AS ({_upsert(name, upserts, numbers)})")
        if deletes:
            parts.append(f"{name}_gone AS ({_delete(name, key, deletes, numbers)})")
        if groups:
            parts.append(f"{name}_ended AS ({_delete(name, key[:1], groups, numbers)})")
    return "WITH " + ", ".join(parts) + " SELECT position FROM appended ORDER BY position"


def _event(
    numbers: Iterator[int],
    later: bool,
    relied: tuple[str, ...] = (),
    recalled: tuple[str, ...] = (),
    standing: Kinds = (),
    locks: Locks = (),
) -> str:
    columns = _placeholders(numbers, 7)
    position = f"((txid_current() + es.txid_offset()) << 20) | ${next(numbers)}::bigint"
    if later:
        position = (
            f"(SELECT here.position FROM (SELECT {position} AS position) here, es.event before"
            f" WHERE before.stream = ${next(numbers)} AND before.version = ${next(numbers)}"
            " AND before.position < here.position)"
        )
    for name in relied:
        position = (
            f"(SELECT {position} FROM {name}"
            f" WHERE {name}.id = ${next(numbers)} AND {name}.version = ${next(numbers)} FOR SHARE)"
        )
    for name in recalled:
        position = (
            f"(SELECT {position} FROM {name}"
            f" WHERE {name}.id = ${next(numbers)} AND {name}.version = ${next(numbers)})"
        )
    for kind in standing:
        name, group, member = MEMBERS[kind]
        position = (
            f"(SELECT {position} FROM {name} WHERE {name}.{group} = ${next(numbers)}"
            f" AND {name}.{member} = ${next(numbers)}"
            f" AND {name}.role = ANY(${next(numbers)}::text[]) FOR SHARE)"
        )
    if locks:
        taken = ", ".join(
            f"pg_advisory_xact_lock{'' if alone else '_shared'}(${next(numbers)})"
            for alone in locks
        )
        position = f"(SELECT {position} FROM (SELECT {taken}) locked)"
    return f"({columns}, {position})"


def _placeholders(numbers: Iterator[int], length: int) -> str:
    return ", ".join(f"${next(numbers)}" for _ in range(length))


def _upsert(name: str, rows: int, numbers: Iterator[int]) -> str:
    view = VIEWS[name]
    types = [each.sql_type for each in view.columns.all]
    if rows > MANY:
        arrays = ", ".join(f"${next(numbers)}::{sql_type}[]" for sql_type in types)
        source = f"SELECT * FROM unnest({arrays})"
    else:
        values = ", ".join(
            "(" + ", ".join(f"${next(numbers)}::{sql_type}" for sql_type in types) + ")"
            for _ in range(rows)
        )
        source = f"VALUES {values}"
    news = ", ".join(
        f"{each.name} = excluded.{each.name}"
        for each in view.columns.all
        if each.name not in view.key
    )
    if view.sql.get("held"):
        news += f", {view.sql['held']}"
    return (
        f"INSERT INTO {name} ({view.columns.names}) {source}"
        f" ON CONFLICT ({', '.join(view.key)}) DO UPDATE SET {news}"
    )


def _delete(name: str, key: Sequence[str], rows: int, numbers: Iterator[int]) -> str:
    gone = ", ".join(f"({_placeholders(numbers, len(key))})" for _ in range(rows))
    return f"DELETE FROM {name} WHERE ({', '.join(key)}) IN ({gone})"


def compose(
    stored: Sequence[Stored],
    changes: Iterable[tuple[str, Changes[Any]]],
    relied: Sequence[Aggregate] = (),
    recalled: Sequence[Aggregate] = (),
    standing: Sequence[Standing] = (),
) -> tuple[str, list[Any]]:
    """Return the statement of a save, with PostgreSQL's own `$1`, and its parameters."""
    params: list[Any] = []
    follows: list[bool] = []
    begun: set[UUID | str] = set()
    locks = _locks(stored, relied, standing)
    for ordinal, event in enumerate(stored):
        later = event.originator_version > 1 and event.originator_id not in begun
        begun.add(event.originator_id)
        follows.append(later)
        params += (
            event.originator_id,
            event.originator_version,
            event.topic,
            event.recorded_at,
            event.state,
            event.salt,
            event.digest,
            ordinal,
        )
        if later:
            params += (event.originator_id, event.originator_version - 1)
        if ordinal == 0:
            for each in (*relied, *recalled):
                params += (each.id, each.version)
            for member in standing:
                params += (member.group, member.member, list(member.roles))
            params += locks
    touched: list[Touched] = []
    for name, changed in changes:
        dump = VIEWS[name].columns.dump
        rows, gone, ended = VIEWS[name].settled(changed)
        # However many they are: a text is made once for all numbers above MANY.
        touched.append((name, min(len(rows), MANY + 1), len(gone), len(ended)))
        if len(rows) > MANY:
            params += map(list, zip(*map(dump, rows), strict=True))
        else:
            for row in rows:
                params += dump(row)
        for key in (*gone, *ended):
            params += key
    held, seen = (tuple(HEADS[type(each)].name for each in those) for those in (relied, recalled))
    kinds = tuple(each.kind for each in standing)
    alone = tuple(locks.values())
    return _text((tuple(follows), held, seen, kinds, alone, tuple(touched))), params


def _locks(
    stored: Sequence[Stored], relied: Sequence[Aggregate], standing: Sequence[Standing]
) -> dict[int, bool]:
    """Return what a save locks, in order, and whether alone: those that it changes.

    Streams that begin are nobody else's yet, and who waits for one thing alone stands in no way.
    """
    new = {event.originator_id for event in stored if event.originator_version == 1}
    shared = {each.id for each in relied} | {each.group for each in standing}
    changed = {event.originator_id for event in stored} - new
    if not 1 < len(shared | changed) <= LOCKS:
        return {}
    keys = sorted((_lock(each), each in changed) for each in shared | changed)
    return dict(keys)


def _lock(stream: UUID | str) -> int:
    """Return the number of the advisory lock that stands for a stream."""
    return int.from_bytes(UUID(str(stream)).bytes[:8], signed=True)
