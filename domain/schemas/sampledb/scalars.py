"""bool and datetime."""

from __future__ import annotations

from datetime import datetime

from domain.errors import Path
from domain.schemas.sampledb.making import USUAL, Kind, Making, refuse, require
from domain.schemas.sampledb.reading import Json, Leaf, Reading

FORMAT = "%Y-%m-%d %H:%M:%S"
# Every text of this form is one that strptime takes; others are rare, and left to it.
PLAIN = (
    "^[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    " (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
)


def is_datetime(text: str) -> bool:
    """Whether a text is a date and time as SampleDB reads them: by Python's strptime."""
    try:
        datetime.strptime(text, FORMAT)
    except ValueError:
        return False
    return True


class Bool(Leaf):
    """Reads truth values."""

    type = "bool"
    needed = frozenset({"_type", "value"})

    def __init__(self) -> None:
        super().__init__()
        self.settle(value={"type": "boolean"})

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the value."""
        if not isinstance(value["value"], bool):
            reading.fault(path, "value must be bool")


class Datetime(Leaf):
    """Reads dates and times."""

    type = "datetime"
    needed = frozenset({"_type", "utc_datetime"})

    def __init__(self) -> None:
        super().__init__()
        self.settle(utc_datetime={"type": "string", "pattern": PLAIN})

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the date and time."""
        text = value["utc_datetime"]
        if not isinstance(text, str):
            reading.fault(path, "utc_datetime must be str")
        elif not is_datetime(text):
            reading.fault(path, "Please enter the date and time in the format: YYYY-MM-DD HH:MM:SS")


def check_bool(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type bool. Raises Invalid."""
    making.known(schema, path)
    require(schema, "default", bool, "default must be bool", path)


def check_datetime(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type datetime. Raises Invalid."""
    making.known(schema, path)
    require(schema, "default", str, "default must be str", path)
    if "default" in schema and not is_datetime(schema["default"]):
        refuse("invalid default value", path)


BOOL = Kind(USUAL | {"default"}, check_bool, lambda _schema, _making: Bool())
DATETIME = Kind(USUAL | {"default"}, check_datetime, lambda _schema, _making: Datetime())
