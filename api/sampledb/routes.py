"""SampleDB's whole surface, one line a route. A collection answers with and without its slash."""

from __future__ import annotations

from api.sampledb.actions import Action, Actions
from api.sampledb.objects import Object, Objects
from api.sampledb.resource import SampleDbResource
from api.sampledb.users import User, Users
from api.sampledb.versions import Version, Versions
from api.service import Service

API = "/api/v1"


def routes(service: Service) -> dict[str, SampleDbResource]:
    """Return path template → resource."""
    objects = {
        prefix + path: kind(service, prefix or "")
        for prefix in (API, "")
        for path, kind in {
            "/objects/": Objects,
            "/objects/{object_id}": Object,
            "/objects/{object_id}/versions/": Versions,
            "/objects/{object_id}/versions/{version}": Version,
        }.items()
    }
    return objects | {
        f"{API}/actions/": Actions(service),
        f"{API}/actions/{{action_id}}": Action(service),
        f"{API}/users/": Users(service),
        f"{API}/users/{{user_id}}": User(service),
    }
