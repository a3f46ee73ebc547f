"""A search that takes too long is refused, in every door, and nothing else waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

TOO_LONG = "The search takes too long; ask for something more specific."
SEARCHES = {
    RECORDS: {"q": "metadata.title:tin"},
    "/api/user/records": {},
    "/api/vocabularies/languages": {"q": "zuni"},
    f"{asking.API}/objects/": {"q": '"tin" in name'},
}


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose searches may take a second."""
    folder = tmp_path_factory.mktemp("hasty") / "data"
    with Running(folder, "--workers", "1", MUNIMENT_SEARCH_TIMEOUT="1") as running:
        yield running


def test_a_search_that_takes_too_long_is_refused(hasty: Running) -> None:
    """400, in the door's own shape, whatever is searched; here it waits for a lock."""
    with (
        asking.client(hasty, hasty.admin_token) as client,
        database(DataFolder(hasty.data), "test") as url,
        psycopg.connect(url) as holder,
        ThreadPoolExecutor(len(SEARCHES)) as threads,
    ):
        holder.execute("LOCK TABLE view.families, view.search, view.terms IN ACCESS EXCLUSIVE MODE")

        def search(path: str) -> httpx.Response:
            return client.get(path, params=SEARCHES[path])

        answers = list(threads.map(search, SEARCHES))
        holder.rollback()
        again = list(threads.map(search, SEARCHES))

    assert [each.status_code for each in answers] == [400] * len(SEARCHES)
    assert [each.json()["message"] for each in answers] == [TOO_LONG] * len(SEARCHES)
    assert [each.status_code for each in again] == [200] * len(SEARCHES)
