"""What proofs answer, for the OpenAPI document. Source: RFC 6962, 2.1."""

from __future__ import annotations

from api.shapes import INTEGER, TEXT, array, told

HEADER = told(
    "evidence.Header",
    {
        "stream": {"type": "string", "format": "uuid"},
        "version": INTEGER,
        "position": INTEGER,
        "topic": TEXT,
        "recorded_at": {"type": "string", "format": "date-time"},
        "digest": TEXT,
    },
)
INCLUSION = told(
    "evidence.Inclusion",
    {"index": INTEGER, "size": INTEGER, "hash": TEXT, "path": array(TEXT), "root": TEXT},
    header=HEADER,
    leaf=TEXT,
    checkpoint=TEXT,
)
CONSISTENCY = told(
    "evidence.Consistency",
    {"from": INTEGER, "to": INTEGER, "path": array(TEXT)},
    checkpoint=TEXT,
)
