"""What requests say. Source: the InvenioRDM specification, 1 and 2."""

from __future__ import annotations

from typing import Any

from api.inveniordm.errors import UNREADABLE
from domain import documents
from domain.commands import models
from domain.commands.models import Sent
from domain.errors import Fault, Invalid

MISSING = "Missing data for required field."
MOST_KEYS = 10_000  # files that one request starts
MOST_IDS = 100  # records or communities that one request names


def sent(body: bytes, depth: int) -> Sent:
    """Return a draft's body by its members; an empty one says nothing. Raises Invalid."""
    try:
        return models.sent(body, depth)
    except Invalid as error:
        raise Invalid(f"{UNREADABLE} {error.message}") from error


def keys(body: bytes, depth: int) -> list[str]:
    """Return the keys of the files that a body starts, `[{"key": …}]`. Raises Invalid."""
    found = _read(body, depth)
    if not isinstance(found, list):
        raise Invalid("The body must be an array of objects, each with a key.")
    if len(found) > MOST_KEYS:
        raise Invalid(f"One request starts {MOST_KEYS} files at most.")
    keys, faults = [], []
    for at, each in enumerate(found):
        key = each.get("key") if isinstance(each, dict) else None
        if isinstance(key, str):
            keys.append(key)
        else:
            faults.append(Fault((at, "key"), MISSING if key is None else "Not a valid string."))
    if faults:
        raise Invalid("Each file needs a key.", tuple(faults))
    return keys


def object_of(body: bytes, depth: int) -> dict[str, Any]:
    """Return the object that a body is. Raises Invalid."""
    found = _read(body, depth)
    if not isinstance(found, dict):
        raise Invalid("The body must be an object.")
    return found


def _read(body: bytes, depth: int) -> Any:
    try:
        return documents.read(body, max_depth=depth)
    except Invalid as error:
        raise Invalid(f"{UNREADABLE} {error.message}") from error


def ids(body: bytes, depth: int, name: str) -> list[str]:
    """Return what a body names: `{name: [{"id": …}]}`. Raises Invalid, naming all that is wrong."""
    given = object_of(body, depth).get(name)
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_IDS:
        message = MISSING if given is None else f"Must be an array of 1 to {MOST_IDS} objects."
        raise Invalid(f"{name} is wrong.", (Fault((name,), message),))
    found, faults = [], []
    for at, each in enumerate(given):
        id_ = each.get("id") if isinstance(each, dict) else None
        if isinstance(id_, str):
            found.append(id_)
        else:
            faults.append(
                Fault((name, at, "id"), MISSING if id_ is None else "Not a valid string.")
            )
    if faults:
        raise Invalid(f"Each of {name} needs an id.", tuple(faults))
    return found
