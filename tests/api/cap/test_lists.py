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
    """100 of them; the deposit itself, and the list of its files, have all."""
    eve = join("eve")
    made = deposit(eve.client)
    put(eve.client, made, "000", b"tin")
    keys = [f"{number:03}" for number in range(120)]

    asking.operate(server, filled, made["id"], tuple(keys[1:]), b"tin")

    path = f"{DEPOSITS}/{made['id']}"
    [hit] = eve.client.get(DEPOSITS).json()["hits"]["hits"]
    assert [each["key"] for each in hit["files"]] == keys[:100]
    assert [each["key"] for each in eve.client.get(path).json()["files"]] == keys
    assert [each["filename"] for each in eve.client.get(f"{path}/files").json()] == keys
