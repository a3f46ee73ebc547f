"""Records with many files: lists of any length, streamed page by page, in one order."""

from __future__ import annotations

import httpx
import pytest

from tests.api.asking import User
from tests.api.inveniordm.filing import add, begun, commit, content, file, files
from tests.api.inveniordm.making import RECORDS, publish
from tests.running import Running

MANY = 1100  # more than are read at once, twice


def started(asker: httpx.Client, count: int) -> str:
    """Make a draft with so many files started in one request; return its id."""
    pid = begun(asker)
    keys = [{"key": f"data/{each:05}.csv"} for each in reversed(range(count))]
    made = asker.post(files(pid), json=keys, timeout=60)
    assert made.status_code == 201, made.text
    assert len(made.json()["entries"]) == count
    return pid


@pytest.fixture(scope="module")
def draft(ada: User) -> str:
    """A draft with many files, one of them complete."""
    pid = started(ada.client, MANY)
    ada.client.put(content(pid, "data/00700.csv"), content=b"1,2\n")
    commit(ada.client, pid, "data/00700.csv")
    return pid


def test_a_long_list_is_streamed_whole(ada: User, draft: str) -> None:
    """No length is announced; every file once, in order of its key."""
    with ada.client.stream("GET", files(draft)) as answer:
        assert answer.status_code == 200
        assert "Content-Length" not in answer.headers
        answer.read()
    entries = answer.json()["entries"]
    assert [each["key"] for each in entries] == [f"data/{each:05}.csv" for each in range(MANY)]
    assert [each["key"] for each in entries if each["status"] == "completed"] == ["data/00700.csv"]


def test_a_long_list_may_be_indented(ada: User, draft: str) -> None:
    """The same JSON."""
    plain, pretty = (ada.client.get(f"{files(draft)}{end}") for end in ("", "?prettyprint=1"))
    assert pretty.json() == plain.json()
    assert '\n      "key": "data/00001.csv",\n' in pretty.text


def test_a_head_of_a_long_list_has_no_body(ada: User, draft: str) -> None:
    """And says what it would be."""
    answer = ada.client.head(files(draft))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"


def test_a_start_among_many_shows_them_all(ada: User, draft: str) -> None:
    """What is new stands where its key belongs, whatever page that is on."""
    new = ["aaa", "data/00500.csv.md5", "zzz"]
    said = ada.client.post(files(draft), json=[{"key": key} for key in new]).json()
    try:
        keys = [each["key"] for each in said["entries"]]
        assert keys == sorted([*new, *(f"data/{each:05}.csv" for each in range(MANY))])
    finally:
        for key in new:
            ada.client.delete(file(draft, key))


@pytest.mark.soak
def test_ten_thousand_files_are_started_in_one_request(ada: User) -> None:
    """That many, and not one more."""
    pid = started(ada.client, 10_000)
    more = [{"key": f"{each}"} for each in range(10_001)]
    assert ada.client.post(files(pid), json=more, timeout=60).status_code == 400
    assert len(ada.client.get(files(pid)).json()["entries"]) == 10_000


def test_a_new_version_of_many_files_copies_no_byte(server: Running, ada: User) -> None:
    """Imported, one replaced, published: the store has that one more."""
    pid = begun(ada.client)
    for each in range(20):
        add(ada.client, pid, f"{each:02}.txt", b"file %d of many" % each)
    publish(ada.client, pid)
    blobs = stored(server)
    following = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]
    ada.client.post(f"{RECORDS}/{following}/draft/actions/files-import")
    assert stored(server) == blobs
    ada.client.delete(file(following, "07.txt"))
    add(ada.client, following, "07.txt", b"another file of many")
    sent = ada.client.get(f"{RECORDS}/{following}/draft").json()
    sent["metadata"]["publication_date"] = "2021-01-01"
    ada.client.put(f"{RECORDS}/{following}/draft", json=sent)
    publish(ada.client, following)
    assert len(stored(server) - blobs) == 1
    for each in range(20):
        wanted = b"another file of many" if each == 7 else b"file %d of many" % each
        path = content(following, f"{each:02}.txt", published=True)
        assert ada.client.get(path).content == wanted


def stored(running: Running) -> set[str]:
    """Return the names of all blobs."""
    return {each.name for each in (running.data / "blobs").glob("*/*/*")}
