"""sample, measurement, object_reference, user and file: numbers of what must exist."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import BASIC, USUAL, Kind, Making, is_int, refuse, require
from domain.schemas.sampledb.reading import Json, Leaf, Node, Reading, Reference, World

TYPES = {"sample": -99, "measurement": -98}  # of the actions that their objects are made under


class OfType(Reference, frozen=True):
    """A number of an object under an action of one type."""

    type: str

    def _wrong(self, world: World) -> str | None:
        found = world.action_of(self.number)
        if found is None:
            return "object does not exist"
        return None if found[1] == TYPES[self.type] else f"object must be {self.type}"


class Filtered(Reference, frozen=True):
    """A number of an object under one of some actions, of one of some types, or either."""

    actions: tuple[int, ...] | None
    types: tuple[int, ...] | None
    either: bool

    def _wrong(self, world: World) -> str | None:
        found = world.action_of(self.number)
        if found is None:
            return "object does not exist"
        wrong = [
            message
            for number, wanted, message in (
                (found[0], self.actions, "object has wrong action"),
                (found[1], self.types, "object has wrong action type"),
            )
            if wanted is not None and number not in wanted
        ]
        return wrong[0] if len(wrong) > self.either else None


class OfUser(Reference, frozen=True):
    """A number of a user."""

    def _wrong(self, world: World) -> str | None:
        return None if world.has_user(self.number) else "user does not exist"


class OfFile(Reference, frozen=True):
    """A number of one of the object's files, and the extensions that its name may end in."""

    extensions: tuple[str, ...] | None

    def _wrong(self, world: World) -> str | None:
        name = world.file_name(self.number)
        if name is None:
            return "file does not exist"
        if self.extensions and not name.lower().endswith(self.extensions):
            return f"file name should have one of these extensions: {', '.join(self.extensions)}"
        return None


class Referring(Leaf):
    """Reads a number, and notes that it is to be looked up: not what another system left here."""

    key = "object_id"
    positive = False

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the number."""
        number = value[self.key]
        if not isinstance(number, int) or (self.key == "object_id" and number is True):
            reading.fault(path, f"{self.key} must be int")
        elif self.positive and number < 1:
            reading.fault(path, f"{self.key} must be positive")
        elif "component_uuid" not in value:
            reading.findings.append(self.reference(path, int(number)))

    @abstractmethod
    def reference(self, path: Path, number: int) -> Reference:
        """Return what is to be looked up."""


class Typed(Referring):
    """Reads samples or measurements."""

    needed = frozenset({"_type", "object_id"})

    def __init__(self, type_: str) -> None:
        super().__init__()
        self.type = type_

    def reference(self, path: Path, number: int) -> Reference:
        """Return that the object must be of the type."""
        return OfType(path, number, self.type)


class ObjectReference(Referring):
    """Reads references to objects."""

    type = "object_reference"
    needed = frozenset({"_type", "object_id"})
    positive = True

    def __init__(self, schema: Json) -> None:
        super().__init__()
        self.actions = _numbers(schema.get("action_id"))
        self.types = _numbers(schema.get("action_type_id"))
        filtered = self.actions is not None and self.types is not None
        self.either = filtered and schema.get("filter_operator") == "or"

    def reference(self, path: Path, number: int) -> Reference:
        """Return that the object must pass the filters."""
        return Filtered(path, number, self.actions, self.types, self.either)


class User(Referring):
    """Reads users. True passes for 1, as in Python."""

    type = "user"
    key = "user_id"
    needed = frozenset({"_type", "user_id"})
    positive = True

    def reference(self, path: Path, number: int) -> Reference:
        """Return that the user must exist."""
        return OfUser(path, number)


class File(Referring):
    """Reads files."""

    type = "file"
    key = "file_id"
    needed = frozenset({"_type", "file_id"})

    def __init__(self, schema: Json) -> None:
        super().__init__()
        extensions = schema.get("extensions")
        self.extensions = tuple(each.lower() for each in extensions) if extensions else None

    def reference(self, path: Path, number: int) -> Reference:
        """Return that the file must exist, and how its name must end."""
        return OfFile(path, number, self.extensions)


def _numbers(wanted: Any) -> tuple[int, ...] | None:
    if wanted is None:
        return None
    return tuple(wanted) if isinstance(wanted, list) else (wanted,)


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the types sample and measurement. Raises Invalid."""
    making.known(schema, path)


def check_reference(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type object_reference. Raises Invalid."""
    making.known(schema, path)
    for key in ("action_type_id", "action_id"):
        if not is_filter(schema.get(key)):
            refuse(f"{key} must be int, None or a list of ints", path)
    require_operators(schema, ("filter_operator",), path)


def is_filter(wanted: Any) -> bool:
    """Whether a value is an integer, a list of them, or null."""
    if isinstance(wanted, list):
        return all(is_int(each) for each in wanted)
    return wanted is None or is_int(wanted)


def require_operators(schema: Json, keys: tuple[str, ...], path: Path) -> None:
    """Pass when the members that say how filters combine say "and" or "or". Raises Invalid."""
    for key in keys:
        if schema.get(key, "and") not in ("and", "or"):
            refuse(f"{key} must be one of: 'and', 'or'", path)


def check_user(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type user. Raises Invalid."""
    making.known(schema, path)
    default = schema.get("default", "self")
    if default != "self" and not is_int(default):
        refuse('default must be "self" or int', path)


def check_file(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type file. Raises Invalid."""
    making.known(schema, path)
    if "extensions" in schema:
        listed = schema["extensions"]
        if not isinstance(listed, list) or not listed or not all(map(_is_extension, listed)):
            refuse("extensions must be a list of file extensions", path)
    require(schema, "preview", bool, "preview must be bool", path)


def _is_extension(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 1 and value.startswith(".")


def _typed(schema: Json, _making: Making) -> Node:
    return Typed(schema["type"])


TYPED = Kind(USUAL, check, _typed)
OBJECT_REFERENCE = Kind(
    USUAL | {"action_id", "action_type_id", "filter_operator"},
    check_reference,
    lambda schema, _making: ObjectReference(schema),
)
USER = Kind(USUAL | {"default"}, check_user, lambda _schema, _making: User())
FILE = Kind(
    BASIC | {"tooltip", "note", "conditions", "extensions", "preview"},
    check_file,
    lambda schema, _making: File(schema),
)
