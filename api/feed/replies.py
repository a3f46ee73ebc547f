"""What the feed answers, for the OpenAPI document."""

from __future__ import annotations

from api.shapes import INTEGER, TEXT, anything, array, maybe, told

EVENT = told(
    "muniment.StoredEvent",
    {
        "id": TEXT,
        "stream": {"type": "string", "format": "uuid"},
        "version": INTEGER,
        "recorded_at": {"type": "string", "format": "date-time"},
        "topic": TEXT,
        "by": maybe({"type": "string", "format": "uuid"}),
        "via": maybe(TEXT),
        "state": maybe(anything("the event as it is stored, as its topic has it")),
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    redacted={**array(TEXT), "description": "members of state that are not shown"},
    damaged={"const": True},
)
PAGE = told("muniment.Feed", {"events": array(EVENT), "next": maybe(TEXT)})
