"""What bodies about locations and instruments may hold, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from api.sampledb.places import DESCRIPTION, LOG_OPTIONS, NAME, RULES
from api.sampledb.schemas import words
from domain.commands.instruments import TITLE_LENGTH

_INTEGER = {"type": "integer"}
_NUMBER_OR_NULL = {"type": ["integer", "null"]}
_BOOLEAN = {"type": "boolean"}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


_THE_URLS = {**_INTEGER, "description": "must be that of the URL"}
_NAME, _DESCRIPTION = words(1, NAME), words(0, DESCRIPTION)
_TYPE = {"name": _NAME, **dict.fromkeys(RULES, _BOOLEAN)}
_LOCATION = {
    "name": _NAME,
    "description": _DESCRIPTION,
    "parent_location_id": _NUMBER_OR_NULL,
    "type_id": _INTEGER,
}
_CHANGED = {**_LOCATION, "is_hidden": _BOOLEAN, "enable_object_assignments": _BOOLEAN}
_INSTRUMENT = {
    "name": _NAME,
    "description": _DESCRIPTION,
    "is_hidden": _BOOLEAN,
    "instrument_scientists": {"type": "array", "items": _INTEGER, "description": "users"},
    "location_id": _NUMBER_OR_NULL,
    **dict.fromkeys(LOG_OPTIONS, _BOOLEAN),
}
_TEXT = {
    "content": {"type": ["string", "null"]},
    "content_is_markdown": _BOOLEAN,
    "category_ids": {"type": "array", "items": _INTEGER},
    "event_utc_datetime": {"type": ["string", "null"], "description": "an instant of RFC 3339"},
}

NEW_LOCATION_TYPE = _object(_TYPE, "name")
LOCATION_TYPE = _object({"location_type_id": _THE_URLS, **_TYPE}, *_TYPE)
NEW_LOCATION = _object(_LOCATION, "name")
LOCATION = _object({"location_id": _THE_URLS, **_CHANGED}, *_CHANGED)
NEW_INSTRUMENT = _object(_INSTRUMENT, "name")
INSTRUMENT = _object({"instrument_id": _THE_URLS, **_INSTRUMENT}, *_INSTRUMENT)
_TITLE = {"type": "string", "minLength": 1, "maxLength": TITLE_LENGTH}
CATEGORY = _object({"title": _TITLE}, "title")
CATEGORY_AGAIN = _object({"category_id": _THE_URLS, "title": _TITLE}, "title")
NEW_ASSIGNMENT = _object(
    {
        "object_id": _THE_URLS,
        "location_id": _NUMBER_OR_NULL,
        "responsible_user_id": _NUMBER_OR_NULL,
        "description": _DESCRIPTION,
    }
)
NEW_LOG_ENTRY = _object(
    {
        **_TEXT,
        "file_attachments": {
            "type": "array",
            "items": _object(
                {
                    "file_name": {"type": "string", "minLength": 1, "maxLength": 256},
                    "base64_content": {"type": "string", "contentEncoding": "base64"},
                },
                "file_name",
                "base64_content",
            ),
        },
        "object_attachments": {
            "type": "array",
            "items": _object({"object_id": _INTEGER}, "object_id"),
        },
    },
    "content",
)
LOG_ENTRY_VERSION = _object({"log_entry_id": _THE_URLS, "version_id": _INTEGER, **_TEXT}, "content")
