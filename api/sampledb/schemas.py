"""What bodies and queries may hold, for the OpenAPI document. Source: the specification, 2."""

from __future__ import annotations

from typing import Any

from api.sampledb.memberships import DESCRIPTION_LENGTH, NAME_LENGTH
from api.shapes import anything
from domain.languages import ENGLISH, LANGUAGE, LANGUAGES

_INTEGER = {"type": "integer"}

NEW_VERSION: dict[str, Any] = {
    "type": "object",
    "anyOf": [
        {"type": "object", "required": ["data"]},
        {"type": "object", "required": ["data_diff"]},
    ],
    "additionalProperties": False,
    "properties": {
        "object_id": {**_INTEGER, "description": "must be that of the URL"},
        "version_id": {**_INTEGER, "description": "must be the next version's number"},
        "action_id": {**_INTEGER, "description": "must be the object's"},
        "schema": {"description": "the object's, or the present one of its action"},
        "data": {"description": "the document; kept byte for byte, completed as its schema says"},
        "data_diff": {
            "description": "instead of data or beside it: what makes the document of the last"
            ' version, nested as it is; a leaf is {"_before": …, "_after": …}'
        },
        "fed_object_id": {"type": "null"},
        "fed_version_id": {"type": "null"},
        "component_id": {"type": "null"},
    },
}

NEW_OBJECT: dict[str, Any] = {
    "type": "object",
    "required": ["action_id", "data"],
    "additionalProperties": False,
    "properties": {
        "version_id": {"const": 0},
        "action_id": _INTEGER,
        "schema": {"description": "the action's present one"},
        "data": {"description": "the document; kept byte for byte, completed as its schema says"},
        "fed_object_id": {"type": "null"},
        "fed_version_id": {"type": "null"},
        "component_id": {"type": "null"},
    },
}

NEW_FILE: dict[str, Any] = {
    "type": "object",
    "required": ["storage"],
    "additionalProperties": False,
    "properties": {
        "object_id": {**_INTEGER, "description": "must be that of the URL"},
        "storage": {"enum": ["database", "url"]},
        "original_file_name": {"type": "string", "minLength": 1, "maxLength": 150},
        "base64_content": {
            "type": "string",
            "contentEncoding": "base64",
            "description": "within the largest JSON body: larger files need another door",
        },
        "hash": {
            "type": "object",
            "required": ["algorithm", "hexdigest"],
            "additionalProperties": False,
            "properties": {
                "algorithm": {"enum": ["sha256", "sha512"]},
                "hexdigest": {"type": "string", "pattern": "^[0-9a-f]*$"},
            },
            "description": "of the content; the file is refused when it is another",
        },
        "base64_preview_image": {"type": "string", "contentEncoding": "base64"},
        "preview_image_mime_type": {
            "enum": ["application/pdf", "image/gif", "image/jpeg", "image/png", "text/plain"]
        },
        "url": {
            "type": "string",
            "maxLength": 2048,
            "description": "with storage url, alone; never fetched",
        },
    },
}

NEW_COMMENT: dict[str, Any] = {
    "type": "object",
    "required": ["content"],
    "properties": {
        "object_id": {**_INTEGER, "description": "must be that of the URL"},
        "content": {"type": "string", "minLength": 1, "description": "at most 64 KiB"},
    },
}

NEW_ACTION: dict[str, Any] = {
    "type": "object",
    "required": ["name", "type", "schema"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string"},
        "type": {
            "enum": ["sample", "measurement", "simulation", "template"],
            "description": "a template's schema is put where a schema has `template`, its number",
        },
        "instrument_id": {"type": ["integer", "null"]},
        "schema_language": {"enum": ["json-schema", "sampledb"], "default": "sampledb"},
        "schema": anything("in the language that is said"),
    },
}

_THEIRS = {"description": "must be as it is"}
_NUMBER_AS_IT_IS = {"type": ["integer", "null"], **_THEIRS}

ACTION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": ["string", "null"]},
        "is_hidden": {"type": "boolean"},
        "schema": anything("what is made from now on satisfies it"),
        "action_id": _NUMBER_AS_IT_IS,
        "instrument_id": _NUMBER_AS_IT_IS,
        "user_id": _NUMBER_AS_IT_IS,
        "type": {"type": "string", **_THEIRS},
        "type_id": _NUMBER_AS_IT_IS,
    },
}

NEW_ACCESS_TOKEN: dict[str, Any] = {
    "type": "object",
    "required": ["description"],
    "additionalProperties": False,
    "properties": {
        "description": {
            "type": "string",
            "maxLength": 1000,
            "description": "what it is for; with a refresh token the body is not looked at",
        }
    },
}


def word(*words: str) -> dict[str, Any]:
    """Return one of some words, in any case."""
    pattern = "|".join("".join(f"[{each.upper()}{each}]" for each in word) for word in words)
    said = f"{', '.join(words[:-1])} or {words[-1]}, in any case"
    return {"type": "string", "pattern": f"^({pattern})$", "description": said}


LEVEL = word("none", "read", "write", "grant")
LEVEL_OF_ALL = word("none", "read")


def words(least: int, longest: int) -> dict[str, Any]:
    """Return words of so many characters: a text in English, or texts by language."""
    text = {"type": "string", "maxLength": longest, **({"pattern": r"\S"} if least else {})}
    by_language = {
        "type": "object",
        "required": [ENGLISH],
        "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"},
        "maxProperties": LANGUAGES,
        "additionalProperties": text,
    }
    return {
        "oneOf": [text, by_language],
        "description": "a text in English, or texts by language",
    }


_NAME, _DESCRIPTION = words(1, NAME_LENGTH), words(0, DESCRIPTION_LENGTH)

NEW_GROUP: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": _NAME, "description": _DESCRIPTION},
}


def named(key: str) -> dict[str, Any]:
    """Return what gives a group, whose number has this key, another name or description."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            key: {**_INTEGER, "description": "must be that of the URL"},
            "name": _NAME,
            "description": _DESCRIPTION,
        },
    }


def member(key: str, *required: str, **role: dict[str, Any]) -> dict[str, Any]:
    """Return what makes a member, whose number has this key, or changes its role."""
    return {
        "type": "object",
        "required": [*required],
        "additionalProperties": False,
        "properties": {key: _INTEGER, **role},
    }
