"""What serves finds rows by key, however small the tables were when a statement was planned."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from projections import (
    deposits,
    draft_files,
    drafts,
    erasing,
    manifest_pages,
    objects,
    published,
    timeline,
)
from projections.database import connect, serving

PARAMS: dict[str, dict[str, Any]] = {
    "version_by_number": {"key": 1, "version": 0},
    "version_by_id": {"key": uuid4(), "version": 0},
    "head_by_number": {"key": 1},
    "newest": {"walk": 1000},
    "newest_under": {"walk": 1000, "action": uuid4(), "type": None},
    "granted": {"action": None, "type": None},
    "document": {"number": 1, "version": 0},
}
PAGE: dict[str, Any] = {
    "below": 10,
    "limit": 100,
    "offset": 0,
    "large": 1000,
    "principals": [uuid4(), uuid4()],
}


@pytest.mark.parametrize("name", PARAMS)
def test_no_table_that_grows_is_read_whole(database: str, name: str) -> None:
    """In a new database too, where reading a whole table would be cheapest for the moment."""
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {objects.SQL[name]}", PAGE | PARAMS[name]).fetchall()

    plan = "\n".join(line for (line,) in found)
    for table in ("records", "versions", "grants"):
        assert f"Seq Scan on {table}" not in plan


@pytest.mark.parametrize("name", ["version_by_number", "version_by_id"])
def test_a_version_is_found_by_its_primary_key(database: str, name: str) -> None:
    """Any other index has all versions of the record, which may be many."""
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {objects.SQL[name]}", PAGE | PARAMS[name]).fetchall()

    assert "using versions_pkey" in "\n".join(line for (line,) in found)


def test_what_is_open_to_everybody_is_found_without_what_is_closed(database: str) -> None:
    """In indexes of what is public or under an embargo, though time decides which of it is open."""
    seen = {"record": uuid4(), "granted": False, "public": True, "after": -1, "limit": 100}
    asked = (
        (objects.SQL["granted"], PAGE | PARAMS["granted"], "records_number_idx1"),
        (
            timeline.SQL["instants"],
            seen,
            "versions_record_number_recorded_at_visibility_opens_at_idx",
        ),
    )
    with connect(serving(database, "test")) as conn:
        for statement, params, index in asked:
            found = conn.execute(f"EXPLAIN {statement}", params).fetchall()

            assert index in "\n".join(line for (line,) in found)


@pytest.mark.parametrize("statement", [published.SQL["those"], drafts.THOSE])
def test_the_hits_of_a_page_are_read_one_by_one(database: str, statement: str) -> None:
    """By their ids, also with a plan that was made when there was nothing."""
    params = {"ids": [uuid4()], "principals": [uuid4()], "budget": 1000}
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert "records_pkey" in plan
    assert "families_pkey" in plan
    for whole in ("Seq Scan on", "Hash Join", "Merge Join"):
        assert whole not in plan


@pytest.mark.parametrize("statement", [deposits.THOSE, deposits.STANDING])
def test_the_deposits_of_a_page_are_read_by_their_ids(database: str, statement: str) -> None:
    """With what is asked of all of them together."""
    params = {"ids": [uuid4()], "principals": [uuid4()], "budget": 1000}
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert "records_pkey" in plan
    assert "families_pkey" in plan
    assert "Seq Scan" not in plan


def test_the_first_files_of_many_are_read_without_the_rest(database: str) -> None:
    """Of drafts and of lists, by their keys."""
    firsts = (
        (draft_files.view, {"records": [uuid4()], "limit": 100}),
        (manifest_pages.view, {"manifests": [uuid4()]}),
    )
    with connect(serving(database, "test")) as conn:
        for view, params in firsts:
            found = conn.execute(f"EXPLAIN {view.sql['firsts']}", params).fetchall()

            plan = "\n".join(line for (line,) in found)
            assert f"{view.name}_pkey" in plan
            assert "Seq Scan" not in plan


def test_who_has_a_list_of_files_is_found_by_indexes(database: str) -> None:
    """An erasure asks for it, and once more while it holds locks."""
    params = {"manifests": ["a"], "record": uuid4(), "numbers": [0], "draft": True}
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {erasing.SQL['lists']}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert "versions_expr_idx" in plan
    assert "records_expr_idx" in plan
