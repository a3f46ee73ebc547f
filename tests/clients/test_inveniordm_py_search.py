"""inveniordm-py, a published client of InvenioRDM, on searches: unmodified, on a real service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from inveniordm_py.client import InvenioAPI  # type: ignore[import-untyped]
from inveniordm_py.records.metadata import DraftMetadata  # type: ignore[import-untyped]

from tests.api import asking
from tests.api.inveniordm.making import body
from tests.api.inveniordm.searching import word
from tests.running import Running


@pytest.fixture(scope="module")
def client(server: Running) -> Any:
    """The client, as a user."""
    return InvenioAPI(f"{server.url}/api", asking.user(server, "rdm").token)


def publish(client: Any, title: str) -> Any:
    """Publish a record by the client."""
    return client.records.create(DraftMetadata(**body(title=title))).publish()


def walked(page: Any) -> Iterator[Any]:
    """Give all records page by page, as a user of the client does: it follows no links."""
    while len(page):
        yield from page
        page = page.next_page()


def test_records_are_searched_and_iterated_page_by_page(client: Any) -> None:
    """The newest first, each a resource that goes on from there."""
    mine = word()
    pids = [publish(client, mine).data["id"] for _ in range(5)]

    found = client.records.search(q=mine, size=2)

    records = list(walked(found))
    assert [each.data["id"] for each in records] == pids[::-1]
    assert found._total == 5
    assert found._aggregations["resource_type"]["buckets"][0]["doc_count"] == 5
    assert [each.data["id"] for each in found.next_page().prev_page()] == pids[:2:-1]
    assert records[0].get().data["metadata"]["title"] == mine
    assert records[1].data["ui"]["resource_type"]["title_l10n"] == "Photo"


def test_all_records_and_all_versions_are_iterated(client: Any) -> None:
    """Without a query too, though there is more than this test has made."""
    mine = word()
    first = publish(client, mine)
    begun = first.new_version().data["id"]
    second = client.records(begun).draft
    second.update(DraftMetadata(**body(title=mine)))
    second.publish()
    pid = client.records.search(q=mine, allversions=True, sort="oldest")._hits[0]["id"]

    latest = [each.data["id"] for each in walked(client.records.search(q=mine))]
    every = [each.data["id"] for each in walked(client.records.search(q=mine, allversions=True))]
    everything = {each.data["id"] for each in walked(client.records.search(size=500))}
    versions = [each.data["id"] for each in walked(client.records(pid).versions.search(size=1))]

    assert latest == [begun]
    assert every == versions == [begun, pid]
    assert begun in everything
    assert pid not in everything


def test_a_search_that_is_refused_is_raised(client: Any) -> None:
    """400, and what is no query is searched as words."""
    with pytest.raises(requests.HTTPError, match="400"):
        client.records.search(sort="mostviewed")

    assert len(client.records.search(q=f'metadata.title:( "{word()}')) == 0
