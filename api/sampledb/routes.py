"""SampleDB's whole surface, one line a route. A collection answers with and without its slash."""

from __future__ import annotations

from api.sampledb import groups, permissions, projects
from api.sampledb.access_tokens import AccessTokens
from api.sampledb.action_types import ActionType, ActionTypes
from api.sampledb.actions import Action, Actions
from api.sampledb.comments import Comments, OneComment
from api.sampledb.files import Files, OneFile
from api.sampledb.instrument_log import LogEntries, LogEntryResource, LogVersion, LogVersions
from api.sampledb.instruments import Instrument, Instruments, LogCategories, LogCategory
from api.sampledb.locations import Location, Locations, LocationType, LocationTypes
from api.sampledb.log_attachments import (
    FileAttachment,
    FileAttachments,
    ObjectAttachment,
    ObjectAttachments,
)
from api.sampledb.log_entries import ObjectLogEntries
from api.sampledb.object_locations import ObjectLocation, ObjectLocations
from api.sampledb.objects import Object, Objects
from api.sampledb.related import RelatedObjects
from api.sampledb.resource import SampleDbResource
from api.sampledb.users import User, Users
from api.sampledb.versions import Version, Versions
from api.service import Service

API = "/api/v1"
PERMISSIONS = "/objects/{object_id}/permissions"
INSTRUMENT = f"{API}/instruments/{{instrument_id}}"
LOG_ENTRY = f"{INSTRUMENT}/log_entries/{{entry_id}}"


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
            "/objects/{object_id}/comments/": Comments,
            "/objects/{object_id}/comments/{comment}": OneComment,
            "/objects/{object_id}/files/": Files,
            "/objects/{object_id}/files/{file}": OneFile,
            "/objects/{object_id}/locations/": ObjectLocations,
            "/objects/{object_id}/locations/{index}": ObjectLocation,
            "/objects/{object_id}/related_objects": RelatedObjects,
            f"{PERMISSIONS}/users/": permissions.Users,
            f"{PERMISSIONS}/users/{{user_id}}": permissions.User,
            f"{PERMISSIONS}/groups/": permissions.Groups,
            f"{PERMISSIONS}/groups/{{number}}": permissions.Group,
            f"{PERMISSIONS}/projects/": permissions.Projects,
            f"{PERMISSIONS}/projects/{{number}}": permissions.Project,
            f"{PERMISSIONS}/public": permissions.Public,
            f"{PERMISSIONS}/authenticated_users": permissions.SignedIn,
            f"{PERMISSIONS}/anonymous_users": permissions.Anonymous,
        }.items()
    }
    return objects | {
        f"{API}/actions/": Actions(service),
        f"{API}/actions/{{action_id}}": Action(service),
        f"{API}/action_types/": ActionTypes(service),
        f"{API}/action_types/{{type_id}}": ActionType(service),
        f"{API}/access_tokens/": AccessTokens(service),
        f"{API}/groups/": groups.Groups(service),
        f"{API}/groups/{{number}}": groups.Group(service),
        f"{API}/groups/{{number}}/member_users/": groups.MemberUsers(service),
        f"{API}/groups/{{number}}/member_users/{{user_id}}": groups.MemberUser(service),
        f"{API}/projects/": projects.Projects(service),
        f"{API}/projects/{{number}}": projects.Project(service),
        f"{API}/projects/{{number}}/member_users/": projects.MemberUsers(service),
        f"{API}/projects/{{number}}/member_users/{{user_id}}": projects.MemberUser(service),
        f"{API}/projects/{{number}}/member_groups/": projects.MemberGroups(service),
        f"{API}/projects/{{number}}/member_groups/{{group_id}}": projects.MemberGroup(service),
        f"{API}/location_types/": LocationTypes(service),
        f"{API}/location_types/{{location_type_id}}": LocationType(service),
        f"{API}/locations/": Locations(service),
        f"{API}/locations/{{location_id}}": Location(service),
        f"{API}/instruments/": Instruments(service),
        INSTRUMENT: Instrument(service),
        f"{INSTRUMENT}/log_categories/": LogCategories(service),
        f"{INSTRUMENT}/log_categories/{{category_id}}": LogCategory(service),
        f"{INSTRUMENT}/log_entries/": LogEntries(service),
        LOG_ENTRY: LogEntryResource(service),
        f"{LOG_ENTRY}/versions/": LogVersions(service),
        f"{LOG_ENTRY}/versions/{{version}}": LogVersion(service),
        f"{LOG_ENTRY}/file_attachments/": FileAttachments(service),
        f"{LOG_ENTRY}/file_attachments/{{number}}": FileAttachment(service),
        f"{LOG_ENTRY}/object_attachments/": ObjectAttachments(service),
        f"{LOG_ENTRY}/object_attachments/{{number}}": ObjectAttachment(service),
        f"{API}/object_log_entries/": ObjectLogEntries(service),
        f"{API}/users/": Users(service),
        f"{API}/users/{{user_id}}": User(service),
    }
