"""What somebody owns is found by indexes, however much others do; and is what he owns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from api import lucene
from domain.identifiers import record_id
from domain.log import Log
from projections import asking, follower, listing, mine, search
from projections.database import connect, serving
from projections.mine import Found, Wanted
from projections.wanted import Sort
from tests.drafting import drafts_on
from tests.projections.owning import Belongings, Own, chosen, facets, in_order

TABLES = ("families", "records", "versions", "grants", "drafts", "search", "listed", "es.event")


@pytest.mark.parametrize("text", ["", "tin", "metadata.title:tin", "updated:[2020 TO *]"])
@pytest.mark.parametrize("more", [{}, {"all_versions": True, "sort": "bestmatch"}])
def test_only_what_is_the_asker_s_is_read(database: str, text: str, more: dict[str, Any]) -> None:
    """In an empty database too, where reading a whole table would be cheapest."""
    condition = lucene.parsed(text)
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
    assert "listed_owner_idx" in plan
    for table in TABLES:
        assert f"Seq Scan on {table}" not in plan


Asked = Callable[[Belongings, Own], bool]

QUERIES: dict[str, Asked] = {  # and which records each finds
    "": lambda _, own: True,
    "tin": lambda _, own: "tin" in _title(own),
    "tin OR zinc": lambda _, own: bool({"tin", "zinc"} & {*_title(own)}),
    "NOT tin": lambda _, own: "tin" not in _title(own),
    "metadata.title:tin": lambda _, own: "tin" in _title(own),
    "metadata.publication_date:[2021 TO *]": lambda _, own: (
        own.values()["publication_date"] > "2020"
    ),
    "updated:[2020 TO *]": lambda _, own: True,
    "updated:[* TO 2020]": lambda _, own: False,
    "is_draft:true": lambda _, own: own.draft is not None,
    "tin AND is_published:true": lambda _, own: "tin" in _title(own) and own.draft is None,
    "versions.is_latest:true": lambda belongings, own: belongings.latest(own),
    "access.status:restricted": lambda _, own: own.values()["access_status"] == "restricted",
}
SORTS: list[Sort] = ["newest", "oldest", "updated-desc", "updated-asc"]
SELECTED: list[dict[mine.Facet, tuple[str, ...]]] = [
    {},
    {},
    {"is_published": ("false",)},
    {"publication_date": ("2021", "1999"), "access_status": ("restricted",)},
]


def _title(own: Own) -> list[str]:
    assert own.says is not None
    return own.says.title.split()


def find(database: str, wanted: Wanted) -> Found:
    """Find something."""

    async def ask() -> Found:
        db = search.searching_pool(database, 1)
        await db.open()
        try:
            return await mine.find(db, wanted)
        finally:
            await db.close()

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as log:
        yield log


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 1 << 32))
def test_what_is_found_is_what_the_owner_has_of_what_matches(
    database: str, log: Log, seed: int
) -> None:
    """Page, order, total and facets are those of a filter over all, wherever the follower is."""
    random, belongings = Random(seed), Belongings(log)
    others = Belongings(log)
    for _ in range(12):
        random.choice([belongings, belongings, others]).happen(random)
        if random.random() < 0.2:
            _follow(database)

    for _ in range(6):
        text, holds = random.choice([*QUERIES.items()])
        condition = lucene.parsed(text)
        wanted = Wanted(
            owner=belongings.owner.account,
            principals=belongings.owner.principals,
            condition=None if condition is None else asking.compiled(condition),
            sort=random.choice(SORTS),
            limit=random.choice([2, 100]),
            offset=random.choice([0, 0, 1]),
            all_versions=random.random() < 0.5,
            selected=random.choice(SELECTED),
        )
        found = find(database, wanted)
        shown = belongings.shown(every=wanted.all_versions)
        own = [each for each in shown if holds(belongings, each)]
        pids = in_order(chosen(own, wanted.selected), wanted.sort)

        assert found.total == len(pids), text
        page = pids[wanted.offset : wanted.offset + wanted.limit]
        assert [id_ for id_, _ in found.records] == [record_id(pid) for pid in page], text
        drafts = {record_id(each.pid) for each in own if each.draft}
        assert all(is_draft == (id_ in drafts) for id_, is_draft in found.records)
        for facet, counts in facets(own, wanted.selected).items():
            assert dict(found.facets[facet]) == counts, (text, facet)
        assert (found.next is None) == (wanted.offset + wanted.limit >= len(pids))
        if found.next is not None:
            following = find(database, replace(wanted, offset=0, after=found.next))
            rest = pids[wanted.offset + wanted.limit :][: wanted.limit]
            assert [id_ for id_, _ in following.records] == [record_id(pid) for pid in rest]


def _follow(database: str) -> None:
    with connect(serving(database, "follower")) as conn:
        while follower.step(conn, listing.following()):
            pass
