"""SampleDB's whole surface, one line a route. A collection answers with and without its slash."""

from __future__ import annotations

from api.sampledb import permissions
from api.sampledb.actions import Action, Actions
from api.sampledb.files import Files, OneFile
from api.sampledb.objects import Object, Objects
from api.sampledb.resource import SampleDbResource
from api.sampledb.users import User, Users
from api.sampledb.versions import Version, Versions
from api.service import Service

API = "/api/v1"
PERMISSIONS = "/objects/{object_id}/permissions"


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
            "/objects/{object_id}/files/": Files,
            "/objects/{object_id}/files/{file}": OneFile,
            f"{PERMISSIONS}/users/": permissions.Users,
            f"{PERMISSIONS}/users/{{user_id}}": permissions.User,
            f"{PERMISSIONS}/public": permissions.Public,
            f"{PERMISSIONS}/authenticated_users": permissions.SignedIn,
            f"{PERMISSIONS}/anonymous_users": permissions.Anonymous,
        }.items()
    }
    return objects | {
        f"{API}/actions/": Actions(service),
        f"{API}/actions/{{action_id}}": Action(service),
        f"{API}/users/": Users(service),
        f"{API}/users/{{user_id}}": User(service),
    }
