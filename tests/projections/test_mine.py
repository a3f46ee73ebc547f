"""What somebody owns is found by indexes, however much others do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from api.inveniordm import query
from projections import asking, mine
from projections.database import connect, serving
from projections.mine import Wanted

TABLES = ("families", "records", "versions", "grants", "drafts", "search", "listed", "es.event")


@pytest.mark.parametrize("text", ["", "tin", "metadata.title:tin", "updated:[2020 TO *]"])
@pytest.mark.parametrize("more", [{}, {"all_versions": True, "sort": "bestmatch"}])
def test_only_what_is_the_asker_s_is_read(database: str, text: str, more: dict[str, Any]) -> None:
    """In an empty database too, where reading a whole table would be cheapest."""
    condition = query.parsed(text)
    asked = Wanted(
        owner=uuid4(),
        principals=(uuid4(),),
        condition=None if condition is None else asking.compiled(condition),
        selected={"resource_type": ("image-photo",), "is_published": ("true",)},
        **more,
    )
    statement, params = mine.statement(asked)
    with connect(serving(database, "test", plan_cache_mode="force_custom_plan")) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert "families_owner_idx" in plan
    for table in TABLES:
        assert f"Seq Scan on {table}" not in plan
