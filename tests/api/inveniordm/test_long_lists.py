"""A list of more records than may be asked for by a page's number, walked to its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import psycopg
import pytest
import requests
from inveniordm_py.client import InvenioAPI  # type: ignore[import-untyped]
from msgspec import Raw

from api.inveniordm.listing import WINDOW
from domain.commands.builtin import RECORD_MODEL
from domain.event import TICK, Entry, Event
from domain.family import FamilyCreated
from domain.identifiers import account_id, family_id, new_pid, record_id
from domain.mapper import EntryMapper
from domain.record import Published, RecordCreated
from domain.values import Access, FileOptions
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.api import asking
from tests.api.inveniordm import making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

MADE = WINDOW + 150
SIZE = 1000  # hits of a page
OPEN = Access(record="public", files="public")
SAID = Raw(orjson.dumps({"metadata": {"title": "Tin"}}))
COPY = (
    "COPY es.event (stream, version, position, topic, recorded_at, state, salt, digest)"
    " FROM STDIN (FORMAT BINARY)"
)
TYPES = ("uuid", "int4", "int8", "text", "timestamptz", "bytea", "bytea", "bytea")


@pytest.fixture(scope="module")
def many(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service that has so many public records, all in its log before it starts."""
    topics = fill(database)
    rebuild(database, [name for name, view in VIEWS.items() if topics & {*view.topics}])
    data: Path = tmp_path_factory.mktemp("many") / "data"
    with Running(data, "--workers", "1", DATABASE_URL=database) as running:
        yield running


def fill(database: str) -> set[str]:
    """Write the records' lives as one transaction would have; return the topics."""
    mapper, began, topics = EntryMapper(), datetime(2026, 1, 1, tzinfo=UTC), set()
    with psycopg.connect(database) as conn, conn.cursor() as cursor:
        row = cursor.execute("SELECT txid_current() << 20").fetchone()
        assert row is not None
        position: int = row[0]
        with cursor.copy(COPY) as copy:
            copy.set_types(TYPES)
            for number in range(MADE):
                for stream, version, event in life(number + 1):
                    at = began + timedelta(seconds=number) + TICK * version
                    entry = Entry(stream, version, at, account_id("admin"), "test", event)
                    stored = mapper.to_stored_event(entry)
                    copy.write_row(
                        (
                            *(stream, version, position, stored.topic, at),
                            *(stored.state, stored.salt, stored.digest),
                        )
                    )
                    position += 1
                    topics.add(stored.topic)
    return topics


def life(number: int) -> Iterator[tuple[UUID, int, Event]]:
    """What happens to a record: its stream, version and event."""
    parent, pid = new_pid(), new_pid()
    family, record = family_id(parent), record_id(pid)
    yield family, 1, FamilyCreated(owner=account_id("admin"), pid=parent)
    created = RecordCreated(pid=pid, number=number, action=RECORD_MODEL, family=family, access=OPEN)
    yield record, 1, created
    published = Published(
        number=0,
        body=SAID,
        schema_version=1,
        access=OPEN,
        manifest=None,
        options=FileOptions(enabled=False),
    )
    yield record, 2, published


def walked(nobody: httpx.Client, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a page and all that its links lead to."""
    yield page
    while (link := page["links"].get("next")) is not None:
        answer = nobody.get(link)
        assert answer.status_code == 200
        page = answer.json()
        yield page


@pytest.mark.parametrize("begin", [WINDOW // SIZE - 1, pytest.param(1, marks=pytest.mark.soak)])
def test_links_lead_through_a_list_of_any_length(many: Running, begin: int) -> None:
    """Each record once, in order, beside a writer, though no page's number leads so far."""
    shown = []
    with (
        asking.client(many) as nobody,
        asking.client(many, many.admin_token) as writer,
    ):
        first = nobody.get(RECORDS, params={"size": SIZE, "page": begin}).json()
        total = first["hits"]["total"]
        for page in walked(nobody, first):
            assert page["hits"]["total"] == total
            shown += [(each["created"], each["id"]) for each in page["hits"]["hits"]]
            making.record(writer)

    assert len({*shown}) == len(shown) == total - (begin - 1) * SIZE
    assert total >= MADE > WINDOW
    assert shown == sorted(shown, key=lambda each: each[0], reverse=True)


def test_links_lead_from_the_last_page_that_has_a_number_beyond_it(many: Running) -> None:
    """Of what is searched for too; a number leads no further."""
    asked: dict[str, Any] = {"q": "metadata.title:tin", "sort": "oldest", "size": SIZE}
    with asking.client(many) as nobody:
        last = nobody.get(RECORDS, params={**asked, "page": WINDOW // SIZE})
        beyond = nobody.get(RECORDS, params={**asked, "page": WINDOW // SIZE + 1})
        hits = [len(page["hits"]["hits"]) for page in walked(nobody, last.json())]

    assert beyond.status_code == 400
    assert hits == [SIZE, MADE - WINDOW]


def test_inveniordm_py_reads_as_far_as_page_numbers_lead(many: Running) -> None:
    """It follows no links: beyond the window it is refused, as InvenioRDM refuses."""
    client: Any = InvenioAPI(f"{many.url}/api", many.admin_token)

    page = client.records.search(size=SIZE, page=WINDOW // SIZE - 1)
    last = page.next_page()

    assert (len(page), len(last)) == (SIZE, SIZE)
    assert page._total >= MADE
    with pytest.raises(requests.HTTPError, match="400"):
        last.next_page()
