"""The search view: what it holds of documents, and what of a search an index is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from domain.errors import Invalid
from projections import asking, search
from projections.audit import audit
from projections.columns import Jsonb
from projections.conditions import (
    All,
    Condition,
    Either,
    Field,
    HasMatch,
    HasPhrase,
    HasWords,
    IsKnown,
    IsText,
    Not,
    Path,
    RefersTo,
    Step,
    Tagged,
)
from projections.database import connect, serving
from projections.migrate import migrate
from projections.rebuild import rebuild
from projections.searchable import LARGE, searchable
from tests.projections.tables import differences, keep, owner
from tests.writing import actor, create, log_on, publish

NAME = Path((Step("layers"), Step(None), Step("name")))
TITLE = Field(("metadata", "title"), numbers=False)
PARAMS: dict[str, Any] = {
    "below": 10,
    "limit": 100,
    "offset": 0,
    "walk": 1000,
    "large": 1000,
    "action": None,
    "type": None,
    "principals": [uuid4(), uuid4()],
}


def test_what_postgresql_cannot_evaluate_is_refused(database: str) -> None:
    """Though it should not have been let through so far: it is no failure of the service."""

    async def ask() -> None:
        db = search.searching_pool(database, 1)
        await db.open()
        try:
            for said in ("'tin' ~ '('", "'tin'::integer", "1 / 0", "10 ^ 10000"):
                with pytest.raises(Invalid, match="cannot be evaluated"):
                    await search.ask(db, f"SELECT {said}", {})
        finally:
            await db.close()

    asyncio.run(ask())


def plan(database: str, statement: str, params: dict[str, Any]) -> str:
    """How the server would carry a statement out."""
    options = {"plan_cache_mode": "force_custom_plan"}
    with connect(serving(database, "test", **options)) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()
    return "\n".join(line for (line,) in found)


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (IsText(NAME, "Tin"), "search_document_idx"),
        (RefersTo(NAME, 15), "search_document_idx"),
        (Either((Tagged("tin"), IsText(NAME, "Tin"))), "search_document_idx"),
        (HasWords("blue tin"), "listed_words_idx"),
        (HasPhrase("blue tin", TITLE), "listed_words_idx"),
        (All((HasPhrase("tin"), Not(HasPhrase("lead")))), "listed_words_idx"),
        (HasMatch("bl.*", "bl", TITLE), "listed_words_idx"),
        (IsKnown("id", "==", "aaaaa-bbbbb"), "records_pid_idx"),
        (Either((HasPhrase("tin"), IsKnown("id", "==", "tin"))), "records_pid_idx"),
    ],
)
@pytest.mark.parametrize("asked", ["page", "count"])
def test_equality_tags_references_words_and_ids_are_asked_of_an_index(
    database: str, condition: Condition, index: str, asked: str
) -> None:
    """In a new database too, where reading a whole table would be cheapest for the moment."""
    compiled = asking.compiled(condition)
    way = search.filled(search.SQL["hit"], compiled)

    found = plan(database, search.SQL[asked].replace("{found}", way), PARAMS | compiled.params)

    assert f"on {index}" in found or f"using {index} on" in found
    assert "Seq Scan" not in found


@pytest.mark.parametrize("way", ["near", "every"])
def test_what_no_index_knows_is_sought_without_reading_a_table_whole(
    database: str, way: str
) -> None:
    """From object to object, by their keys."""
    compiled = asking.compiled(HasWords("tin"))
    statement = search.SQL["page"].replace("{found}", search.filled(search.SQL[way], compiled))

    assert "Seq Scan" not in plan(database, statement, PARAMS | compiled.params)


def test_who_refers_to_an_object_is_asked_of_an_index(database: str) -> None:
    """That of the numbers in documents."""
    found = plan(database, search.SQL["referring"], PARAMS | {"numbers": [1, 2]})

    assert "on search_refers_idx" in found
    assert "Seq Scan" not in found


@contextmanager
def kept(database: str) -> Iterator[None]:
    """For the block, the view is as it was before."""
    keep(database, "inline")
    yield
    assert differences(database, "inline") == {}


DOCUMENTS = [
    b'{"a": 1e2, "b": [1.50, true, null, "\\u00fc"], "c": {"_type": "sample", "object_id": 3}}',
    b'"text"',
    b"[]",
    b'{"name": "huge", "text": "' + b"x " * LARGE + b'"}',
    b'{"nul\\u0000": "a\\u0000b", "x": -1e-20000}',
    b'["\\ud83d\\ude00"]',
]


def test_it_is_filled_in_a_database_that_has_none_yet(database: str) -> None:
    """As a migration leaves it, from the log; the newest version of each record."""
    with log_on(database) as log:
        for document in DOCUMENTS:
            made = log.run(actor(), create, b'{"older": 1}')
            log.run(actor(), publish, made.id, document)
    with kept(database):
        with owner(database) as conn:
            conn.execute("DROP TABLE view.search")

        migrate(database)


def test_it_is_made_again_as_it_was(database: str) -> None:
    """Whatever the documents are."""
    with log_on(database) as log:
        for document in DOCUMENTS:
            log.run(actor(), create, document)
    with kept(database):
        rebuild(database, ["search"])


def test_an_audit_compares_the_documents(database: str) -> None:
    """It is quiet about another spelling of them, and says where one is another."""
    with log_on(database) as log:
        made = [log.run(actor(), create, document) for document in DOCUMENTS]
    assert list(audit(database)) == []

    with owner(database) as conn:
        change = "UPDATE view.search SET document = document || '{\"a\": true}' WHERE record = %s"
        conn.execute(change, [made[0].id])
        conn.execute("DELETE FROM view.search WHERE record = %s", [made[2].id])
    found = {(each.what, str((each.key or {}).get("record"))) for each in audit(database)}

    assert found == {("row-changed", str(made[0].id)), ("row-missing", str(made[2].id))}
    rebuild(database, ["search"])
    assert list(audit(database)) == []


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(document=_json)
def test_any_document_can_be_held(database: str, document: Any) -> None:
    """NUL is left out of it, and nothing else."""
    held = searchable(Raw(json.dumps(document).encode()))

    with owner(database) as conn:
        row = conn.execute("SELECT %s::jsonb::text", [held.raw.decode()]).fetchone()
        conn.execute("SELECT es.words(%(d)s), es.refers(%(d)s)", {"d": held.raw.decode()})

    assert row is not None
    assert Jsonb(row[0].encode()) == held
    if "\\u0000" not in json.dumps(document):
        assert orjson.loads(held.raw) == document


def test_of_a_large_document_the_small_members_are_held() -> None:
    """In their order, as many as there is room for."""
    members = {"name": "tin", "long": "x" * LARGE, "b": "y" * 1000, "a": "z" * (LARGE - 500)}

    held = searchable(Raw(json.dumps(members).encode()))

    assert list(orjson.loads(held.raw)) == ["name", "b"]
    assert searchable(Raw(json.dumps(["x" * LARGE]).encode())).raw == b"{}"
