"""What CAP's resources answer, for the OpenAPI document. Source: the CAP specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cap import media
from api.door import JSON
from api.shapes import ANY, BOOLEAN, INTEGER, OBJECT, TEXT, TEXTS, Schema, array, maybe, told

FILE = told(
    "cap.File",
    {
        "key": TEXT,
        "size": INTEGER,
        "checksum": TEXT,
        "version_id": TEXT,
        "bucket": TEXT,
        "mimetype": TEXT,
        "created": TEXT,
        "updated": TEXT,
        "links": TEXTS,
    },
)
FILES = array(
    told("cap.ListedFile", {"id": TEXT, "filename": TEXT, "filesize": INTEGER, "checksum": TEXT})
)
TYPE = told(
    "cap.Type",
    {
        "name": TEXT,
        "version": TEXT,
        "fullname": maybe(TEXT),
        "is_indexed": BOOLEAN,
        "use_deposit_as_record": BOOLEAN,
        "deposit_schema": ANY,
        "record_schema": ANY,
        "config": ANY,
    },
)
ME = told(
    "cap.Me",
    {
        "id": INTEGER,
        "email": TEXT,
        "deposit_groups": array(OBJECT),
        "profile": OBJECT,
        "roles": array(TEXT),
    },
)
_DEPOSIT: dict[str, Any] = {
    "id": TEXT,
    "type": TEXT,
    "revision": INTEGER,
    "schema": told("cap.NameOfType", {"name": TEXT, "version": TEXT, "fullname": maybe(TEXT)}),
    "experiment": maybe(TEXT),
    "status": {"enum": ["draft", "published"]},
    "created_by": OBJECT,
    "created": TEXT,
    "updated": TEXT,
    "metadata": OBJECT,
    "labels": array(TEXT),
    "files": array(FILE),
    "is_owner": BOOLEAN,
    "access": OBJECT,
    "links": TEXTS,
}
DEPOSIT = told("cap.Deposit", _DEPOSIT, recid=TEXT, draft_id=TEXT)
_PLAIN = {"pid": TEXT, "metadata": OBJECT, "created": TEXT, "updated": TEXT}
_MAY = dict.fromkeys(("can_update", "can_admin", "can_review"), BOOLEAN)
# As what a deposit, or the record of one, is shown: media type → schema.
SHAPES: Mapping[str, Schema] = {
    JSON: DEPOSIT,
    media.BASIC: told("cap.Basic", _PLAIN, recid=TEXT),
    media.FORM: told(
        "cap.Form", {**_DEPOSIT, **_MAY, "schemas": OBJECT}, recid=TEXT, draft_id=TEXT
    ),
    media.PERMISSIONS: told("cap.Permissions", {"permissions": OBJECT}),
    media.REPOSITORIES: told("cap.Repositories", {"webhooks": array(OBJECT)}),
}
OTHERS = {kind: SHAPES[kind] for kind in media.OWN}


def lists() -> dict[str, Schema]:
    """Return the schemas of a page of deposits, by media type."""
    return {
        kind: told(
            f"{schema['title']}s",
            {
                "hits": told(f"{schema['title']}Hits", {"hits": array(schema), "total": INTEGER}),
                "links": TEXTS,
                "aggregations": OBJECT,
            },
        )
        for kind, schema in SHAPES.items()
    }
