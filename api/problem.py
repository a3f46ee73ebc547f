"""How Muniment's own endpoints word a refusal: problem details that also carry `message`.

Source: RFC 9457. `message` is what SampleDB's clients show, so one client reads both.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.door import Dialect
from api.errors import status_of
from domain.errors import Invalid, Refusal

PROBLEM = "application/problem+json"


def body(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return the problem; `errors` say where, as JSON pointers, when a document has faults."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": refusal.message,
        "message": refusal.message,
    }
    if isinstance(refusal, Invalid) and refusal.faults:
        problem["errors"] = [
            {"detail": each.message, "pointer": _pointer(each.path)} for each in refusal.faults
        ]
    return problem


def _pointer(path: tuple[str | int, ...]) -> str:
    """Return a path as a JSON pointer. Source: RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


DIALECT = Dialect(
    name="muniment",
    status=status_of,
    error=body,
    created=lambda location: {"href": location},
    media_type=PROBLEM,
    any_origin=True,
)
