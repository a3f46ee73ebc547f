"""One reading of a document: its faults, what is to be looked up, what is to be completed.

Nothing is looked up here. A reference to an object, a user or a file is noted among the faults,
in its place, and turns out to be one or none when the command asks (`Reference.fault`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol

from msgspec import Struct

from domain.errors import Fault, Path

MOST_FAULTS = 100

Json = dict[str, Any]


class World(Protocol):
    """What exists beside the document, asked within the command that writes it."""

    def action_of(self, number: int) -> tuple[int, int] | None:
        """Return the numbers of an object's action and of that action's type; None: no object."""

    def has_user(self, number: int) -> bool:
        """Whether there is a user of this number."""

    def file_name(self, number: int) -> str | None:
        """Return the name of one of the object's own files; None: it has no such file."""


class Reference(Struct, frozen=True):
    """A number in a document that must stand for something."""

    path: Path
    number: int

    def fault(self, world: World) -> Fault | None:
        """Return what is wrong with it, or None."""
        message = self._wrong(world)
        return Fault(self.path, message) if message else None

    @abstractmethod
    def _wrong(self, world: World) -> str | None: ...


Finding = Fault | Reference


class Added(Struct, frozen=True):
    """Members that an object lacks."""

    members: Json


class Replaced(Struct, frozen=True):
    """Another value in the place of one."""

    value: Any


Edit = Added | Replaced


class Reading:
    """What one reading found. `findings` are in SampleDB's order; `edits` go by their place."""

    __slots__ = ("edits", "faults", "findings")

    def __init__(self) -> None:
        self.faults = 0
        self.findings: list[Finding] = []
        self.edits: dict[Path, Edit] = {}

    def fault(self, path: Path, message: str) -> None:
        """Note a fault, while there are few enough for somebody to read."""
        self.faults += 1
        if self.faults <= MOST_FAULTS:
            self.findings.append(Fault(path, message))


class Node(ABC):
    """One place of a schema, ready to read values.

    `rules` is a JSON Schema that accepts values which, as far as it goes, are right as they are.
    `lean` reads the rest of values that it accepts; None when there is none. What it does not
    accept may still be right, and is for the node itself to decide.
    """

    rules: Json
    lean: Node | None

    @abstractmethod
    def read(self, value: Any, path: Path, reading: Reading) -> None:
        """Read one value at a place of the document, and note what is found."""


# Left behind by imports from elsewhere, tolerated beside every value.
IMPORT_KEYS = frozenset(
    {
        "export_edit_note",
        "component_uuid",
        "eln_source_url",
        "eln_object_url",
        "eln_user_url",
    }
)


class Leaf(Node):
    """A value with a `_type`: an object of few, known keys."""

    type: str
    needed: frozenset[str]

    def __init__(self, optional: frozenset[str] = frozenset()) -> None:
        self.allowed = self.needed | optional | IMPORT_KEYS
        self.rules = {}
        self.lean = self

    def read(self, value: Any, path: Path, reading: Reading) -> None:
        """Read the keys and the `_type`, then what is the type's own."""
        if type(value) is not dict:
            reading.fault(path, "invalid type")
        elif not value.keys() <= self.allowed:
            reading.fault(path, f"unexpected keys in schema: {keys(value.keys() - self.allowed)}")
        elif not value.keys() >= self.needed:
            reading.fault(path, f"missing keys in schema: {keys(self.needed - value.keys())}")
        elif value["_type"] != self.type:
            reading.fault(path, f'expected _type "{self.type}"')
        else:
            self.inside(value, path, reading)

    @abstractmethod
    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read what is the type's own."""

    def settle(self, **rules: Any) -> None:
        """Have JSON Schema accept values, by `rules` of the type's own keys, and read no more."""
        self.lean = None
        self.rules = {
            "type": "object",
            "properties": {
                "_type": {"const": self.type},
                **dict.fromkeys(sorted(IMPORT_KEYS), True),
                **rules,
            },
            "required": sorted(self.needed),
            "additionalProperties": False,
        }


def keys(names: Any) -> str:
    """Return names as SampleDB writes a set of them, in order and not too many."""
    found = sorted(str(name)[:80] for name in names)[:10]
    return "{" + ", ".join(map(repr, found)) + "}"
