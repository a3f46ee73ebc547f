"""`files` of a record as requests give it: whether there are any, and how they are shown."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from domain.schemas.rdm.loading import Loaded
from domain.schemas.rdm.reading import MISSING, Reading, flag, many, record, without_nulls
from domain.values import FileOptions

ORDERED = 500  # keys of an order: each save has them in the log
KEY_LENGTH = 255  # characters. Source: InvenioRDM


def load(value: Any, keys: Container[str]) -> Loaded:
    """Read a request's `files`; `keys` are those of the files that there are."""
    reading = Reading("files")
    stored = _FILES(value, reading)
    preview = None if stored is MISSING else stored.get("default_preview")
    if preview is not None and preview not in keys:
        reading.fault(f"File with key {preview} does not exist.", "default_preview")
        del stored["default_preview"]
    return Loaded({} if stored is MISSING else stored, tuple(reading.faults))


def decided(stored: dict[str, Any]) -> FileOptions:
    """Return the options that are asked for; a record may have files when nothing else is said."""
    return FileOptions(
        enabled=stored.get("enabled", True),
        default_preview=stored.get("default_preview"),
        order=tuple(stored.get("order", ())),
    )


def _key(value: Any, reading: Reading) -> Any:
    """Read a file's key: code point by code point, blanks around it too."""
    if not isinstance(value, str):
        reading.fault("Not a valid string.")
        return MISSING
    if len(value) > KEY_LENGTH:
        reading.fault(f"Longer than maximum length {KEY_LENGTH}.")
        return MISSING
    return value


_keys = many(_key)


def _order(value: Any, reading: Reading) -> Any:
    """Read the keys of the files that come first; any others follow them."""
    if isinstance(value, list) and len(value) > ORDERED:
        reading.fault(f"Longer than maximum length {ORDERED}.")
        return MISSING
    return _keys(value, reading)


_FILES = without_nulls(
    record(
        {"enabled": flag, "default_preview": _key, "order": _order},
        shown=("count", "total_bytes", "entries", "links"),
    )
)
