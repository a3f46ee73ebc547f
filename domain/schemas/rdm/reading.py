"""Reading a document that may be wrong anywhere: what is valid is kept, every fault is named.

A reader is given a value and the Reading that it is part of, and returns what to keep of it, or
MISSING. What is wrong is taken away at its smallest: a text, a date, a pair of scheme and
identifier; what holds it stays with the rest. The messages are marshmallow's, which the clients of
InvenioRDM show. Source: the InvenioRDM specification, 2 (row 1) and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from domain.errors import Fault, Path
from domain.schemas.rdm.vocabulary import Ref, Terms

MOST_FAULTS = 1_000  # named of one document; an answer is not made longer than this says
REQUIRED = "Missing data for required field."
MISSING: Final[Any] = object()


class Reading:
    """What comes of one document on the way: its faults, and the terms that it refers to."""

    __slots__ = ("_pending", "faults", "markup", "tags", "trail")

    def __init__(self, *trail: str) -> None:
        self.trail: list[str | int] = list(trail)  # to what is being read
        self.faults: list[Fault] = []
        self.tags = 0  # of HTML so far, and the characters of the texts that have any
        self.markup = 0
        self._pending: list[tuple[Ref, dict[str, Any], dict[str, Any], Path]] = []

    def fault(self, message: str, *steps: str | int) -> None:
        """Name a fault here, or some steps further."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault((*self.trail, *steps), message))

    def refer(self, ref: Ref, kept: dict[str, Any], given: dict[str, Any]) -> None:
        """Remember a reference, the object that is kept of it and the one it came as."""
        self._pending.append((ref, kept, given, tuple(self.trail)))

    @property
    def references(self) -> set[Ref]:
        """The terms that are referred to."""
        return {ref for ref, _, _, _ in self._pending}

    def settle(self, terms: Terms) -> bool:
        """Empty what refers to no term, and name it; say whether there was any."""
        settled = True
        for ref, kept, given, path in self._pending:
            term = terms.get(ref)
            if term is None:
                wrong = Fault((*path, "id"), f"Invalid value {ref[1]}.")
            elif ref[0] == "licenses" and given.get("title", term.title) != term.title:
                wrong = Fault(
                    path,
                    "Only an existing id or free text title/description/link is accepted, "
                    "but not both cases at the same time",
                )
            else:
                continue
            settled = False
            kept.clear()
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(wrong)
        return settled


Reader = Callable[[Any, Reading], Any]
Check = Callable[[dict[str, Any], dict[str, Any], Reading], Any]


def record(
    fields: Mapping[str, Reader],
    *,
    required: Collection[str] = (),
    shown: Collection[str] = (),
    check: Check | None = None,
) -> Reader:
    """Read an object. `shown`: what answers add to it and requests may bring back, for nothing.

    `check` sees what was kept and what came, and returns what to keep.
    """

    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, dict):
            reading.fault("Invalid input type.")
            return MISSING
        trail = reading.trail
        kept: dict[str, Any] = {}
        for name, given in value.items():
            reader = fields.get(name)
            if reader is None:
                if name not in shown:
                    reading.fault("Unknown field.", name)
                continue
            trail.append(name)
            if given is None:
                reading.fault("Field may not be null.")
            elif (found := reader(given, reading)) is not MISSING:
                kept[name] = found
            trail.pop()
        for name in required:
            if name not in value:
                reading.fault(REQUIRED, name)
        if check is not None:
            kept = check(kept, value, reading)
        return kept or MISSING

    return read


def many(item: Reader, check: Callable[[list[Any], Reading], list[Any]] | None = None) -> Reader:
    """Read a list. An empty one is kept as such, one of which nothing is left is not."""

    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, list):
            reading.fault("Not a valid list.")
            return MISSING
        trail = reading.trail
        kept = []
        trail.append(0)
        for index, given in enumerate(value):
            trail[-1] = index
            if given is None:
                reading.fault("Field may not be null.")
            elif (found := item(given, reading)) is not MISSING:
                kept.append(found)
        trail.pop()
        if check is not None:
            kept = check(kept, reading)
        return kept if kept or not value else MISSING

    return read


def without_nulls(read: Reader) -> Reader:
    """Read an object of which answers give members that are null, and requests bring them back."""

    def read_rest(value: Any, reading: Reading) -> Any:
        if isinstance(value, dict):
            value = {name: given for name, given in value.items() if given is not None}
        return read(value, reading)

    return read_rest


def flag(value: Any, reading: Reading) -> Any:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    reading.fault("Not a valid boolean.")
    return MISSING


def without_empty(value: Any) -> Any:
    """Return a value without empty objects and what holds nothing else, or MISSING."""
    if isinstance(value, dict):
        found = ((name, without_empty(held)) for name, held in value.items())
        return {name: held for name, held in found if held is not MISSING} or MISSING
    if isinstance(value, list) and value:
        return [held for held in map(without_empty, value) if held is not MISSING] or MISSING
    return value
