"""What is asked of an object's versions is found by key, in a new database and a full one."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from projections import timeline
from projections.database import connect, serving
from tests.projections.tables import owner

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
    assert re.search(rf"Index (Only )?Scan Backward using versions_record_{index}_idx", plan)
    # What is open to everyone is found without going through what is not.
    assert "using versions_record_number_recorded_at_visibility_opens_at_idx" in plan
    assert "Bitmap Heap Scan on versions" not in plan


@pytest.fixture(scope="module")
def hidden(database: str) -> tuple[UUID, UUID]:
    """A record with 500 versions and its family; all but the last are restricted."""
    record, family = uuid4(), uuid4()
    with owner(database) as conn:
        conn.execute(
            "INSERT INTO view.records (id, version, recorded_at, pid, number, action, family,"
            " versions, schema_version, access, files, locations, created_at, index)"
            " SELECT %s, 501, now(), 'x', 7, gen_random_uuid(), %s, 500, 1,"
            """ '{"record":"public"}', 0, 0, now(), 1""",
            [record, family],
        )
        conn.execute(
            "INSERT INTO view.versions SELECT %s, n, gen_random_uuid(), at, at, 1,"
            " CASE n WHEN 499 THEN 'public' ELSE 'restricted' END, ''"
            " FROM generate_series(0, 499) n, LATERAL (SELECT timestamptz '2020-01-01'"
            " + n * interval '1 hour' AS at) times",
            [record],
        )
    return record, family


@pytest.mark.parametrize(
    "name",
    ["recorded_by_id", "valid_by_id", "nearest_by_id", "page_after", "page_before", "instants"],
)
@pytest.mark.parametrize("now", ["public", "restricted"])
def test_hidden_versions_are_not_gone_through(
    database: str, hidden: tuple[UUID, UUID], name: str, now: str
) -> None:
    """Neither to find what is open, nor to refuse who may see nothing."""
    params = PARAMS | {"key": hidden[0], "record": hidden[0], "public": now == "public"}
    with owner(database) as conn:
        conn.execute("UPDATE view.records SET access = %s", [Jsonb({"record": now})])
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN (ANALYZE) {timeline.SQL[name]}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    read = re.findall(r" on versions .*actual .*rows=(\d+)", plan)
    passed = re.findall(r"Rows Removed by Filter: (\d+)", plan)
    assert sum(int(each) for each in read + passed) <= 10, plan
