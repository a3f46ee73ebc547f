"""/api/records, which CAP shares with InvenioRDM. Source: the CAP specification, its resolution."""

from __future__ import annotations

from hashlib import md5
from typing import Any

import httpx
import pytest

from domain.account import Profile
from domain.commands import accounts
from tests.api import asking
from tests.api.asking import Join, User
from tests.api.cap.making import BASIC, act, deposit, published, put
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS, V1
from tests.running import Running


@pytest.fixture
def both(join: Join) -> tuple[User, str, str]:
    """Somebody with a record of each door: CAP's, then InvenioRDM's."""
    eve = join("eve")
    cap = published(eve.client, title="Tin of CAP")["recid"]
    rdm = making.record(eve.client, making.body(CLOSED, title="Tin of InvenioRDM"))["id"]
    return eve, cap, rdm


def test_a_hit_has_the_shape_of_the_door_that_made_it(both: tuple[User, str, str]) -> None:
    """In one list, newest first, in an envelope for both."""
    eve, cap, rdm = both

    for accept in ("application/json", "*/*", "application/json, text/plain, */*"):
        listed = eve.client.get(f"{RECORDS}?by_me=True", headers={"Accept": accept}).json()
        assert set(listed) == {"hits", "links", "aggregations", "sortBy"}
        second, first = listed["hits"]["hits"]
        assert (first["id"], first["type"]) == (cap, "record")
        assert (second["id"], second["is_published"]) == (rdm, True)
        assert eve.client.get(f"{RECORDS}/{cap}", headers={"Accept": accept}).json() == first
        assert eve.client.get(f"{RECORDS}/{rdm}").json() == second


def test_an_explicit_media_type_decides_for_both(both: tuple[User, str, str]) -> None:
    """Either door's."""
    eve, cap, rdm = both

    basic = eve.client.get(f"{RECORDS}?by_me=True", headers=BASIC)
    v1 = eve.client.get(f"{RECORDS}?by_me=True", headers={"Accept": V1})

    assert basic.headers["Content-Type"] == "application/basic+json"
    for hit, id_, title in zip(
        basic.json()["hits"]["hits"], (rdm, cap), ("InvenioRDM", "CAP"), strict=True
    ):
        assert set(hit) == {"pid", "recid", "metadata", "created", "updated"}
        assert (hit["pid"], hit["metadata"]["title"]) == (id_, f"Tin of {title}")
        assert eve.client.get(f"{RECORDS}/{id_}", headers=BASIC).json() == hit
    for hit in v1.json()["hits"]["hits"]:
        assert hit["metadata"]["title"].startswith("Tin of ")
        assert hit["is_published"]
    record = eve.client.get(f"{RECORDS}/{cap}", headers={"Accept": V1})
    assert record.headers["Content-Type"] == V1
    assert record.json()["data"] == {"title": "Tin of CAP"}


def test_the_words_of_cap_are_understood(both: tuple[User, str, str], ada: User) -> None:
    """`type`, `by_me`, `mostrecent`; InvenioRDM's own go on as they were."""
    eve, cap, rdm = both

    def ids(query: str) -> list[str]:
        answer = eve.client.get(f"{RECORDS}?{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["hits"]["hits"]]

    assert ids("by_me=True&type=generic") == [cap]
    assert ids("by_me=True&sort=mostrecent") == [rdm, cap]
    assert ids("by_me=True&q=CAP") == [cap]
    assert ids("by_me=True&type=none") == []
    assert eve.client.get(f"{RECORDS}?by_me=perhaps").status_code == 400
    assert ada.client.get(f"{RECORDS}?by_me=1&q=%22Tin+of+CAP%22").json()["hits"]["total"] == 0


def test_a_record_in_a_shape_of_cap_tells_strangers_of_nobody(
    ada: User, nobody: httpx.Client
) -> None:
    """Who may see it because it is public is told who works with it in no shape."""
    pid = making.record(ada.client)["id"]

    for kind in ("permissions", "form", "basic", "repositories"):
        headers = {"Accept": f"application/{kind}+json"}
        answer = nobody.get(f"{RECORDS}/{pid}", headers=headers)
        assert answer.status_code == 200, answer.text
        assert ada.name not in answer.text


def test_files_are_listed_in_a_shape_of_cap_to_who_may_list_them(
    join: Join, nobody: httpx.Client
) -> None:
    """Of a public record with restricted files: to its owner, read alone and in a list."""
    eve, key = join("eve"), "orpiment.txt"
    access = {"record": "public", "files": "restricted"}
    pid = filing.begun(eve.client, access=access)
    filing.add(eve.client, pid, key, b"tin")
    making.publish(eve.client, pid)

    headers = {"Accept": "application/form+json"}
    for path in (f"{RECORDS}/{pid}", f"{RECORDS}?q=id:{pid}"):
        for asker, listed in ((eve.client, True), (nobody, False)):
            answer = asker.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            assert pid in answer.text
            assert (key in answer.text) == listed
            assert (md5(b"tin", usedforsecurity=False).hexdigest() in answer.text) == listed


def test_addresses_behind_a_record_of_another_door_take_a_scope(
    server: Running, join: Join, action: int
) -> None:
    """Without it others are known by a name that can be shared with; of oneself one sees it."""
    eve, reader = join("eve"), join("reader", "read")
    email = f"{eve.name}@tin.example"
    asking.operate(server, accounts.change, eve.name, Profile(email=email))
    number = asking.new_object(eve.client, action)
    user = reader.client.get("/api/v1/users/me").json()["user_id"]
    eve.client.put(f"/api/v1/objects/{number}/permissions/users/{user}", json="read")
    path = f"{RECORDS}/{asking.pid_of(server, number)}"
    shapes = [{"Accept": f"application/{kind}+json"} for kind in ("permissions", "form")]

    def shown(secret: str) -> list[str]:
        with asking.client(server, secret) as asker:
            return [asker.get(path, headers=each).text for each in shapes]

    for text in shown(reader.token):
        assert eve.name in text
        assert email not in text
    wide = asking.token(server, reader.name, "read", "user:email")
    own = asking.token(server, eve.name, "read")
    for text in (*shown(wide), *shown(own)):
        assert email in text


def test_what_is_edited_again_is_shown_as_it_was_published(ada: User) -> None:
    """Its record; the deposit shows what is edited."""
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a", b"tin")
    recid = act(ada.client, made["id"], "publish")["recid"]
    before: dict[str, Any] = ada.client.get(f"{RECORDS}/{recid}").json()
    act(ada.client, made["id"], "edit")
    ada.client.put(f"/api/deposits/{made['id']}", json={"title": "Lead"})

    record: dict[str, Any] = ada.client.get(f"{RECORDS}/{recid}").json()

    assert record == before
    assert record["metadata"] == {"title": "Tin"}
    assert [each["key"] for each in record["files"]] == ["a"]
    assert ada.client.get(f"/api/deposits/{made['id']}").json()["metadata"] == {"title": "Lead"}
