"""What OpenAPI says of bodies and queries. What a draft's parts may be is never a refusal."""

from __future__ import annotations

from typing import Any

BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
PART: dict[str, Any] = {"type": "object"}
DRAFT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "access": PART,
        "files": PART,
        "metadata": PART,
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
    "properties": {"id": {"type": "string", "minLength": 1, "maxLength": 100}},
}
COMMUNITY: dict[str, Any] = {
    "type": "object",
    "required": ["access", "metadata"],
    "properties": {
        "access": {
            "type": "object",
            "properties": {
                "visibility": {"type": "string", "enum": ["public", "restricted"]},
                "member_policy": {"type": "string", "enum": ["open", "closed"]},
                "record_policy": {"type": "string", "enum": ["open", "closed", "restricted"]},
            },
        },
        "metadata": {
            "type": "object",
            "required": ["title"],
            "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 250}},
        },
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
