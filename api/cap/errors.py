"""How CAP words a refusal. Source: the CAP specification, "Auth and scopes", "Representations".

A field is a list of strings: CAP's client joins it.
"""

from __future__ import annotations

from typing import Any

from api.errors import status_of
from domain.errors import Invalid, Refusal

FAULTY = "Validation error. Try again with valid data."


def status(refusal: Refusal) -> int:
    """Return the status: a document of the wrong shape is 422, what cannot be read 400."""
    return 422 if _is_faulty(refusal) else status_of(refusal)


def body(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return `status` and `message`, and `errors` where a document has faults."""
    if not (isinstance(refusal, Invalid) and refusal.faults):
        return {"status": status, "message": refusal.message}
    errors = [
        {"field": [str(step) for step in each.path], "message": each.message}
        for each in refusal.faults
    ]
    return {"status": status, "message": FAULTY, "errors": errors}


def _is_faulty(refusal: Refusal) -> bool:
    return isinstance(refusal, Invalid) and bool(getattr(refusal, "faults", ()))
