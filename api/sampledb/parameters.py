"""What paths, queries and headers of SampleDB's resources may say. Source: the specification, 2."""

from __future__ import annotations

from typing import Any

_INTEGER = {"type": "integer"}
_FROM_0 = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_COUNTED = {"type": "integer", "minimum": 1}
_USER = {"oneOf": [_COUNTED, {"const": "me"}]}
PARTS: dict[str, Any] = {
    "action_id": {**_COUNTED, "description": "number of an action"},
    "category_id": {**_COUNTED, "description": "number of a category of the instrument's log"},
    "comment": {**_FROM_0, "description": "number of a comment"},
    "entry_id": {**_COUNTED, "description": "number of an entry of the instrument's log"},
    "file": {**_FROM_0, "description": "number of a file of the object"},
    "group_id": {**_COUNTED, "description": "number of a group"},
    "index": {**_FROM_0, "description": "number of an assignment"},
    "instrument_id": {**_COUNTED, "description": "number of an instrument"},
    "location_id": {**_COUNTED, "description": "number of a location"},
    "location_type_id": {**_INTEGER, "description": "number of a location type; some are negative"},
    "number": {**_COUNTED, "description": "number of a group, a project, or an attachment"},
    "object_id": {
        "oneOf": [_COUNTED, {"type": "string", "minLength": 1}],
        "description": "number of an object, its pid, or its id as a deposit or a dataset",
    },
    "other": {**_FROM_0, "description": "number of another version"},
    "type_id": {**_INTEGER, "description": "number of an action type"},
    "user_id": {**_USER, "description": "number of a user; in places me, who asks"},
    "version": {**_FROM_0, "description": "number of a version"},
}

LOG_ENTRIES = {
    "after_id": {
        **_INTEGER,
        "description": "only what came after the entry of this number; without it, all",
    }
}

VERSION = {
    "embed_action": "any value: with the action, as `action`",
    "embed_user": "any value: with the account that published the version, as `user`",
    "include_diff": "true: with what makes it of the version before, as `data_diff`",
}

LISTING: dict[str, Any] = {
    "action_id": {**_COUNTED, "description": "only objects of this action"},
    "action_type": {
        "enum": ["sample", "measurement", "simulation", "template"],
        "description": "only objects of actions of this type",
    },
    "action_type_id": {"enum": [-99, -98, -97, -96], "description": "the same by number"},
    "q": "only objects that this advanced search is true of, as in: mass > 5 g and not sold",
    "use_advanced_search": {
        **_FLAG,
        "description": "false: q is words instead, each of which begins one of the object's",
    },
    "get_referencing_objects": {
        **_FLAG,
        "description": "each with the objects that refer to it, as `referencing_objects`",
    },
    "limit": {**_COUNTED, "description": "at most so many objects; without it, all"},
    "offset": {**_FROM_0, "description": "leave out so many first"},
    "name_only": {**_FLAG, "description": "data and schema cut down to the name"},
}
COUNT = {"Prefer": "count=exact: with X-Total-Count, how many there are"}
