"""inveniordm-py, a published client of InvenioRDM: its files, unmodified, on a real service."""

from __future__ import annotations

import io
from typing import Any

import pytest
import requests
from inveniordm_py.client import InvenioAPI  # type: ignore[import-untyped]
from inveniordm_py.files.metadata import (  # type: ignore[import-untyped]
    FilesListMetadata,
    OutgoingStream,
)
from inveniordm_py.records.metadata import DraftMetadata  # type: ignore[import-untyped]

from tests.api import asking
from tests.api.inveniordm.filing import with_files
from tests.running import Running

TEXT = b"line 1\nline 2\n"


@pytest.fixture(scope="module")
def client(server: Running) -> Any:
    """The client, as a user."""
    return InvenioAPI(f"{server.url}/api", asking.user(server, "rdm").token)


@pytest.fixture
def draft(client: Any) -> Any:
    """A draft that is to have files."""
    return client.records.create(DraftMetadata(**with_files()))


def started(draft: Any, *keys: str) -> None:
    """Start files."""
    draft.files.create(FilesListMetadata([{"key": key} for key in keys]))


def test_files_are_started_filled_listed_and_published(client: Any, draft: Any) -> None:
    """Each by its key, and downloaded from the draft and from the record."""
    started(draft, "a.txt", "b.txt")

    for file in draft.files:
        sent = client.session.put(file.url("/content"), data=TEXT)
        assert sent.status_code == 200
        assert file.commit().data["status"] == "completed"

    assert [file.data["size"] for file in draft.files] == [len(TEXT)] * 2
    assert draft.files("a.txt").download().content == TEXT
    record = draft.publish()
    files = client.records(record.data["id"]).files
    assert [each["key"] for each in files.get().data["entries"]] == ["a.txt", "b.txt"]
    assert files("b.txt").get().data["checksum"].startswith("md5:")
    assert files("b.txt").download().content == TEXT


def test_its_stream_is_stored_as_it_is_sent(draft: Any) -> None:
    """The release encodes it as a form, under the name of bytes: nobody but it would undo that."""
    started(draft, "a.txt")
    file = draft.files("a.txt")

    file.set_contents(OutgoingStream(data=io.BytesIO(TEXT)))
    file.commit()

    assert file.download().content == b"data=line+1%0A&data=line+2%0A"


def test_a_file_is_deleted(draft: Any) -> None:
    """And is not there any more."""
    started(draft, "a.txt")

    assert draft.files("a.txt").delete() is True

    assert list(draft.files) == []
    with pytest.raises(requests.HTTPError, match="404"):
        draft.files("a.txt").get()
