"""InvenioRDM's search: what `q` asks for, a Lucene query string. Source: the specification, 4."""

from __future__ import annotations

from projections.conditions import Condition


def parsed(text: str) -> Condition | None:
    """Return what a query asks for; None: nothing. Raises Invalid for one that is too much."""
    from api.inveniordm.query import parser  # what it takes is loaded when somebody searches

    return parser.parsed(text)
