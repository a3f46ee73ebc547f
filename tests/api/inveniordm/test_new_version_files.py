"""Files of new versions: imported from the last one, and none of its affair."""

from __future__ import annotations

import httpx

from tests.api.asking import User
from tests.api.inveniordm.filing import add, begun, content, file, filed, files, start
from tests.api.inveniordm.making import RECORDS


def new_version(asker: httpx.Client, pid: str) -> str:
    """Begin the next version of a record and return its id."""
    made = asker.post(f"{RECORDS}/{pid}/versions")
    assert made.status_code in (200, 201), made.text
    found: str = made.json()["id"]
    return found


def test_a_new_version_may_begin_with_the_files_of_the_last(ada: User) -> None:
    """201 with them all; what is done with them leaves the last version alone."""
    pid = filed(ada.client, "a.txt", "b.txt")
    following = new_version(ada.client, pid)
    assert ada.client.get(files(following)).json()["entries"] == []
    answer = ada.client.post(f"{RECORDS}/{following}/draft/actions/files-import")
    assert answer.status_code == 201
    assert [each["key"] for each in answer.json()["entries"]] == ["a.txt", "b.txt"]
    assert answer.json()["entries"][0]["status"] == "completed"
    assert ada.client.delete(file(following, "a.txt")).status_code == 204
    add(ada.client, following, "a.txt", b"newer")
    assert ada.client.get(content(following, "a.txt")).content == b"newer"
    assert ada.client.get(content(following, "b.txt")).content == b"b.txt"
    assert ada.client.get(content(pid, "a.txt", published=True)).content == b"a.txt"


def test_files_are_imported_into_a_draft_without_files_only(ada: User) -> None:
    """400 where there are some, 404 where there is no version to import from."""
    pid = filed(ada.client, "a.txt")
    following = new_version(ada.client, pid)
    start(ada.client, following, "b.txt")
    assert ada.client.post(f"{RECORDS}/{following}/draft/actions/files-import").status_code == 400
    alone = begun(ada.client)
    assert ada.client.post(f"{RECORDS}/{alone}/draft/actions/files-import").status_code == 404
