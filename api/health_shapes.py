"""What /health answers, for the OpenAPI document."""

from __future__ import annotations

from api.shapes import BOOLEAN, INTEGER, TEXT, array, maybe, told

_NUMBER = {"type": "number"}
_AT = {"type": "string", "format": "date-time"}
_SINCE = maybe(_AT)
_READ = {"blobs": INTEGER, "bytes": INTEGER}
_CLEAN_UP = told(
    "muniment.CleanUp",
    {
        "finished_at": _SINCE,
        "removed": told("muniment.Removed", {**_READ, "uploads": INTEGER}),
        "waits_for": {"enum": ["backup", "repair", None]},
    },
)
_FIXITY = told(
    "muniment.Fixity",
    {
        "finished_at": _SINCE,
        "read": maybe(told("muniment.ReadOver", _READ)),
        "under_way": maybe(told("muniment.UnderWay", {"began_at": _AT, **_READ, "of": INTEGER})),
        "damaged": array(TEXT),
    },
)
_FOLLOWER = told("muniment.Follower", {"position": INTEGER, "seconds": _NUMBER})
_SEALS = told(
    "muniment.Seals",
    {"size": INTEGER, "seconds": _NUMBER, "problem": maybe(TEXT), "unpushed": BOOLEAN},
)
_ERASURES = told("muniment.Erasures", {"unscrubbed_since": _SINCE, "seconds": _NUMBER})
HEALTH = told(
    "muniment.Health",
    {
        "status": {"enum": ["ok", "degraded", "down"]},
        "problems": array(TEXT),
        "clean_up": _CLEAN_UP,
        "fixity": _FIXITY,
    },
    # Not while the database does not answer.
    follower=_FOLLOWER,
    seals=_SEALS,
    erasures=_ERASURES,
)
