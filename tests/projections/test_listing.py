"""The words of documents follow the log; a search for them waits for nobody."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from projections import asking, follower, listing, search
from projections.audit import audit
from projections.conditions import HasWords
from projections.database import connect, serving
from projections.objects import Filter
from projections.rebuild import rebuild
from tests.projections.tables import count, owner
from tests.writing import ADA, actor, create, log_on, publish


def found(database: str, text: str) -> list[int]:
    """The numbers of Ada's objects that have these words."""

    async def ask() -> list[int]:
        db = search.searching_pool(database, 1)
        await db.open()
        try:
            condition = asking.compiled(HasWords(text))
            page = await search.found(db, [ADA], Filter(), condition)
            return [line.number for line in page.lines]
        finally:
            await db.close()

    return asyncio.run(ask())


def follow(database: str) -> None:
    """Let the follower come to the end of the log."""
    with connect(serving(database, "follower")) as conn:
        while follower.step(conn, listing.following()):
            pass


def recent(database: str) -> list[tuple[UUID]]:
    """The families of which the follower has not come to everything."""
    with connect(serving(database, "test")) as conn:
        return conn.execute(listing.SQL["recent"]).fetchall()


@pytest.fixture
def made(database: str) -> UUID:
    """An object of Ada's, whose version 1 the follower has not come to."""
    with log_on(database) as log:
        record = log.run(actor(), create, b'{"name": "first"}')
        follow(database)
        return log.run(actor(), publish, record.id, b'{"name": "second"}').id


def test_what_was_just_written_is_found_before_the_follower_has_come_to_it(
    database: str, made: UUID
) -> None:
    """And what was written over is found no more, though the index still has it."""
    assert len(found(database, "second")) == 1
    assert found(database, "first") == []


def test_what_the_follower_has_come_to_is_found_once(database: str, made: UUID) -> None:
    """By the index alone."""
    before = found(database, "second")

    follow(database)

    assert recent(database) == []
    assert count(database, "view.listed") == count(database, "view.search")
    assert found(database, "second") == before


def test_an_audit_names_words_that_are_not_the_documents(database: str, made: UUID) -> None:
    """A rebuild of the search mends them; what is still to come is not wrong."""
    assert [each for each in audit(database) if each.view == "listed"] == []
    follow(database)
    with log_on(database) as log:
        other = log.run(actor(), create, b'{"name": "third"}').id
    follow(database)
    with owner(database) as conn:
        conn.execute("UPDATE view.listed SET words = 'tin' WHERE record = %s", [made])
        conn.execute("DELETE FROM view.listed WHERE record = %s", [other])
        conn.execute(
            "INSERT INTO view.listed"
            " SELECT (jsonb_populate_record(l, %s)).* FROM view.listed l LIMIT 1",
            [Jsonb({"record": f"{uuid4()}", "family": f"{uuid4()}"})],
        )

    wrong = {each.what: each.message for each in audit(database) if each.view == "listed"}
    assert sorted(wrong) == ["row-changed", "row-missing", "row-unfounded"]
    assert "told other words than" in wrong["row-changed"]
    rebuild(database, ["search"])
    assert list(audit(database)) == []


def test_a_database_whose_search_is_made_anew_needs_no_follower(database: str, made: UUID) -> None:
    """Its words are filled with it, up to where the log is sure to be whole."""
    with owner(database) as conn:
        conn.execute("TRUNCATE view.listed")
        conn.execute("DELETE FROM es.follower")

    rebuild(database, ["search"])

    assert recent(database) == []
    assert len(found(database, "second")) >= 1
