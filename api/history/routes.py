"""What Muniment adds to SampleDB's objects, one line a route; two of SampleDB's own do more.

A collection answers with and without its slash.
"""

from __future__ import annotations

from api.history.diff import Diff
from api.history.erasures import Erasures
from api.history.events import Events
from api.history.objects import Object
from api.history.restore import Restore
from api.history.timemap import TimeMap
from api.history.versions import Versions
from api.sampledb.resource import SampleDbResource
from api.service import Service


def routes(service: Service) -> dict[str, SampleDbResource]:
    """Return path template → resource."""
    return {
        prefix + path: kind(service, prefix)
        for prefix in ("/api/v1", "")
        for path, kind in {
            "/objects/{object_id}": Object,
            "/objects/{object_id}/versions/": Versions,
            "/objects/{object_id}/versions/{version}/diff/{other}": Diff,
            "/objects/{object_id}/timemap/": TimeMap,
            "/objects/{object_id}/events/": Events,
            "/objects/{object_id}/erasures/": Erasures,
            "/objects/{object_id}/restore": Restore,
        }.items()
    }
