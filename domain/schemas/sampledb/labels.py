"""tags and hazards: lists of words and of GHS numbers, only at the top of an object."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from domain.errors import Path
from domain.schemas.sampledb.making import BASIC, EXPORTS, Kind, Making, refuse
from domain.schemas.sampledb.reading import Json, Leaf, Reading

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-äöüß")
HAZARDS = range(1, 10)


class Labels(Leaf):
    """Reads a list of different labels; each fault is at the label."""

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the labels one by one."""
        labels = value[self.type]
        if not isinstance(labels, list):
            reading.fault(path, f"{self.type} must be list")
            return
        seen: set[Any] = set()
        for place, label in enumerate(labels):
            message = self.wrong(label, seen)
            if message is None:
                seen.add(label)
            else:
                reading.fault((*path, self.type, place), message)

    @abstractmethod
    def wrong(self, label: Any, seen: set[Any]) -> str | None:
        """Return what is wrong with one label, after those before it."""


class Tags(Labels):
    """Reads tags. Tags of digits alone are refused where `words`: in a schema's default."""

    type = "tags"
    needed = frozenset({"_type", "tags"})

    def __init__(self, *, words: bool = False) -> None:
        super().__init__()
        self.words = words
        tag = {"type": "string", "pattern": "^[a-z0-9_äöüß-]*$"}
        self.settle(tags={"type": "array", "items": tag, "uniqueItems": True})

    def wrong(self, label: Any, seen: set[Any]) -> str | None:
        """Return what is wrong with a tag."""
        if not isinstance(label, str):
            return f"invalid tag type: {type(label)}"
        if label in seen:
            return f"duplicate tag: {label}"
        if label.lower() != label:
            return f"tag not lowercase: {label}"
        if not LETTERS.issuperset(label):
            return f"tag contains invalid character: {label}"
        if self.words and label.isdigit():
            return "numeric tags are not supported"
        return None


class Hazards(Labels):
    """Reads the numbers of GHS hazards. True passes for 1, and 1.0 does not, as in Python."""

    type = "hazards"
    needed = frozenset({"_type", "hazards"})

    def wrong(self, label: Any, seen: set[Any]) -> str | None:
        """Return what is wrong with a hazard."""
        if not isinstance(label, int):
            return f"invalid hazard index type: {type(label)}"
        if label in seen:
            return f"duplicate hazard index: {label}"
        return None if label in HAZARDS else f"invalid hazard index: {label}"


def check_tags(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type tags. Raises Invalid."""
    making.known(schema, path)
    if "default" in schema:
        reading = Reading()
        default = {"_type": "tags", "tags": schema["default"]}
        Tags(words=making.strict).read(default, (*path, "(default)"), reading)
        for fault in reading.findings:
            refuse(getattr(fault, "message", ""), fault.path)
    if path != ("tags",):
        refuse('Tags must be a top-level entry named "tags"', path)


def check_hazards(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type hazards. Raises Invalid."""
    making.known(schema, path)
    if path != ("hazards",):
        refuse('GHS hazards must be a top-level entry named "hazards"', path)


_SHARED = BASIC | EXPORTS | {"tooltip", "may_copy"}
TAGS = Kind(_SHARED | {"default"}, check_tags, lambda _schema, _making: Tags())
HAZARDS_KIND = Kind(_SHARED | {"note"}, check_hazards, lambda _schema, _making: Hazards())
