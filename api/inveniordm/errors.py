"""How InvenioRDM words a refusal. Source: the InvenioRDM specification, 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.errors import status_of
from domain.errors import Anonymous, Fault, Forbidden, Invalid, NoRecord, Refusal

DENIED = "Permission denied."
UNKNOWN = "The persistent identifier does not exist."
UNREGISTERED = "The persistent identifier is not registered."
FAULTY = "A validation error occurred."
UNREADABLE = "Unable to decode JSON data in request body."


def status(refusal: Refusal) -> int:
    """Return the status: who shows no credential is denied what a stranger is."""
    return 403 if isinstance(refusal, Anonymous) else status_of(refusal)


def body(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return `status` and `message`; where a document has faults `errors` before, as the seed."""
    message = _message(refusal)
    if isinstance(refusal, Invalid) and refusal.faults:
        return {"errors": listed(refusal.faults), "message": message, "status": status}
    return {"status": status, "message": message}


def listed(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    """Return faults by field: `{"field": "metadata.creators.0", "messages": […]}`."""
    fields: dict[str, list[str]] = {}
    for each in faults:
        fields.setdefault(".".join(map(str, each.path)), []).append(each.message)
    return [{"field": field, "messages": messages} for field, messages in fields.items()]


def _message(refusal: Refusal) -> str:
    if isinstance(refusal, Anonymous | Forbidden):
        return DENIED
    if isinstance(refusal, NoRecord):
        return UNKNOWN
    if isinstance(refusal, Invalid) and refusal.faults:
        return FAULTY
    return refusal.message
