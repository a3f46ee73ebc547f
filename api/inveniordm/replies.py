"""What InvenioRDM's resources answer, for the OpenAPI document. Source: the specification."""

from __future__ import annotations

from typing import Any

from api.shapes import BOOLEAN, INTEGER, OBJECT, TEXT, TEXTS, Schema, array, maybe, told

INSTANT = {"type": "string", "format": "date-time"}
_FAULT = told("inveniordm.Fault", {"field": TEXT, "messages": array(TEXT)})
_ABOUT = {"id": TEXT, "created": INSTANT, "updated": INSTANT}
_ACCESS = told(
    "inveniordm.Access",
    {
        "record": TEXT,
        "files": TEXT,
        "status": TEXT,
        "embargo": told("inveniordm.Embargo", {"active": BOOLEAN}, reason=maybe(TEXT), until=TEXT),
    },
)
_VERSIONS = told(
    "inveniordm.Place", {"index": INTEGER, "is_latest": BOOLEAN, "is_latest_draft": BOOLEAN}
)
_RECORD: dict[str, Any] = {
    **_ABOUT,
    "expires_at": INSTANT,
    "revision_id": INTEGER,
    "is_published": BOOLEAN,
    "is_draft": BOOLEAN,
    "access": _ACCESS,
    "files": OBJECT,
    "parent": OBJECT,
    "pids": OBJECT,
    "versions": _VERSIONS,
    "links": TEXTS,
    "metadata": OBJECT,
}
RECORD = told("inveniordm.Record", _RECORD, data=OBJECT, ui=OBJECT, errors=array(_FAULT))
AT_HOME = told(  # at a path of two doors, in the shape of the one that made it
    "inveniordm.RecordAtHome",
    {**_ABOUT, "links": TEXTS, "metadata": OBJECT},
    access=OBJECT,
)
FILE = told(
    "inveniordm.File",
    {
        "key": TEXT,
        "created": INSTANT,
        "updated": INSTANT,
        "status": TEXT,
        "metadata": maybe(OBJECT),
        "links": TEXTS,
    },
    checksum=TEXT,
    sha256=TEXT,
    size=INTEGER,
    mimetype=TEXT,
    file_id=TEXT,
    version_id=TEXT,
    bucket_id=TEXT,
    storage_class=TEXT,
)
FILES = told(
    "inveniordm.Files", {"enabled": BOOLEAN, "links": TEXTS}, entries=array(FILE), order=array(TEXT)
)
ACCESS_LINK = told(
    "inveniordm.AccessLink",
    {
        "id": {"type": "string", "format": "uuid"},
        "token": TEXT,
        "permission": {"enum": ["view", "preview", "edit"]},
        "created_at": INSTANT,
        "expires_at": maybe(INSTANT),
    },
)
ACCESS_LINKS = told(
    "inveniordm.AccessLinks",
    {"hits": told("inveniordm.AccessLinkHits", {"hits": array(ACCESS_LINK), "total": INTEGER})},
)
COMMUNITY = told(
    "inveniordm.Community",
    {
        **_ABOUT,
        "slug": TEXT,
        "revision_id": INTEGER,
        "access": OBJECT,
        "links": TEXTS,
        "metadata": OBJECT,
    },
)
LOGO = told(
    "inveniordm.Logo",
    {
        "bucket_id": TEXT,
        "checksum": TEXT,
        "file_id": TEXT,
        "key": TEXT,
        "links": TEXTS,
        "metadata": {"type": "null"},
        "mimetype": TEXT,
        "size": INTEGER,
    },
)
_WHO = told("inveniordm.Person", {"type": TEXT, "id": TEXT, "name": TEXT, "description": TEXT})
PUBLIC_MEMBER = told("inveniordm.PublicMember", {"id": TEXT, "member": _WHO})
MEMBER = told(
    "inveniordm.Member",
    {
        "id": TEXT,
        "member": _WHO,
        "role": TEXT,
        "visible": BOOLEAN,
        "is_current_user": BOOLEAN,
        "permissions": {"type": "object", "additionalProperties": BOOLEAN},
    },
)
TERM = told(
    "inveniordm.Term",
    {"id": TEXT},
    created=INSTANT,
    updated=INSTANT,
    revision_id=INTEGER,
    title=TEXTS,
    title_l10n=TEXT,
    links=TEXTS,
    props=TEXTS,
    tags=array(TEXT),
)
NOT_TAKEN_OUT = told("inveniordm.NotTakenOut", {"errors": array(OBJECT)})
PROCESSED = told(
    "inveniordm.Processed",
    {
        "processed": array(told("inveniordm.Included", {"community_id": TEXT})),
        "errors": array(OBJECT),
    },
)


def hits(of: Schema) -> dict[str, Any]:
    """Return the schema of a page of a list."""
    title = f"inveniordm.{of['title'].rpartition('.')[2]}"
    return told(
        f"{title}s",
        {
            "aggregations": OBJECT,
            "hits": told(f"{title}Hits", {"hits": array(of), "total": INTEGER}),
            "links": TEXTS,
            "sortBy": TEXT,
        },
    )
