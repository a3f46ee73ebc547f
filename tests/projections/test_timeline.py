"""What is asked of an object's versions is found by key, in a new database and a full one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from projections import timeline
from projections.database import connect, serving

PARAMS: dict[str, Any] = {
    "principals": f"{{{uuid4()},{uuid4()}}}",
    **dict.fromkeys(("as_of", "valid_at", "by"), "2026-01-01T00:00:00+00:00"),
    "record": uuid4(),
    "granted": False,
    "public": True,
    "after": 0,
    "before": 9,
    "limit": 100,
    "numbers": [1, 2],
}


@pytest.mark.parametrize("name", timeline.SQL)
def test_no_table_that_grows_is_read_whole(database: str, name: str) -> None:
    """Where reading a whole table would be cheapest for the moment, too."""
    key = uuid4() if name.endswith("_by_id") else 1
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {timeline.SQL[name]}", PARAMS | {"key": key}).fetchall()

    plan = "\n".join(line for (line,) in found)
    for table in ("records", "versions", "grants", "accounts"):
        assert f"Seq Scan on {table}" not in plan


@pytest.mark.parametrize("key", ["number", "id"])
@pytest.mark.parametrize(
    ("pick", "index"),
    [
        ("valid", "valid_from_number_recorded_at"),
        ("recorded", "recorded_at"),
        ("nearest", "recorded_at"),
    ],
)
def test_the_version_of_an_instant_is_found_by_an_index_on_it(
    database: str, pick: str, index: str, key: str
) -> None:
    """However many versions there are, the first that is looked at is it."""
    params = PARAMS | {"key": 1 if key == "number" else uuid4()}
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {timeline.SQL[f'{pick}_by_{key}']}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert f"Index Scan Backward using versions_record_{index}_idx" in plan
