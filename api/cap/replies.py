"""What CAP's resources answer, for the OpenAPI document. Source: the CAP specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cap import media
from api.door import JSON
from api.shapes import ANY, BOOLEAN, INTEGER, TEXT, TEXTS, Schema, anything, array, maybe, told

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
        "deposit_groups": array(
            told(
                "cap.DepositGroup",
                dict.fromkeys(("name", "deposit_group", "description", "schema_path"), TEXT),
            )
        ),
        "profile": TEXTS,
        "roles": array(TEXT),
    },
)
_NONE: dict[str, Any] = {"type": "object", "maxProperties": 0}
_METADATA = anything("as it was given")
_PERSON = told("cap.Person", {"email": TEXT, "profile": TEXTS})
_RIGHT = told("cap.Right", {"users": array(_PERSON), "roles": array(TEXT)})
_HELD = told("cap.Holders", {"users": array(TEXT), "roles": array(TEXT)})
_CONFIG = anything("that of the type")
_SCHEMAS = told("cap.Schemas", {"schema": ANY, "uiSchema": _NONE, "config": _CONFIG})
_DEPOSIT: dict[str, Any] = {
    "id": TEXT,
    "type": TEXT,
    "revision": INTEGER,
    "schema": told("cap.NameOfType", {"name": TEXT, "version": TEXT, "fullname": maybe(TEXT)}),
    "experiment": maybe(TEXT),
    "status": {"enum": ["draft", "published"]},
    "created_by": _PERSON,
    "created": TEXT,
    "updated": TEXT,
    "metadata": _METADATA,
    "labels": array(TEXT),
    "files": array(FILE),
    "is_owner": BOOLEAN,
    "access": {"type": "object", "additionalProperties": _RIGHT},
    "links": TEXTS,
}
DEPOSIT = told("cap.Deposit", _DEPOSIT, recid=TEXT, draft_id=TEXT)
_PLAIN = {"pid": TEXT, "metadata": _METADATA, "created": TEXT, "updated": TEXT}
_MAY = dict.fromkeys(("can_update", "can_admin", "can_review"), BOOLEAN)
# As what a deposit, or the record of one, is shown: media type → schema.
SHAPES: Mapping[str, Schema] = {
    JSON: DEPOSIT,
    media.BASIC: told("cap.Basic", _PLAIN, recid=TEXT),
    media.FORM: told(
        "cap.Form", {**_DEPOSIT, **_MAY, "schemas": _SCHEMAS}, recid=TEXT, draft_id=TEXT
    ),
    media.PERMISSIONS: told(
        "cap.Permissions", {"permissions": {"type": "object", "additionalProperties": _HELD}}
    ),
    media.REPOSITORIES: told("cap.Repositories", {"webhooks": {**array(TEXTS), "maxItems": 0}}),
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
                "aggregations": _NONE,
            },
        )
        for kind, schema in SHAPES.items()
    }
