"""What OpenAPI says of bodies and queries. What a draft's parts may be is never a refusal."""

from __future__ import annotations

from typing import Any

from api.shapes import anything
from domain.community import LONGEST
from domain.schemas.rdm.community import (
    LONGEST_DESCRIPTION,
    LONGEST_PAGE,
    LONGEST_TITLE,
    MOST_LISTED,
    TYPES,
)
from domain.schemas.rdm.files import KEY_LENGTH, ORDERED
from domain.schemas.rdm.text import MOST_SHORT

BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_TEXT: dict[str, Any] = {"type": "string"}
_VISIBILITY: dict[str, Any] = {"enum": ["public", "restricted"]}
_ACCESS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "record": _VISIBILITY,
        "files": _VISIBILITY,
        "embargo": {
            "type": "object",
            "properties": {
                "active": {"type": "boolean"},
                "until": {"type": ["string", "null"], "format": "date"},
                "reason": {"type": ["string", "null"]},
            },
        },
    },
}
_KEY: dict[str, Any] = {"type": "string", "maxLength": KEY_LENGTH}
_FILES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "enabled": {"type": "boolean"},
        "default_preview": {**_KEY, "type": ["string", "null"]},
        "order": {"type": "array", "maxItems": ORDERED, "items": _KEY},
    },
}
DRAFT: dict[str, Any] = {
    "type": "object",
    "description": "what is wrong in it is told in `errors`, and the rest is saved",
    "properties": {
        "access": _ACCESS,
        "files": _FILES,
        "metadata": anything("by InvenioRDM's record model"),
    },
}
READ: dict[str, Any] = {
    "prettyprint": "1: the JSON is indented",
    "ln": "the language of `ui`, before Accept-Language",
}
PARTS: dict[str, Any] = {
    "pid": {"type": "string", "minLength": 1, "description": "the public id of a record"},
    "key": {"type": "string", "minLength": 1, "description": "the name of a file"},
    "link": {"type": "string", "format": "uuid", "description": "the id of an access link"},
    "upload": {"type": "string", "minLength": 1, "description": "the id of an upload"},
    "community": {"type": "string", "minLength": 1, "description": "its slug, or its id"},
    "vocabulary": {"type": "string", "minLength": 1, "description": "the name of a vocabulary"},
    "term": {"type": "string", "minLength": 1, "description": "the id of a term"},
}
PRETTY = {"prettyprint": READ["prettyprint"]}
ACCESS_LINK_CHANGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "permission": {"type": "string", "enum": ["view", "preview", "edit"]},
        "expires_at": {"type": ["string", "null"], "description": "a date, or a date and a time"},
    },
}
ACCESS_LINK = ACCESS_LINK_CHANGE | {"required": ["permission"]}
NEW_FILES: dict[str, Any] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["key"],
        "properties": {"key": {"type": "string", "minLength": 1, "maxLength": 255}},
    },
}
LIST = READ | {
    "page": {"type": "integer", "minimum": 1, "description": "which page"},
    "size": {"type": "integer", "minimum": 1, "maximum": 10_000, "description": "hits; else 25"},
    "sort": "version, newest, oldest, updated-desc, updated-asc",
}
SEARCH = LIST | {
    "q": "a Lucene query string",
    "sort": "bestmatch, newest, oldest, version, updated-desc or mostrecent, updated-asc",
    "allversions": "true: every version, not the latest of each record alone",
    "after": "where a page begins, as links.next has it; page may then be any",
    "resource_type": "a facet, as image or image::image-photo; facets may be repeated",
    "access_status": "a facet: open, embargoed, restricted, metadata-only",
    "languages": "a facet: ids of languages",
    "publication_date": "a facet: years",
    "file_type": "a facet: extensions of files' names",
    "by_me": "True: what the asker owns alone",
    "type": "the name of a type of CAP's deposits",
}
OWN = SEARCH | {"is_published": "a facet: true, false"}
TERM = READ | {"ln": "the language of the second media type, before Accept-Language"}
TERMS = {
    **LIST,
    **TERM,
    "q": "a Lucene query string, of all that a term says",
    "suggest": "beginnings of words of names, or of an id; what is it, or begins so, comes first",
    "tags": "a tag that a term has; repeated, one of them",
    "sort": "title (of affiliations name, of subjects subject), bestmatch, newest, oldest",
    "after": "where a page of all begins, as links.next has it past 10,000; page may then be any",
}
COMMUNITY_NAME: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{LONGEST}}}$"}},
}
_SHORT: dict[str, Any] = {"type": "string", "maxLength": MOST_SHORT}
_HTML: dict[str, Any] = {"type": "string", "maxLength": LONGEST_PAGE}
_IDENTIFIERS: dict[str, Any] = {
    "type": "array",
    "maxItems": MOST_LISTED,
    "items": {"type": "object", "properties": {"identifier": _SHORT, "scheme": _SHORT}},
}
_TYPE: dict[str, Any] = {"enum": list(TYPES)}
_NAMED: dict[str, Any] = dict.fromkeys(("id", "name", "identifier", "scheme"), _SHORT)
_AWARD: dict[str, Any] = {
    **dict.fromkeys(("id", "number", "identifier", "scheme"), _SHORT),
    "title": {"oneOf": [_SHORT, {"type": "object", "additionalProperties": _TEXT}]},
    "identifiers": _IDENTIFIERS,
}
COMMUNITY_METADATA: dict[str, Any] = {
    "type": "object",
    "required": ["title"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
        "description": {"type": "string", "maxLength": LONGEST_DESCRIPTION},
        "type": {
            "oneOf": [
                _TYPE,
                {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": _TYPE, "title": anything("is not read")},
                },
            ]
        },
        "curation_policy": _HTML,
        "page": _HTML,
        "website": {"type": "string", "format": "uri"},
        "funding": {
            "type": "array",
            "maxItems": MOST_LISTED,
            "items": {
                "type": "object",
                "properties": {
                    "funder": {"type": "object", "properties": _NAMED},
                    "award": {"type": "object", "properties": _AWARD},
                },
            },
        },
        "affiliations": {
            "type": "array",
            "maxItems": MOST_LISTED,
            "items": {
                "type": "object",
                "properties": {"id": _SHORT, "name": _SHORT, "identifiers": _IDENTIFIERS},
            },
        },
    },
}
COMMUNITY: dict[str, Any] = {
    "type": "object",
    "required": ["access", "metadata"],
    "properties": {
        "access": {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "visibility": {"type": "string", "enum": ["public", "restricted"]},
                "member_policy": {"type": "string", "enum": ["open", "closed"]},
                "record_policy": {"type": "string", "enum": ["open", "closed", "restricted"]},
            },
        },
        "metadata": COMMUNITY_METADATA,
    },
}
NEW_COMMUNITY: dict[str, Any] = {
    "type": "object",
    "required": [*COMMUNITY["required"], *COMMUNITY_NAME["required"]],
    "properties": {**COMMUNITY["properties"], **COMMUNITY_NAME["properties"]},
}
COMMUNITIES = {
    **PRETTY,
    "q": "a Lucene query string, of all that a community says of itself",
    "sort": "newest, oldest, updated-desc, updated-asc, and with q bestmatch",
    "page": LIST["page"],
    "size": LIST["size"],
    "type": "organization, event, topic or project; repeated, one of them",
}
NAMED_MEMBERS: dict[str, Any] = {
    "type": "object",
    "required": ["members"],
    "properties": {
        "members": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["type", "id"],
                "properties": {"type": {"const": "user"}, "id": {"type": "string"}},
            },
        }
    },
}
MEMBERS_OF_ROLE: dict[str, Any] = {
    "type": "object",
    "required": ["members", "role"],
    "properties": {
        **NAMED_MEMBERS["properties"],
        "role": {"type": "string", "enum": ["reader", "curator", "manager", "owner"]},
    },
}
INCLUDING = PRETTY | {"page": LIST["page"], "size": LIST["size"], "sort": "newest"}
MEMBERS = PRETTY | {"page": LIST["page"], "size": LIST["size"], "sort": "name"}


def named(name: str) -> dict[str, Any]:
    """Return what a body is that names records or communities."""
    id_ = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    ids = {"type": "array", "minItems": 1, "maxItems": 100, "items": id_}
    return {"type": "object", "required": [name], "properties": {name: ids}}
