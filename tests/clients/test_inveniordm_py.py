"""inveniordm-py, a published client of InvenioRDM: unmodified, against a real service."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from inveniordm_py.client import InvenioAPI  # type: ignore[import-untyped]
from inveniordm_py.records.metadata import DraftMetadata  # type: ignore[import-untyped]

from tests.api import asking
from tests.api.inveniordm.making import METADATA, body
from tests.running import Running


@pytest.fixture(scope="module")
def client(server: Running) -> Any:
    """The client, as a user."""
    return InvenioAPI(f"{server.url}/api", asking.user(server, "rdm").token)


def test_a_draft_is_made_without_a_body_and_filled(client: Any) -> None:
    """It names what it lacks until it lacks nothing."""
    draft = client.records.create()
    assert draft.data["errors"]

    draft.update(DraftMetadata(**body()))

    assert "errors" not in draft.data._data
    assert draft.get().data["metadata"]["title"] == METADATA["title"]
    assert draft.data["ui"]["publication_date_l10n_long"] == "June 1, 2020"


def test_a_draft_is_published_read_edited_and_published_again(client: Any) -> None:
    """What the client read is what it sends back."""
    draft = client.records.create(DraftMetadata(**body()))
    record = draft.publish()
    assert record.data["is_published"] is True

    read = client.records(record.data["id"]).get()
    edited = read.edit()
    edited.data["metadata"]["title"] = "An Updated Romans story"
    again = edited.update().publish()

    assert read.data["metadata"]["title"] == METADATA["title"]
    assert again.data["id"] == read.data["id"]
    assert again.data["metadata"]["title"] == "An Updated Romans story"
    assert client.records(record.data["id"]).get().data == again.data._data


def test_a_draft_is_discarded(client: Any) -> None:
    """And read no more."""
    draft = client.records.create(DraftMetadata(**body()))

    assert draft.delete() is True

    with pytest.raises(requests.HTTPError, match="404"):
        draft.get()


def test_a_refusal_is_raised(client: Any) -> None:
    """With all that the service says of it."""
    draft = client.records.create()

    with pytest.raises(requests.HTTPError) as refused:
        draft.publish()

    answer = refused.value.response
    assert answer is not None
    assert answer.status_code == 400
    named = answer.json()["errors"]
    assert all(each in named for each in draft.get().data["errors"])
