"""InvenioRDM's whole surface, one line a route."""

from __future__ import annotations

from api.inveniordm.drafts import Draft
from api.inveniordm.publishing import Publish
from api.inveniordm.records import Record, Records
from api.inveniordm.resource import InvenioRdmResource
from api.service import Service


def routes(service: Service) -> dict[str, InvenioRdmResource]:
    """Return path template → resource."""
    return {path: kind(service) for path, kind in PATHS.items()}


PATHS: dict[str, type[InvenioRdmResource]] = {
    "/api/records/": Records,
    "/api/records/{pid}": Record,
    "/api/records/{pid}/draft": Draft,
    "/api/records/{pid}/draft/actions/publish": Publish,
}
