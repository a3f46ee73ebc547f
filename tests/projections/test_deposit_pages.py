"""Pages of deposits: begun with the smaller side, whatever else there is, and read in parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from api import lucene
from domain.access import Actor, Level
from domain.commands import accounts, builtin, deposits, drafts
from domain.intake import document
from domain.log import Log
from projections import asking
from projections import deposits as listed
from projections.database import connect, serving
from projections.deposits import Wanted
from projections.objects import array
from tests.drafting import body, drafts_on, somebody

TABLES = ("families", "records", "grants", "drafts", "search", "versions")
TITLES = ("tin zinc", "lead", "tin", "iron")


def asked(who: Actor, **more: Any) -> Wanted:
    """A page of ten of somebody's, of which `more` may be asked."""
    text = more.pop("q", None)
    condition = lucene.parsed(text) if text else None
    compiled = None if condition is None else asking.compiled(condition)
    return Wanted(principals=who.principals, condition=compiled, limit=10, offset=0, **more)


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """The log of a database with the generic type."""
    with drafts_on(database) as log:
        log.run(accounts.OPERATOR, builtin.generic_type)
        yield log


def begun(log: Log, who: Actor, title: str) -> UUID:
    """Begin a deposit."""
    said = document(b'{"title": "%s"}' % title.encode())
    return log.run(who, deposits.create, "generic", None, said).record.id


@pytest.mark.parametrize(
    "more", [{}, {"q": "tin"}, {"owner": UUID(int=1), "by_match": True, "q": "a"}]
)
def test_a_page_is_found_by_indexes(database: str, more: dict[str, Any]) -> None:
    """What the asker holds at other doors, and what others published, is not read."""
    statement, params = listed.statement(asked(somebody(), **more))
    with connect(serving(database, "test", plan_cache_mode="force_custom_plan")) as conn:
        found = conn.execute(f"EXPLAIN {statement}", params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert "records_action_family_idx" in plan
    assert "grants_principal_family_idx" in plan
    assert "One-Time Filter" in plan
    for table in TABLES:
        assert f"Seq Scan on {table}" not in plan


@pytest.mark.parametrize("others", [0, 12])
@pytest.mark.parametrize("many", [0, 1000])
def test_a_page_is_the_same_whatever_it_begins_with(
    log: Log, database: str, others: int, many: int
) -> None:
    """The asker's drafts of deposits, the last changed first: no record, and nobody else's."""
    eve, bob = somebody(), somebody()
    made = {begun(log, eve, title): title for title in TITLES}
    published = begun(log, eve, "tin")
    log.run(eve, deposits.publish, published.hex)
    for _ in range(3):
        log.run(eve, drafts.create, body())
    for _ in range(others):
        begun(log, bob, "tin")

    def page(**more: Any) -> tuple[int, list[UUID]]:
        statement, params = listed.statement(asked(eve, **more))
        with connect(serving(database, "test")) as conn:
            [(total, ids)] = conn.execute(statement, params | {"many": many}).fetchall()
        return total, ids

    last = [*made][::-1]
    tin = [each for each in last if "tin" in made[each]]
    assert page() == (4, last)
    assert page(type="generic", owner=eve.account) == (4, last)
    assert page(type="other") == page(owner=bob.account) == (0, [])
    assert page(q="tin") == (2, tin)
    assert page(q="tin zinc", by_match=True) == (2, tin[::-1])


def test_documents_come_as_far_as_the_budget_goes(log: Log, database: str) -> None:
    """In the order that is asked for; what was deleted has none."""
    eve = somebody()
    ids = [begun(log, eve, title) for title in TITLES]
    log.run(eve, deposits.delete, ids[1].hex)
    named = [ids[0], ids[1], ids[2], ids[3], uuid4()]

    with connect(serving(database, "test")) as conn:
        params = {"ids": array(named), "principals": array(eve.principals), "budget": 40}
        rows = conn.execute(listed.THOSE, params).fetchall()

    assert [row[0] for row in rows] == named[:4]
    documents = [row[-2] for row in rows]
    assert documents == [b'{"title": "tin zinc"}', None, b'{"title": "tin"}', b""]
    assert [row[-1] for row in rows] == [Level.MANAGE] * 4
