"""Lists of deposits: what may be asked of them. Source: the CAP specification, "Endpoints"."""

from __future__ import annotations

from hashlib import md5, sha256
from uuid import UUID

import pytest

from domain.draft_files import DraftFileCommitted, DraftFilesStarted
from domain.log import Session
from domain.record import Record
from domain.values import Content
from tests.api import asking
from tests.api.asking import Join, User
from tests.api.cap.making import BASIC, DEPOSITS, act, deposit, put, share
from tests.api.inveniordm.making import RECORDS
from tests.running import Running


@pytest.mark.parametrize("query", ["q=%00", "q=tin%00", "type=%00"])
def test_nul_is_no_character_of_a_query(ada: User, query: str) -> None:
    """400, in this door's words."""
    deposit(ada.client, title="Tin")

    refused = ada.client.get(f"{DEPOSITS}?{query}")

    assert refused.status_code == 400
    assert "NUL" in refused.json()["message"]


def test_a_long_list_is_whole_and_in_order(join: Join) -> None:
    """Though its hits are read some at a time; those that were published are in none."""
    eve = join("eve")
    made = [deposit(eve.client, number=number)["id"] for number in range(23)]
    act(eve.client, made[7], "publish")
    expected = [each for each in reversed(made) if each != made[7]]

    for size in (21, 22, 100):
        listed = eve.client.get(f"{DEPOSITS}?size={size}", headers=BASIC)
        assert listed.status_code == 200
        assert listed.headers["Content-Type"] == BASIC["Accept"]
        hits = listed.json()["hits"]
        assert hits["total"] == 22
        assert [each["pid"] for each in hits["hits"]] == expected[:size]


def test_large_deposits_are_listed_whole_too(join: Join) -> None:
    """Though they come one by one where together they are too much; each in its place."""
    eve = join("eve")
    text = "tin " * 400_000  # 1.6 MB, of which two come together
    made = [deposit(eve.client, text=text)["id"] for _ in range(3)]
    made.append(deposit(eve.client, text="")["id"])

    listed = eve.client.get(DEPOSITS).json()

    hits = listed["hits"]["hits"]
    assert [each["id"] for each in hits] == made[::-1]
    assert [len(each["metadata"]["text"]) for each in hits] == [0, *[len(text)] * 3]
    assert listed["hits"]["total"] == 4
    assert "next" not in listed["links"]


def test_a_hit_is_what_is_read_by_its_id(join: Join, ada: User) -> None:
    """With its files; for who is shared with, too."""
    eve = join("eve")
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a", b"tin")
    share(ada.client, made["id"], eve.name, "update")

    [hit] = eve.client.get(DEPOSITS).json()["hits"]["hits"]

    assert hit == eve.client.get(f"{DEPOSITS}/{made['id']}").json()
    assert [each["key"] for each in hit["files"]] == ["a"]


def filled(session: Session, depid: str, keys: tuple[str, ...], data: bytes) -> None:
    """Give a deposit files of the same bytes, which are stored."""
    record = session.find(Record, id=UUID(depid))
    assert record is not None
    record = session.change(record, DraftFilesStarted(keys=keys))
    at = session.entries[-1].recorded_at
    digests = sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest()
    for key in keys:
        event = DraftFileCommitted(key=key, content=Content(*digests, len(data)), started_at=at)
        record = session.change(record, event)


def test_a_hit_shows_the_first_of_many_files(server: Running, join: Join) -> None:
    """100 of them; the deposit itself 1,000, as its record does, and the list of its files all."""
    eve = join("eve")
    made = deposit(eve.client)
    put(eve.client, made, "000", b"tin")
    keys = ["000", *(f"{number:04}" for number in range(1, 1002))]

    asking.operate(server, filled, made["id"], tuple(keys[1:]), b"tin")

    path = f"{DEPOSITS}/{made['id']}"
    [hit] = eve.client.get(DEPOSITS).json()["hits"]["hits"]
    assert [each["key"] for each in hit["files"]] == keys[:100]
    alone = eve.client.get(path).json()
    assert [each["key"] for each in alone["files"]] == keys[:1000]
    every = eve.client.get(alone["links"]["files"]).json()
    assert [each["filename"] for each in every] == keys

    recid = act(eve.client, made["id"], "publish")["recid"]
    record = eve.client.get(f"{RECORDS}/{recid}").json()
    [hit] = eve.client.get(f"{RECORDS}?by_me=1").json()["hits"]["hits"]
    assert record["files"][:100] == hit["files"]
    assert [each["key"] for each in record["files"]] == keys[:1000]
    every = eve.client.get(record["links"]["files"]).json()["entries"]
    assert [each["key"] for each in every] == keys


def test_a_hit_shows_the_files_of_what_is_edited_again(server: Running, join: Join) -> None:
    """Those that were published but for what was removed, replaced or put beside them since."""
    eve = join("eve")
    made = deposit(eve.client)
    put(eve.client, made, "000", b"tin")
    keys = [f"{number:03}" for number in range(120)]
    asking.operate(server, filled, made["id"], tuple(keys[1:]), b"tin")
    act(eve.client, made["id"], "publish")
    act(eve.client, made["id"], "edit")
    for key in ("000", "003"):
        gone = eve.client.delete(f"{made['links']['bucket']}/{key}")
        assert gone.status_code == 204
    for key in ("004", "0040", "200"):
        put(eve.client, made, key, b"lead")

    [hit] = eve.client.get(DEPOSITS).json()["hits"]["hits"]

    whole = eve.client.get(f"{DEPOSITS}/{made['id']}").json()["files"]
    assert hit["files"] == whole[:100]
    assert [each["key"] for each in whole] == ["001", "002", "004", "0040", *keys[5:], "200"]
    assert [each["size"] for each in whole[:5]] == [3, 3, 4, 4, 3]
