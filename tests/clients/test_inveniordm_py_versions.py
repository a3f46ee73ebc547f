"""inveniordm-py, a published client of InvenioRDM, on versions: unmodified, on a real service."""

from __future__ import annotations

from typing import Any

import pytest
from inveniordm_py.client import InvenioAPI  # type: ignore[import-untyped]
from inveniordm_py.records.metadata import DraftMetadata  # type: ignore[import-untyped]

from tests.api import asking
from tests.api.inveniordm.making import body
from tests.running import Running


@pytest.fixture(scope="module")
def client(server: Running) -> Any:
    """The client, as a user."""
    return InvenioAPI(f"{server.url}/api", asking.user(server, "rdm").token)


@pytest.fixture
def pids(client: Any) -> list[str]:
    """A record's id and that of its next version, both published by the client."""
    first = client.records.create(DraftMetadata(**body())).publish()
    # What it answers with goes on with the record's id: the draft has another.
    begun = first.new_version()
    second = client.records(begun.data["id"]).draft
    second.update(DraftMetadata(**body(title="A second story")))
    second.publish()
    return [first.data["id"], begun.data["id"]]


def test_a_new_version_is_begun_filled_and_published(client: Any, pids: list[str]) -> None:
    """It is a record of its own, and says that it is the latest."""
    read = client.records(pids[1]).get()

    assert read.data["metadata"]["title"] == "A second story"
    assert read.data["versions"] == {"index": 2, "is_latest": True, "is_latest_draft": True}
    assert client.records(pids[0]).get().data["versions"]["is_latest"] is False


def test_the_latest_is_found_from_any_version(client: Any, pids: list[str]) -> None:
    """As it is read by its own id."""
    for pid in pids:
        latest = client.records(pid).versions.latest()
        assert latest.data["id"] == pids[1]
        assert latest.data["metadata"]["title"] == "A second story"


def test_all_versions_are_searched_page_by_page(client: Any, pids: list[str]) -> None:
    """The newest first."""
    found = client.records(pids[0]).versions.search(size=1)

    assert [each.data["id"] for each in found] == pids[1:]
    assert [each.data["id"] for each in found.next_page()] == pids[:1]
