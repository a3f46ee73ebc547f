"""What text and page say of one step, before they put it in their own form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from domain.instants import rfc3339
from domain.patches import indented, read
from projections.narration import Narration, narrate
from projections.replay import State, Step
from scripts.replaying.changes import Change, changes
from scripts.replaying.names import Names

# Fields that are called something.
NAMED = frozenset({"principal", "account", "owner", "action", "responsible", "community"})


class Told(NamedTuple):
    """One step in words. `facts` are (what, value), `state` what the object is after it."""

    revision: int
    topic: str
    title: str
    recorded_at: str
    valid_from: str | None  # None: since it was recorded, or no version
    who: str
    door: str
    facts: list[tuple[str, str]]
    changes: list[Change]
    state: list[tuple[str, str]]
    document: list[str] | None  # line by line; None: the event left it as it was


def tell(steps: Iterable[Step], names: Names) -> Iterator[Told]:
    """Give each step in words."""
    for step in steps:
        told = narrate(step.position, step.entry, step.before, step.document_before)
        version = told.changed.pop("version", None)
        document = step.state.document
        moved = document is not None and document is not step.document_before
        patch = told.patch or []
        yield Told(
            told.revision,
            told.topic,
            told.topic if version is None else f"{told.topic}: version {version}",
            rfc3339(told.recorded_at),
            _valid_from(told),
            names.of(told.by),
            told.via,
            _facts(told.changed, told.before, names),
            [*changes(bytes(step.document_before or b""), patch)] if patch else [],
            _state(step.state, names),
            _lines(bytes(document)) if moved and document is not None else None,
        )


def _valid_from(told: Narration) -> str | None:
    if told.valid_from is None or told.valid_from == told.recorded_at:
        return None
    return rfc3339(told.valid_from)


def _facts(changed: dict[str, Any], before: dict[str, Any], names: Names) -> list[tuple[str, str]]:
    found = []
    for name in {**changed, **before}:
        now, was = (_value(name, held.get(name), names) for held in (changed, before))
        if name not in before:
            found.append((name, now))
        elif name not in changed:
            found.append((name, f"{was} → none"))
        else:
            found.append((name, f"{was} → {now}"))
    return found


def _value(name: str, value: Any, names: Names) -> str:
    if name in NAMED and isinstance(value, str):
        return names.of(UUID(value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(key, held, names)}" for key, held in value.items())
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _state(state: State, names: Names) -> list[tuple[str, str]]:
    found = []
    if state.access is not None:
        found = [
            ("object", f"{state.number} ({state.pid})"),
            ("versions", str(state.versions)),
            ("access", _value("access", state.access, names)),
        ]
    if state.files:
        found.append(("files", str(state.files)))
    if state.locations:
        found.append(("locations", str(state.locations)))
    if state.schema_version is not None:
        found.append(("schema version", str(state.schema_version)))
    held = ", ".join(f"{names.of(who)} {rung}" for who, rung in state.grants.items())
    return [*found, ("permissions", held or "none")]


def _lines(document: bytes) -> list[str]:
    # In indented JSON a line feed stands between tokens only; U+2028 and U+0085 may be in a text.
    return indented(read(document)).split("\n")
