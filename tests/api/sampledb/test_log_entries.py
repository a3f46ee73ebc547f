"""The object log: what happened to the objects that one may read, and nothing is missed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from projections import sql
from projections.object_log import WALK, entry_id, save_of
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running
from tests.writing import comment

PATH = f"{API}/object_log_entries/"
LOG = sql.load("log")
SETTLED = f"SELECT (SELECT max(position) FROM es.event) < ({LOG['horizon'].rstrip().rstrip(';')})"

Told = tuple[str, int, dict[str, Any]]  # type, object_id, data
Log = Callable[..., list[dict[str, Any]]]
Tell = Callable[..., list[Told]]


def read(asker: httpx.Client, after: int | str | None = None) -> list[dict[str, Any]]:
    """What the log says, the newest first."""
    answer = asker.get(PATH, params={} if after is None else {"after_id": after})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


@pytest.fixture(scope="module")
def log(server: Running) -> Iterator[Log]:
    """The same when everything that was written is below the horizon: nobody else writes still."""
    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as conn:
        conn.autocommit = True

        def settled(asker: httpx.Client, after: int | str | None = None) -> list[dict[str, Any]]:
            until = time.monotonic() + 10
            while conn.execute(SETTLED).fetchone() != (True,):
                assert time.monotonic() < until
            return read(asker, after)

        yield settled


@pytest.fixture(scope="module")
def told(log: Log) -> Tell:
    """What the log says of some objects, the oldest first."""

    def of_some(asker: httpx.Client, *numbers: int) -> list[Told]:
        return [
            (each["type"], each["object_id"], each["data"])
            for each in reversed(log(asker))
            if each["object_id"] in numbers
        ]

    return of_some


def share(owner: User, number: int, other: User, level: str) -> None:
    """Give somebody a permission."""
    user = other.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{number}/permissions/users/{user}"
    assert owner.client.put(path, json=level).status_code == 200


def made(admin: User, type_: str) -> int:
    """Make an action whose objects may refer to others."""
    kinds = {"sample": "sample", "other": "object_reference", "measured": "measurement"}
    properties: dict[str, Any] = {
        name: {"title": name, "type": kind} for name, kind in kinds.items()
    }
    properties["list"] = {
        "title": "list",
        "type": "array",
        "items": {"title": "one", "type": "sample"},
    }
    schema = {
        "title": "Object",
        "type": "object",
        "properties": {"name": {"title": "Name", "type": "text"}, **properties},
        "required": ["name"],
    }
    return asking.action(admin.client, schema, type=type_, schema_language="sampledb")


@pytest.fixture(scope="module")
def sample(admin: User) -> int:
    """An action whose objects are samples."""
    return made(admin, "sample")


@pytest.fixture(scope="module")
def measurement(admin: User) -> int:
    """An action whose objects are measurements."""
    return made(admin, "measurement")


def new(asker: httpx.Client, under: int, **references: Any) -> int:
    """Make an object that refers to others."""
    answer = asker.post(
        f"{API}/objects/", json={"action_id": under, "data": document(**references)}
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["object_id"])


def document(**references: Any) -> dict[str, Any]:
    """A document that refers to others."""
    return {"name": {"_type": "text", "text": "tin"}, **references}


def of(number: int, kind: str = "sample") -> dict[str, Any]:
    """A reference."""
    return {"_type": kind, "object_id": number}


def test_an_entry_says_what_happened_to_which_object_and_who_did_it(
    ada: User, action: int, log: Log
) -> None:
    """Seven members, as SampleDB has them; the newest entry is the first."""
    me = ada.client.get(f"{API}/users/me").json()["user_id"]
    number = asking.new_object(ada.client, action)

    entry = log(ada.client)[0]

    shown = ada.client.get(f"{API}/objects/{number}/versions/0").json()
    assert 0 < entry.pop("log_entry_id") < 2**53
    assert entry == {
        "type": "CREATE_OBJECT",
        "object_id": number,
        "user_id": me,
        "data": {},
        "utc_datetime": shown["utc_datetime"],
        "is_imported": False,
    }


def test_each_kind_of_happening_is_told(admin: User, ada: User, action: int, told: Tell) -> None:
    """Versions, restored ones, comments, files, locations."""
    number = asking.new_object(ada.client, action)
    asking.new_version(ada.client, number, "{}")
    path = f"{API}/objects/{number}"
    assert ada.client.post(f"{path}/restore", json={"version": 0}).status_code == 201
    said = ada.client.post(f"{path}/comments/", json={"content": "a"}).json()["comment_id"]
    url = {"storage": "url", "url": "https://tin.example/a"}
    assert ada.client.post(f"{path}/files/", json=url).status_code == 201
    bytes_ = {"storage": "database", "original_file_name": "a", "base64_content": ""}
    assert ada.client.post(f"{path}/files/", json=bytes_).status_code == 201
    body = {"responsible_user_id": ada.client.get(f"{API}/users/me").json()["user_id"]}
    assert ada.client.post(f"{path}/locations/", json=body).status_code == 201

    assert told(ada.client, number) == [
        ("CREATE_OBJECT", number, {}),
        ("EDIT_OBJECT", number, {"version_id": 1}),
        ("RESTORE_OBJECT_VERSION", number, {"version_id": 2, "restored_version_id": 0}),
        ("POST_COMMENT", number, {"comment_id": said}),
        ("UPLOAD_FILE", number, {"file_id": 0}),
        ("UPLOAD_FILE", number, {"file_id": 1}),
        ("ASSIGN_LOCATION", number, {"object_location_assignment_id": 0}),
    ]


def test_the_use_of_an_object_is_told_of_it(
    ada: User, sample: int, measurement: int, told: Tell
) -> None:
    """In a measurement, in making a sample, or otherwise; by a later version what it adds."""
    used, other = new(ada.client, sample), new(ada.client, sample)

    measured = new(ada.client, measurement, sample=of(used), list=[of(other)])
    refined = new(ada.client, sample, sample=of(used), other=of(other, "object_reference"))
    path = f"{API}/objects/{measured}/versions/"
    for references in (
        {"sample": of(used), "measured": of(measured, "measurement")},
        {"sample": of(other)},
    ):
        assert ada.client.post(path, json={"data": document(**references)}).status_code == 201
    restored = ada.client.post(f"{API}/objects/{measured}/restore", json={"version": 0})
    assert restored.status_code == 201

    assert told(ada.client, used) == [
        ("CREATE_OBJECT", used, {}),
        ("USE_OBJECT_IN_MEASUREMENT", used, {"measurement_id": measured}),
        ("USE_OBJECT_IN_SAMPLE_CREATION", used, {"sample_id": refined}),
    ]
    assert told(ada.client, other)[1:] == [
        ("USE_OBJECT_IN_MEASUREMENT", other, {"measurement_id": measured}),
        ("REFERENCE_OBJECT_IN_METADATA", other, {"object_id": refined}),
        ("USE_OBJECT_IN_MEASUREMENT", other, {"measurement_id": measured}),
    ]
    assert ("REFERENCE_OBJECT_IN_METADATA", measured, {"object_id": measured}) in told(
        ada.client, measured
    )


def test_by_what_an_object_was_used_is_told_where_that_may_be_read(
    ada: User, bob: User, sample: int, measurement: int, told: Tell
) -> None:
    """Else only that it was used; and nothing is told of objects that may not be read."""
    used = new(ada.client, sample)
    share(ada, used, bob, "read")
    hidden = new(ada.client, measurement, sample=of(used))

    assert told(bob.client, used, hidden) == [
        ("CREATE_OBJECT", used, {}),
        ("USE_OBJECT_IN_MEASUREMENT", used, {"measurement_id": None}),
    ]
    share(ada, hidden, bob, "read")
    assert told(bob.client, used)[1][2] == {"measurement_id": hidden}


def test_references_in_a_large_document_are_found(
    ada: User, sample: int, measurement: int, told: Tell
) -> None:
    """Also after what is longer than a page of the log reads."""
    used = new(ada.client, sample)
    data = document(sample=of(used))
    data["name"]["text"] = "x" * (100 << 10)

    made_ = ada.client.post(f"{API}/objects/", json={"action_id": measurement, "data": data})

    assert made_.status_code == 201
    assert told(ada.client, used)[1][0] == "USE_OBJECT_IN_MEASUREMENT"


def test_entries_of_one_event_have_numbers_of_their_own_that_rise(
    ada: User, sample: int, measurement: int, log: Log
) -> None:
    """Who names one of them is told the later ones."""
    used = [new(ada.client, sample) for _ in range(3)]
    measured = new(ada.client, measurement, list=[of(each) for each in used])

    entries = [
        each
        for each in log(ada.client)
        if each["object_id"] == measured or each["data"].get("measurement_id") == measured
    ]

    numbers = [each["log_entry_id"] for each in entries]
    assert numbers == sorted(set(numbers), reverse=True)
    assert [each["object_id"] for each in entries] == [*reversed(used), measured]
    assert log(ada.client, numbers[0]) == []
    assert log(ada.client, numbers[2]) == entries[:2]
    assert log(ada.client, numbers[3]) == entries[:3]


@pytest.mark.parametrize("after", ["", "x", "-1", "1.5", "0", "٣"])
def test_a_number_that_is_none_is_ignored(ada: User, action: int, after: str, log: Log) -> None:
    """All is told."""
    asking.new_object(ada.client, action)

    assert log(ada.client, after) == log(ada.client)


@pytest.mark.parametrize("after", [2**53, 10**19, 10**40])
def test_nothing_comes_after_a_number_that_is_too_large(ada: User, after: int, log: Log) -> None:
    """An empty list."""
    assert log(ada.client, after) == []


def test_the_log_asks_for_a_login(nobody: httpx.Client) -> None:
    """As SampleDB's does."""
    assert nobody.get(PATH).status_code == 401


def test_what_one_may_not_read_is_not_in_the_log(
    ada: User, bob: User, action: int, told: Tell
) -> None:
    """Until it is shared, and when it no longer is."""
    number = asking.new_object(ada.client, action)
    assert told(bob.client, number) == []

    share(ada, number, bob, "read")
    assert told(bob.client, number) == [("CREATE_OBJECT", number, {})]

    share(ada, number, bob, "none")
    assert told(bob.client, number) == []


def test_a_hidden_version_and_what_is_not_the_publics_affair_are_not_told(
    server: Running, ada: User, bob: User, action: int, told: Tell
) -> None:
    """Version 0 was closed; comments and closed files are for who was granted something."""
    number = asking.new_object(ada.client, action)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, "{}")
    path = f"{API}/objects/{number}"
    assert ada.client.post(f"{path}/comments/", json={"content": "a"}).status_code == 201
    url = {"storage": "url", "url": "https://tin.example/a"}
    assert ada.client.post(f"{path}/files/", json=url).status_code == 201
    edited = [("EDIT_OBJECT", number, {"version_id": 1})]

    assert told(bob.client, number) == edited

    def share_with_everyone(session: Session) -> None:
        objects.grant(session, objects.find(session, str(number)), EVERYONE, Level.VIEW)

    asking.decide(server, ada.name, share_with_everyone)
    assert told(bob.client, number) == [
        ("CREATE_OBJECT", number, {}),
        *edited,
        ("UPLOAD_FILE", number, {"file_id": 0}),
    ]
    asking.close(server, ada.name, number)
    assert told(bob.client, number) == []


def test_a_long_log_comes_whole(server: Running, join: Join, action: int, log: Log) -> None:
    """In pieces, in order, whoever else wrote in between."""
    eve = join("eve")
    number = asking.new_object(eve.client, action)

    def command(session: Session) -> None:
        record = objects.find(session, str(number))
        for _ in range(WALK + 50):
            comment(session, record.id, "a")

    asking.decide(server, eve.name, command)
    asking.new_version(eve.client, number, "{}")

    def own(after: int | None = None) -> list[dict[str, Any]]:
        return [each for each in log(eve.client, after) if each["object_id"] == number]

    everything = own()

    assert len(everything) == WALK + 52
    assert everything[0]["type"] == "EDIT_OBJECT"
    assert everything[-1]["type"] == "CREATE_OBJECT"
    assert own(everything[-1]["log_entry_id"]) == everything[:-1]


def test_who_asks_again_after_the_last_entry_misses_nothing(
    server: Running, join: Join, action: int
) -> None:
    """While writers write, and one of them is slow to commit."""
    eve = join("eve")
    numbers = [asking.new_object(eve.client, action) for _ in range(4)]
    others = {each["object_id"] for each in read(eve.client)} - {*numbers}
    seen: list[int] = [0]

    def write(number: int) -> None:
        with httpx.Client(base_url=server.url, headers=eve.client.headers) as client:
            for _ in range(20):
                asking.new_version(client, number, "{}")

    def poll() -> None:
        found = [
            each["log_entry_id"]
            for each in reversed(read(eve.client, max(seen)))
            if each["object_id"] not in others
        ]
        assert not found or min(found) > max(seen)
        seen.extend(found)

    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as slow:
        slow.execute("SELECT txid_current()")  # all that is written now is above it
        with ThreadPoolExecutor(4) as writers:
            writing = [writers.submit(write, number) for number in numbers]
            poll()
            slow.rollback()
            while not all(each.done() for each in writing):
                poll()
            for each in writing:
                each.result()
    until = time.monotonic() + 10
    while len(seen) < 85 and time.monotonic() < until:
        poll()

    assert len(seen) == len(set(seen)) == 85
    assert seen == sorted(seen)


def test_numbers_rise_with_positions_and_lead_back_to_their_save() -> None:
    """Below 2^53 for 550 thousand million transactions; many entries of one may share one."""
    last = ((1 << 39) - 1) << 20
    positions = [1 << 20, (1 << 20) + 1, (1 << 20) + 2, 2 << 20, last]

    numbers = [entry_id(position, place) for position in positions for place in (0, 1, 1023)]

    assert numbers == sorted(set(numbers))
    assert numbers[-1] < 2**53
    assert [save_of(number) for number in numbers[::3]] == [1 << 20] * 3 + [2 << 20, last]
    assert entry_id((1 << 20) + 99, 5000) == entry_id((1 << 20) + 15, 1023) < entry_id(2 << 20)
