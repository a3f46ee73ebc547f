"""What SampleDB's resources answer, for the OpenAPI document. Source: the specification, 2."""

from __future__ import annotations

from api.sampledb.parse import LEVELS
from api.sampledb.places import LOG_OPTIONS, RULES
from api.shapes import ANY, BOOLEAN, INTEGER, NULL, TEXT, TEXTS, anything, array, maybe, told

NUMBERS = {
    "title": "sampledb.Numbers",
    "type": "object",
    "additionalProperties": INTEGER,
    "description": "the numbers in the Location, each by its name, as object_id and version_id",
}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", "description": "UTC"}
PRECISE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$"}
DONE = told("sampledb.Done", {"message": TEXT})
LEVEL = {"title": "sampledb.Level", "enum": list(LEVELS)}
LEVELS_BY_NUMBER = {"type": "object", "additionalProperties": LEVEL}

USER = told(
    "sampledb.User",
    {
        "user_id": INTEGER,
        "name": TEXT,
        "orcid": maybe(TEXT),
        "affiliation": maybe(TEXT),
        "role": maybe(TEXT),
    },
    email=maybe(TEXT),
)
_HEAD = {
    "action_id": INTEGER,
    "instrument_id": maybe(INTEGER),
    "user_id": maybe(INTEGER),
    "type": TEXT,
    "type_id": INTEGER,
    "name": TEXT,
    "description": maybe(TEXT),
    "is_hidden": BOOLEAN,
}
_SCHEMA = anything("in SampleDB's language, or a JSON Schema")
ACTION = told("sampledb.Action", {**_HEAD, "schema": _SCHEMA})
ACTION_TYPE = told(
    "sampledb.ActionType",
    {"type_id": INTEGER, "name": TEXT, "object_name": TEXT, "admin_only": BOOLEAN},
)
_VERSION = {
    "object_id": INTEGER,
    "version_id": INTEGER,
    "action_id": INTEGER,
    "user_id": INTEGER,
    "utc_datetime": INSTANT,
    "schema": ANY,
    "data": ANY,
    "fed_object_id": NULL,
    "fed_version_id": NULL,
    "component_id": NULL,
}
VERSION = told("sampledb.Version", _VERSION, action=ACTION, user=maybe(USER), data_diff=ANY)
LINE = told(
    "sampledb.Line",
    _VERSION,
    referencing_objects=array(told("sampledb.Referring", {"object_id": INTEGER})),
)
COMMENT = told(
    "sampledb.Comment",
    {
        "object_id": INTEGER,
        "comment_id": INTEGER,
        "user_id": INTEGER,
        "utc_datetime": TEXT,
        "content": TEXT,
    },
)
FILE = told(
    "sampledb.File",
    {"object_id": INTEGER, "file_id": INTEGER, "storage": {"enum": ["database", "url"]}},
    url=TEXT,
    original_file_name=TEXT,
    hash=told("sampledb.Hash", {"algorithm": TEXT, "hexdigest": TEXT}),
    base64_content=TEXT,
    preview_image_mime_type=TEXT,
    base64_preview_image=TEXT,
)
_RELATED = told("sampledb.RelatedObject", {"object_id": INTEGER, "component_uuid": NULL})
RELATED = told(
    "sampledb.RelatedObjects",
    {"referencing_objects": array(_RELATED), "referenced_objects": array(_RELATED)},
)
ASSIGNMENT = told(
    "sampledb.Assignment",
    {
        "object_id": INTEGER,
        "location_id": maybe(INTEGER),
        "responsible_user_id": maybe(INTEGER),
        "user_id": INTEGER,
        "description": {"anyOf": [TEXT, TEXTS]},
        "utc_datetime": PRECISE,
    },
)
LOCATION_TYPE = told(
    "sampledb.LocationType",
    {"location_type_id": INTEGER, "name": TEXT, **dict.fromkeys(RULES, BOOLEAN)},
)
LOCATION = told(
    "sampledb.Location",
    {
        "location_id": INTEGER,
        "name": TEXT,
        "description": TEXT,
        "parent_location_id": maybe(INTEGER),
        "type_id": INTEGER,
        "is_hidden": BOOLEAN,
        "enable_object_assignments": BOOLEAN,
    },
)
INSTRUMENT = told(
    "sampledb.Instrument",
    {
        "instrument_id": INTEGER,
        "name": TEXT,
        "description": TEXT,
        "is_hidden": BOOLEAN,
        "instrument_scientists": array(INTEGER),
        "location_id": maybe(INTEGER),
        **dict.fromkeys(LOG_OPTIONS, BOOLEAN),
    },
)
CATEGORY = told("sampledb.Category", {"category_id": INTEGER, "title": TEXT})
LOG_VERSION = told(
    "sampledb.LogVersion",
    {
        "log_entry_id": INTEGER,
        "version_id": INTEGER,
        "utc_datetime": PRECISE,
        "content": TEXT,
        "categories": array(CATEGORY),
        "event_utc_datetime": maybe(PRECISE),
        "content_is_markdown": BOOLEAN,
    },
)
LOG_ENTRY = told(
    "sampledb.LogEntry",
    {"log_entry_id": INTEGER, "author": INTEGER, "versions": array(LOG_VERSION)},
)
ATTACHED_FILE = told(
    "sampledb.AttachedFile",
    {
        "file_attachment_id": INTEGER,
        "file_name": TEXT,
        "base64_content": TEXT,
        "is_hidden": BOOLEAN,
    },
)
ATTACHED_OBJECT = told(
    "sampledb.AttachedObject",
    {"object_attachment_id": INTEGER, "object_id": INTEGER, "is_hidden": BOOLEAN},
)
HAPPENED = told(
    "sampledb.ObjectLogEntry",
    {
        "log_entry_id": INTEGER,
        "type": TEXT,
        "object_id": INTEGER,
        "user_id": INTEGER,
        "data": {"type": "object", "additionalProperties": maybe(INTEGER)},
        "utc_datetime": INSTANT,
        "is_imported": BOOLEAN,
    },
)
PAIR = told(
    "sampledb.AccessToken",
    {
        "access_token": TEXT,
        "refresh_token": TEXT,
        "expiration_utc_datetime": INSTANT,
        "description": TEXT,
    },
)
_USER_IN_GROUP = told("sampledb.GroupUser", {"user_id": INTEGER, "href": TEXT})
GROUP_MEMBER = told("sampledb.GroupMember", {"user_id": INTEGER, "role": TEXT, "href": TEXT})
PROJECT_MEMBER = told(
    "sampledb.ProjectMember", {"user_id": INTEGER, "permissions": LEVEL, "href": TEXT}
)
PROJECT_GROUP = told(
    "sampledb.ProjectGroup", {"group_id": INTEGER, "permissions": LEVEL, "href": TEXT}
)
_NAMED = {"name": TEXTS, "description": TEXTS}
GROUP = told(
    "sampledb.Group", {"group_id": INTEGER, **_NAMED, "member_users": array(_USER_IN_GROUP)}
)
PROJECT = told(
    "sampledb.Project",
    {
        "project_id": INTEGER,
        **_NAMED,
        "member_users": array(PROJECT_MEMBER),
        "member_groups": array(PROJECT_GROUP),
    },
)
