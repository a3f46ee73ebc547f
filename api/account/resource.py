"""How this door words refusals: as CAP and InvenioRDM do, whose clients are sent here."""

from __future__ import annotations

from typing import Any, ClassVar

from api.door import Dialect, Resource
from api.errors import status_of
from api.service import Service
from domain.errors import Invalid, Refusal


def body(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return `status` and `message`; where a body has faults `errors`, each with its field."""
    said: dict[str, Any] = {"status": status, "message": refusal.message}
    if isinstance(refusal, Invalid) and refusal.faults:
        said["errors"] = [
            {"field": [str(step) for step in each.path], "message": each.message}
            for each in refusal.faults
        ]
    return said


DIALECT = Dialect(
    name="account",
    status=status_of,
    error=body,
)


class AccountResource(Resource):
    """A resource of this door: one's own, so that one signs in."""

    dialect = DIALECT
    needs_login = True
    parts: ClassVar = {
        "id": {"type": "string", "format": "uuid", "description": "the id of a token"}
    }

    def __init__(self, service: Service) -> None:
        self.service = service
