"""Instruments, their logs, and what is attached to the entries."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

INSTRUMENTS = f"{API}/instruments/"


def number_of(user: User) -> int:
    """Return a user's number."""
    return int(user.client.get(f"{API}/users/me").json()["user_id"])


def made(admin: User, **body: Any) -> str:
    """Make an instrument and return its path."""
    answer = admin.client.post(INSTRUMENTS, json={"name": "Balance"} | body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def put(admin: User, path: str, **changed: Any) -> httpx.Response:
    """Say of an instrument what is said of it, and some of it anew."""
    now = admin.client.get(path).json()
    return admin.client.put(path, json=now | changed)


def written(user: User, path: str, **body: Any) -> str:
    """Write into the log of an instrument and return the entry's path."""
    answer = user.client.post(f"{path}/log_entries/", json={"content": "Weighs"} | body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def file(name: str, content: bytes) -> dict[str, str]:
    """A file as it is attached."""
    return {"file_name": name, "base64_content": b64encode(content).decode()}


def refused(answer: httpx.Response, status: int, words: str) -> None:
    """Hold an answer to be a refusal in SampleDB's words."""
    assert answer.status_code == status, answer.text
    assert words in answer.json()["message"]


@pytest.fixture
def balance(admin: User, ada: User) -> str:
    """An instrument whose scientist is Ada."""
    return made(admin, instrument_scientists=[number_of(ada)])


def test_an_instrument_is_made_and_read(admin: User, ada: User, bob: User) -> None:
    """By every user."""
    room = admin.client.post(f"{API}/locations/", json={"name": "Room 42"}).headers["Location"]
    location = int(room.rpartition("/")[2])
    path = made(admin, instrument_scientists=[number_of(ada)], location_id=location)

    shown = bob.client.get(path).json()

    assert shown == {
        "instrument_id": int(path.rpartition("/")[2]),
        "name": "Balance",
        "description": "",
        "is_hidden": False,
        "instrument_scientists": [number_of(ada)],
        "location_id": location,
        "users_can_view_log_entries": False,
        "users_can_create_log_entries": False,
    }
    assert shown in bob.client.get(INSTRUMENTS).json()


def test_an_instrument_is_changed(admin: User, ada: User, bob: User, balance: str) -> None:
    """The answer is the instrument as it is then."""
    now = put(
        admin,
        balance,
        name={"en": "Scale", "de": "Waage"},
        is_hidden=True,
        instrument_scientists=[number_of(bob), number_of(ada), number_of(ada)],
    )

    assert now.status_code == 200, now.text
    assert (now.json()["name"], now.json()["is_hidden"]) == ("Scale", True)
    assert now.json()["instrument_scientists"] == sorted([number_of(ada), number_of(bob)])
    assert ada.client.get(balance).json() == now.json()


def test_only_administrators_make_and_change_instruments(ada: User, balance: str) -> None:
    """Not even its scientists."""
    for answer in (
        ada.client.post(INSTRUMENTS, json={"name": "Mine"}),
        put(ada, balance, name="Mine"),
        ada.client.post(f"{balance}/log_categories/", json={"title": "Mine"}),
    ):
        refused(answer, 403, "administrators")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "name must be set"),
        ({"name": "x", "instrument_scientists": [999_999]}, "no user 999999"),
        ({"name": "x", "instrument_scientists": ["1"]}, "list of integers"),
        ({"name": "x", "location_id": 999_999}, "no location 999999"),
        ({"name": "x", "is_hidden": 1}, "is_hidden must be true or false"),
        ({"name": "x", "colour": "red"}, "invalid key 'colour'"),
    ],
)
def test_what_cannot_be_an_instrument_is_refused_by_its_key(
    admin: User, body: dict[str, Any], words: str
) -> None:
    """With 400."""
    refused(admin.client.post(INSTRUMENTS, json=body), 400, words)


def test_an_entry_is_written_and_read(admin: User, ada: User, balance: str) -> None:
    """In SampleDB's shape, its instants with six digits."""
    admin.client.post(f"{balance}/log_categories/", json={"title": "Repair"})
    entry = written(ada, balance, category_ids=[1], event_utc_datetime="2026-11-20T08:30:00.000000")

    shown = ada.client.get(entry).json()

    number = int(entry.rpartition("/")[2])
    at = shown["versions"][0].pop("utc_datetime")
    assert len(at) == len("2026-11-21T10:00:00.000000")
    assert shown == {
        "log_entry_id": number,
        "author": number_of(ada),
        "versions": [
            {
                "log_entry_id": number,
                "version_id": 1,
                "content": "Weighs",
                "categories": [{"category_id": 1, "title": "Repair"}],
                "event_utc_datetime": "2026-11-20T08:30:00.000000",
                "content_is_markdown": False,
            }
        ],
    }
    assert [each["log_entry_id"] for each in ada.client.get(f"{balance}/log_entries").json()] == [
        number
    ]


def test_a_long_log_is_listed_whole_and_in_order(ada: User, balance: str) -> None:
    """More than one page of it."""
    paths = [written(ada, balance, content=f"{each}") for each in range(45)]

    listed = ada.client.get(f"{balance}/log_entries/").json()

    assert [f"{balance}/log_entries/{each['log_entry_id']}" for each in listed] == paths


def test_an_empty_log_is_an_empty_list(ada: User, balance: str) -> None:
    """As JSON has it."""
    assert ada.client.get(f"{balance}/log_entries/").json() == []


def test_categories_are_added_and_renamed(admin: User, ada: User, balance: str) -> None:
    """A new title stands wherever the category does."""
    path = f"{balance}/log_categories/"
    added = admin.client.post(path, json={"title": "Repair"})
    entry = written(ada, balance, category_ids=[1])

    renamed = admin.client.put(f"{path}1", json={"category_id": 1, "title": "Repairs"})

    assert added.headers["Location"] == f"{path}1"
    assert renamed.json() == {"category_id": 1, "title": "Repairs"}
    assert ada.client.get(path).json() == [renamed.json()]
    assert ada.client.get(f"{path}1").json() == renamed.json()
    assert ada.client.get(f"{path}2").status_code == 404
    [version] = ada.client.get(entry).json()["versions"]
    assert version["categories"] == [renamed.json()]


def test_the_log_is_its_scientists_alone(admin: User, bob: User, balance: str) -> None:
    """Unless the instrument says otherwise; to administer it is not to read it."""
    for user in (admin, bob):
        refused(user.client.get(f"{balance}/log_entries/"), 403, "scientists may read")
        refused(user.client.get(f"{balance}/log_categories/"), 403, "scientists may read")
        answer = user.client.post(f"{balance}/log_entries/", json={"content": "Weighs"})
        refused(answer, 403, "scientists may write")


def test_an_instrument_may_open_its_log(admin: User, bob: User, balance: str) -> None:
    """For reading and for writing, each by itself."""
    put(admin, balance, users_can_create_log_entries=True)
    entry = written(bob, balance)
    assert bob.client.get(entry).status_code == 403

    put(admin, balance, users_can_view_log_entries=True, users_can_create_log_entries=False)

    assert bob.client.get(entry).json()["author"] == number_of(bob)
    refused(
        bob.client.post(f"{balance}/log_entries/", json={"content": "x"}), 403, "may write its log"
    )


def test_who_is_no_scientist_any_more_reads_nothing_more(
    admin: User, ada: User, balance: str
) -> None:
    """From the moment on that it is acknowledged."""
    entry = written(ada, balance)
    put(admin, balance, instrument_scientists=[])

    for path in (entry, f"{entry}/versions/1", f"{entry}/file_attachments/"):
        assert ada.client.get(path).status_code == 403


def test_an_entry_is_written_anew_by_who_wrote_it(
    admin: User, ada: User, bob: User, balance: str
) -> None:
    """As its next version; the first one stays."""
    put(admin, balance, instrument_scientists=[number_of(ada), number_of(bob)])
    entry = written(ada, balance)
    versions = f"{entry}/versions/"

    again = ada.client.post(versions, json={"content": "**Weighs**", "content_is_markdown": True})

    assert again.headers["Location"] == f"{versions}2"
    shown = ada.client.get(versions).json()
    assert [each["content"] for each in shown] == ["Weighs", "**Weighs**"]
    assert ada.client.get(f"{versions}2").json() == shown[1]
    assert ada.client.get(f"{versions}3").status_code == 404
    refused(bob.client.post(versions, json={"content": "x"}), 403, "Only who wrote")
    stale = {"content": "x", "version_id": 2}
    refused(ada.client.post(versions, json=stale), 400, "next version of this entry is 3")


def test_files_are_attached_and_read_as_they_were_sent(
    server: Running, ada: User, balance: str
) -> None:
    """Kept as an object's files are; a large one too."""
    large = bytes(range(256)) * 1000
    entry = written(
        ada, balance, content="", file_attachments=[file(" a.txt ", b"tin"), file("b", large)]
    )

    listed = ada.client.get(f"{entry}/file_attachments/").json()

    assert [(each["file_attachment_id"], each["file_name"]) for each in listed] == [
        (1, "a.txt"),
        (2, "b"),
    ]
    assert [b64decode(each["base64_content"]) for each in listed] == [b"tin", large]
    assert ada.client.get(f"{entry}/file_attachments/2").json() == listed[1]
    assert ada.client.get(f"{entry}/file_attachments/3").status_code == 404
    name = sha256(large).hexdigest()
    assert (server.data / "blobs" / name[:2] / name[2:4] / name).read_bytes() == large


def test_a_damaged_attachment_is_not_given(server: Running, ada: User, balance: str) -> None:
    """Nothing is better than something else."""
    content = f"of {balance}".encode()
    entry = written(ada, balance, file_attachments=[file("a.txt", content)])
    name = sha256(content).hexdigest()
    blob = server.data / "blobs" / name[:2] / name[2:4] / name
    blob.chmod(0o644)
    blob.write_bytes(b"x" * len(content))
    try:
        assert ada.client.get(f"{entry}/file_attachments/1").status_code == 503
    finally:
        blob.write_bytes(content)


def test_objects_are_attached_by_who_may_read_them(
    ada: User, bob: User, admin: User, action: int, balance: str
) -> None:
    """An object that the writer may not read is none."""
    number = asking.new_object(ada.client, action)
    entry = written(ada, balance, content=None, object_attachments=[{"object_id": number}])

    [shown] = ada.client.get(f"{entry}/object_attachments/").json()

    assert shown == {"object_attachment_id": 1, "object_id": number, "is_hidden": False}
    assert ada.client.get(f"{entry}/object_attachments/1").json() == shown
    assert ada.client.get(f"{entry}/object_attachments/2").status_code == 404
    put(admin, balance, users_can_create_log_entries=True)
    body = {"content": "x", "object_attachments": [{"object_id": number}]}
    refused(bob.client.post(f"{balance}/log_entries/", json=body), 400, f"no object {number}")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "content must be set"),
        ({"content": ""}, "content or an attachment"),
        ({"content": 1}, "content must be a text"),
        ({"content": "x" * 50_001}, "50000 characters"),
        ({"content": "x", "category_ids": [9]}, "no log category 9"),
        ({"content": "x", "category_ids": [True]}, "list of integers"),
        ({"content": "x", "event_utc_datetime": "today"}, "event_utc_datetime is malformed"),
        ({"content": "x", "event_utc_datetime": 1}, "a text or null"),
        ({"content": "x", "file_attachments": {}}, "must be a list"),
        ({"content": "x", "file_attachments": [{"file_name": "a"}]}, "base64_content"),
        ({"content": "x", "file_attachments": [file(" ", b"")]}, "1 to 256 characters"),
        ({"content": "x", "file_attachments": [file("a" * 257, b"")]}, "1 to 256 characters"),
        (
            {"content": "x", "file_attachments": [{"file_name": "a", "base64_content": "x"}]},
            "base64 encoded",
        ),
        ({"content": "x", "file_attachments": [file("a", b"")] * 101}, "at most 100"),
        ({"content": "x", "object_attachments": [{"object_id": -1}]}, "no object -1"),
        ({"content": "x", "object_attachments": [{"object_id": 2**63}]}, "no object"),
        ({"content": "x", "object_attachments": [{"object_id": True}]}, "an integer"),
        ({"content": "x", "object_attachments": [1]}, "an integer"),
        ({"content": "x", "title": "y"}, "invalid key 'title'"),
    ],
)
def test_what_is_no_entry_is_refused_and_nothing_is_kept(
    ada: User, balance: str, body: dict[str, Any], words: str
) -> None:
    """With 400, naming what is wrong."""
    refused(ada.client.post(f"{balance}/log_entries/", json=body), 400, words)

    assert ada.client.get(f"{balance}/log_entries/").json() == []


def test_an_entry_is_found_in_its_own_log_alone(admin: User, ada: User, balance: str) -> None:
    """Though entries of all instruments are counted together."""
    entry = written(ada, balance).rpartition("/")[2]
    other = made(admin, instrument_scientists=[number_of(ada)])

    for what in ("", "/versions/", "/file_attachments/", "/object_attachments/"):
        assert ada.client.get(f"{other}/log_entries/{entry}{what}").status_code == 404
    assert ada.client.get(f"{INSTRUMENTS}999999999/log_entries/").status_code == 404


def test_an_entry_that_is_sent_again_is_written_once(ada: User, balance: str) -> None:
    """The second answer is the first."""
    asked: dict[str, Any] = {
        "json": {"content": "Weighs", "file_attachments": [file("a", b"b")]},
        "headers": {"Idempotency-Key": f"written {balance}"},
    }

    answers = [ada.client.post(f"{balance}/log_entries/", **asked) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert answers[0].json() == answers[1].json()
    assert set(answers[0].json()) == {"instrument_id", "log_entry_id"}
    assert len(ada.client.get(f"{balance}/log_entries/").json()) == 1
