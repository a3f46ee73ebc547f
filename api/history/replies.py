"""What Muniment's own endpoints about an object answer, for the OpenAPI document."""

from __future__ import annotations

from api.shapes import ANY, INTEGER, TEXT, TEXTS, anything, array, maybe, told

INSTANT = {"type": "string", "format": "date-time"}
_NAMED = told(
    "muniment.Named",
    {"name": TEXT},
    user_id=INTEGER,
    group_id=INTEGER,
    project_id=INTEGER,
    community_id=TEXT,
)
WHO = {"oneOf": [_NAMED, TEXT, {"type": "null"}]}
VERSION = told(
    "muniment.Version",
    {
        "version": INTEGER,
        "recorded_at": INSTANT,
        "valid_from": INSTANT,
        "who": WHO,
        "action_id": INTEGER,
        "schema_version": INTEGER,
        "bytes": INTEGER,
        "restored_from": maybe(INTEGER),
        "etag": TEXT,
        "href": TEXT,
    },
)
EVENT = told(
    "muniment.Event",
    {
        "type": TEXT,
        "recorded_at": INSTANT,
        "who": WHO,
        "door": maybe(TEXT),
        "changed": maybe(anything("what of it is told, by its name")),
    },
    revision=INTEGER,
    version=INTEGER,
    valid_from=INSTANT,
    restored_from=maybe(INTEGER),
    href=TEXT,
    diff=TEXT,
    link=TEXT,
    damaged={"const": True},
    digest=TEXT,
)
ERASURE = told(
    "muniment.Erasure",
    {
        "version": maybe(INTEGER),
        "recorded_at": INSTANT,
        "erased_at": INSTANT,
        "reason": TEXT,
        "who": WHO,
    },
)
ERASED = told("muniment.Erased", {"href": TEXT, "remains": TEXT})
_MEMENTO = told("muniment.Memento", {"datetime": INSTANT, "uri": TEXT})
TIMEMAP = told(
    "muniment.TimeMap",
    {
        "original_uri": TEXT,
        "timegate_uri": TEXT,
        "timemap_uri": TEXTS,
        "mementos": told(
            "muniment.Mementos", {"list": array(_MEMENTO)}, first=_MEMENTO, last=_MEMENTO
        ),
    },
    next_uri=TEXT,
)
PATCH = array(told("muniment.Operation", {"op": TEXT, "path": TEXT}, value=ANY, **{"from": TEXT}))
