"""Action types: those that SampleDB begins with. Source: the specification, 2 "Endpoints"."""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.sampledb import replies
from api.sampledb.resource import SampleDbResource
from api.shapes import array
from domain.errors import NotFound

TYPES = {
    -99: ("Sample Creation", "Sample"),
    -98: ("Measurement", "Measurement"),
    -97: ("Simulation", "Simulation"),
    -96: ("Schema Template", "Schema Template"),
}


def _shown(number: int) -> dict[str, Any]:
    name, object_name = TYPES[number]
    return {"type_id": number, "name": name, "object_name": object_name, "admin_only": False}


class ActionTypes(SampleDbResource):
    """/action_types/"""

    answers: ClassVar = {"GET": array(replies.ACTION_TYPE)}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with every type."""
        send(resp, [_shown(number) for number in TYPES])


class ActionType(SampleDbResource):
    """/action_types/{type_id}"""

    answers: ClassVar = {"GET": replies.ACTION_TYPE}

    async def on_get(self, req: Request, resp: Response, type_id: str) -> None:
        """200 with the type. Raises NotFound."""
        known = {str(number): number for number in TYPES}
        if type_id not in known:
            raise NotFound(f"There is no action type {type_id}.")
        send(resp, _shown(known[type_id]))
