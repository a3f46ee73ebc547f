"""What InvenioRDM's resources answer, for the OpenAPI document. Source: the specification."""

from __future__ import annotations

from typing import Any

from api.inveniordm.schemas import COMMUNITY_METADATA
from api.shapes import ANY, BOOLEAN, INTEGER, TEXT, TEXTS, Schema, anything, array, maybe, told

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
_FILE_OPTIONS = told(
    "inveniordm.FileOptions",
    {"enabled": BOOLEAN, "order": array(TEXT)},
    default_preview=TEXT,
    count=INTEGER,
    total_bytes=INTEGER,
)
_OWNED_BY = array(told("inveniordm.Owner", {"user": INTEGER}))
_PARENT = told(
    "inveniordm.Parent",
    {
        "id": TEXT,
        "access": told(
            "inveniordm.ParentAccess",
            {"owned_by": _OWNED_BY, "links": {**array(TEXT), "maxItems": 0}},
        ),
    },
)
_METADATA = anything("as it was given, its terms as the vocabularies word them")
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
    "files": _FILE_OPTIONS,
    "parent": _PARENT,
    "pids": {"type": "object", "maxProperties": 0},
    "versions": _VERSIONS,
    "links": TEXTS,
    "metadata": _METADATA,
}
RECORD = told(
    "inveniordm.Record",
    _RECORD,
    data={**ANY, "description": "of a record that another door made: its document"},
    ui=anything("what a page shows of it, in a language"),
    errors=array(_FAULT),
)
FILE = told(
    "inveniordm.File",
    {
        "key": TEXT,
        "created": INSTANT,
        "updated": INSTANT,
        "status": TEXT,
        "metadata": maybe(told("inveniordm.Picture", {"width": INTEGER, "height": INTEGER})),
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
    "inveniordm.Files",
    {"enabled": BOOLEAN, "links": TEXTS},
    default_preview=maybe(TEXT),
    entries=array(FILE),
    order=array(TEXT),
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
        "access": told(
            "inveniordm.Policies",
            {"visibility": TEXT, "member_policy": TEXT, "record_policy": TEXT},
            owned_by=_OWNED_BY,
        ),
        "links": TEXTS,
        "metadata": COMMUNITY_METADATA,
    },
)
LOGO = told(
    "inveniordm.Logo",
    {
        "bucket_id": TEXT,
        "checksum": TEXT,
        "created": INSTANT,
        "file_id": TEXT,
        "key": TEXT,
        "links": TEXTS,
        "metadata": {"type": "null"},
        "mimetype": TEXT,
        "size": INTEGER,
        "status": {"const": "completed"},
        "storage_class": TEXT,
        "updated": INSTANT,
        "version_id": TEXT,
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
    type=TEXT,
    created=INSTANT,
    updated=INSTANT,
    revision_id=INTEGER,
    title=TEXTS,
    title_l10n=TEXT,
    description=TEXTS,
    description_l10n=TEXT,
    icon=TEXT,
    links=TEXTS,
    props=TEXTS,
    tags=array(TEXT),
    retired={"const": True},
    name=TEXT,
    acronym=TEXT,
    identifiers=array(told("inveniordm.Identifier", {"identifier": TEXT, "scheme": TEXT})),
    subject=TEXT,
    scheme=TEXT,
)
_NO_ERRORS = {**array(TEXTS), "maxItems": 0}
NOT_TAKEN_OUT = told("inveniordm.NotTakenOut", {"errors": _NO_ERRORS})
PROCESSED = told(
    "inveniordm.Processed",
    {
        "processed": array(told("inveniordm.Included", {"community_id": TEXT})),
        "errors": _NO_ERRORS,
    },
)
_COUNTED = {"key": TEXT, "doc_count": INTEGER}
_KIND = told("inveniordm.KindBucket", {**_COUNTED, "label": TEXT, "is_selected": BOOLEAN})
_BUCKET = told(
    "inveniordm.Bucket",
    _COUNTED,
    label=TEXT,
    is_selected=BOOLEAN,
    inner=told("inveniordm.Kinds", {"buckets": array(_KIND)}),
)
_FACET = told(
    "inveniordm.Facet",
    {"buckets": array(_BUCKET)},
    label=TEXT,
    doc_count_error_upper_bound=INTEGER,
    sum_other_doc_count=INTEGER,
)


def at_home(elsewhere: Schema) -> dict[str, Any]:
    """Return the schema of a record at a path of two doors, in the shape of the one it is from."""
    return {"title": "inveniordm.RecordAtHome", "anyOf": [RECORD, elsewhere]}


def hits(of: Schema) -> dict[str, Any]:
    """Return the schema of a page of a list."""
    title = f"inveniordm.{of['title'].rpartition('.')[2]}"
    return told(
        f"{title}s",
        {
            "aggregations": {"type": "object", "additionalProperties": _FACET},
            "hits": told(f"{title}Hits", {"hits": array(of), "total": INTEGER}),
            "links": TEXTS,
            "sortBy": TEXT,
        },
    )
