"""Datasets of IceProd's door. Source: the IceProd specification, "REST" and "Status"."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from api.iceprod.datasets import PIECE
from domain.commands import dataset_groups
from domain.commands import datasets as commands
from domain.dataset import FOLLOWING, STATUSES
from domain.identifiers import account_id
from domain.log import Session
from domain.storage import failures
from projections.datasets import BATCH
from tests.api import asking, raw
from tests.api.asking import Join, User
from tests.api.iceprod import submitting
from tests.api.iceprod.submitting import DATASETS
from tests.running import Running
from tests.writing import actor

WAYS = {  # how a dataset comes to each status
    "processing": (),
    "suspended": ("suspended",),
    "errors": ("errors",),
    "complete": ("complete",),
}


@pytest.fixture(scope="module")
def simprod(server: Running, join: Join) -> User:
    """A member of the group simprod."""
    user = join("simprod")
    asking.operate(server, dataset_groups.add, "simprod", user.name)
    return user


def test_a_dataset_is_made_and_read(ada: User) -> None:
    """With a number, a date, its maker's name, and defaults for what was not said."""
    answer = ada.client.post(DATASETS, json=submitting.body(priority=1, status="suspended"))
    dataset = answer.json()["result"]

    shown = submitting.shown(ada.client, dataset)

    assert answer.headers["Location"] == f"{DATASETS}/{dataset}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", shown.pop("start_date"))
    assert isinstance(shown.pop("dataset"), int)
    assert shown == submitting.body() | {
        "dataset_id": dataset,
        "priority": 1,
        "debug": False,
        "jobs_immutable": False,
        "always_active": False,
        "status": "suspended",
        "truncated": False,
        "username": ada.name,
    }


def test_numbers_are_unique_when_many_are_made_at_once(ada: User, server: Running) -> None:
    """And rise."""

    def make(_: int) -> int:
        with asking.client(server, ada.token) as client:
            return int(submitting.shown(client, submitting.made(client))["dataset"])

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(make, range(16)))

    assert len(set(numbers)) == 16


@pytest.mark.parametrize(
    "wrong",
    [
        {"jobs_submitted": 0, "tasks_submitted": 0},
        {"tasks_submitted": 21},
        {"tasks_per_job": 0, "tasks_submitted": 0},
        {"jobs_submitted": "10"},
        {"jobs_submitted": 2**62, "tasks_submitted": 2**63},
        {"group": "nobody"},
        {"group": None},
        {"status": "fine"},
        {"priority": "high"},
        {"debug": "no"},
        {"description": 1},
        {"auth_groups_read": "users"},
        {"unknown": 1},
        {"config": {}},
        {"truncated": True},
    ],
)
def test_a_wrong_dataset_is_a_mistake_of_the_users(ada: User, wrong: dict[str, Any]) -> None:
    """400 with a code and an error."""
    refused = ada.client.post(DATASETS, json=submitting.body(**wrong))

    assert refused.status_code == 400, refused.text
    assert set(refused.json()) == {"code", "error"}
    assert refused.json()["code"] == 400


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a"', b'{"group":"users"}', b"\xff"])
@pytest.mark.parametrize("path", ["", "/{}/status", "/{}/jobs_submitted"])
def test_bad_json_is_a_mistake_of_the_users(ada: User, path: str, body: bytes) -> None:
    """400, wherever it is sent."""
    dataset = submitting.made(ada.client)
    method = "PUT" if path else "POST"

    refused = ada.client.request(method, DATASETS + path.format(dataset), content=body)

    assert (refused.status_code, refused.json()["code"]) == (400, 400)


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("new", STATUSES)
def test_a_status_follows_by_the_table(ada: User, before: str, new: str) -> None:
    """The same is no change; what the table does not have is 400."""
    dataset = submitting.made(ada.client)
    for step in WAYS[before]:
        assert submitting.put(ada.client, dataset, "status", step) == 200
    versions = len(ada.client.get(f"/objects/{dataset}/versions").json())

    status = submitting.put(ada.client, dataset, "status", new)

    allowed = new == before or new in FOLLOWING[before]
    assert status == (200 if allowed else 400)
    assert submitting.shown(ada.client, dataset)["status"] == (new if allowed else before)
    more = int(allowed and new != before)
    assert len(ada.client.get(f"/objects/{dataset}/versions").json()) == versions + more


def test_of_racing_changes_each_follows_the_one_before(ada: User, server: Running) -> None:
    """Whoever was second is asked against the table again: its path is whole in the history."""
    dataset = submitting.made(ada.client)

    def change(new: str) -> int:
        with asking.client(server, ada.token) as client:
            return submitting.put(client, dataset, "status", new)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(change, ["suspended", "errors", "complete", "processing"] * 4))

    count = len(ada.client.get(f"/objects/{dataset}/versions").json())
    path = [
        ada.client.get(f"/objects/{dataset}/versions/{each}").json()["data"]["status"]
        for each in range(count)
    ]
    assert set(answers) <= {200, 400}
    assert all(new in FOLLOWING[before] for before, new in pairwise(path)), path


def test_of_two_who_race_one_wins_by_the_table(ada: User, server: Running) -> None:
    """From processing it becomes complete or errors; neither follows upon the other.

    All are sent in one moment, each on a connection of its own that some worker has taken already.
    """
    datasets = [submitting.made(ada.client) for _ in range(4)]
    new = ("complete", "errors")
    asked = [(dataset, status) for dataset in datasets for status in new]
    ready = Barrier(len(asked), timeout=30)

    def change(asked: tuple[str, str]) -> int:
        with asking.client(server, ada.token) as client:
            submitting.shown(client, asked[0])
            ready.wait()
            return submitting.put(client, asked[0], "status", asked[1])

    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(change, asked))

    for at, dataset in enumerate(datasets):
        told = answers[2 * at : 2 * at + 2]
        assert sorted(told) == [200, 400]
        assert submitting.shown(ada.client, dataset)["status"] == new[told.index(200)]


def test_other_fields_change_one_at_a_time(ada: User) -> None:
    """Description, priority of either kind, and jobs with their tasks."""
    dataset = submitting.made(ada.client)

    for name, value in (("description", "muons"), ("priority", 2), ("priority", 0.25)):
        assert submitting.put(ada.client, dataset, name, value) == 200
        assert submitting.shown(ada.client, dataset)[name] == value
    assert submitting.put(ada.client, dataset, "jobs_submitted", 12) == 200

    shown = submitting.shown(ada.client, dataset)
    assert (shown["jobs_submitted"], shown["tasks_submitted"]) == (12, 24)
    refused = [submitting.put(ada.client, dataset, "jobs_submitted", n) for n in (11, 2**40, "13")]
    assert refused == [400, 400, 400]


def test_immutable_jobs_stay(ada: User) -> None:
    """The same number is no change."""
    dataset = submitting.made(ada.client, jobs_immutable=True)

    answers = [submitting.put(ada.client, dataset, "jobs_submitted", n) for n in (10, 11)]

    assert answers == [200, 400]


def test_a_dataset_is_truncated_and_reset(ada: User) -> None:
    """A complete one is not truncated; reset it is processed again."""
    dataset = submitting.made(ada.client)
    at = f"{DATASETS}/{dataset}/dataset_actions"

    assert ada.client.post(f"{at}/truncate", json={}).json() == {}
    assert submitting.shown(ada.client, dataset)["truncated"] is True
    done = submitting.made(ada.client)
    submitting.put(ada.client, done, "status", "complete")
    assert ada.client.post(f"{DATASETS}/{done}/dataset_actions/truncate").status_code == 400
    assert ada.client.post(f"{DATASETS}/{done}/dataset_actions/hard_reset").status_code == 200
    assert submitting.shown(ada.client, done)["status"] == "processing"


def test_the_list_has_what_one_may_read(ada: User, bob: User) -> None:
    """By ids, with what was asked for; a closed one is in its owner's list alone."""
    opened = submitting.made(ada.client, description="opened")
    closed = submitting.made(ada.client, group="simprod", auth_groups_read=[])

    mine, others = ada.client.get(DATASETS).json(), bob.client.get(DATASETS).json()

    assert mine[opened] == submitting.shown(ada.client, opened)
    assert {opened, closed} <= set(mine)
    assert opened in others
    assert closed not in others
    assert "auth_groups_read" not in mine[closed]


def test_a_long_list_comes_in_pieces(server: Running, join: Join) -> None:
    """More than are read at a time: all of them, once each, and no worker holds them together."""
    many = join("many")

    long = "muons " * 300
    body = submitting.body(group="simprod", auth_groups_read=[], description=long)

    def make(session: Session) -> list[str]:
        return [commands.create(session, body).pid for _ in range(BATCH + 1)]

    with asking.log(server) as log:
        made = log.run(replace(actor(account_id(many.name)), name=many.name), make)
    params = {"users": many.name, "keys": "status"}

    answer = many.client.get(DATASETS, params=params)
    whole = raw.send(server, raw.request("GET", f"{DATASETS}?users={many.name}", many.token))

    assert answer.headers["Transfer-Encoding"] == "chunked"
    pieces = raw.chunks(whole.body)
    assert list(json.loads(b"".join(pieces))) == made
    assert len(pieces) > 3
    assert max(map(len, pieces)) < PIECE + 2 * len(long)
    assert list(answer.json()) == made
    assert answer.json()[made[-1]] == {"dataset_id": made[-1], "status": "processing"}
    assert many.client.head(DATASETS, params=params).status_code == 200


def test_who_has_changed_it_is_told(ada: User, admin: User) -> None:
    """Each change is an event, with whom it is by, and when it was."""
    dataset = submitting.made(ada.client)
    submitting.put(ada.client, dataset, "status", "errors")
    submitting.put(admin.client, dataset, "status", "processing")

    told = [
        (each["version"], each["who"]["name"], each["door"], "diff" in each)
        for each in ada.client.get(f"/objects/{dataset}/events").json()
        if each["type"] == "record.published"
    ]

    assert told == [
        (0, ada.name, "iceprod", False),
        (1, ada.name, "iceprod", True),
        (2, admin.name, "iceprod", True),
    ]


def test_the_list_is_filtered(ada: User) -> None:
    """By status, group and user, each of several; and shows some members alone."""
    user = {"users": ada.name}
    first, second = (submitting.made(ada.client, group=each) for each in ("filtering", "simprod"))
    submitting.put(ada.client, second, "status", "suspended")

    def ids(**params: str) -> set[str]:
        return set(ada.client.get(DATASETS, params=user | params).json()) & {first, second}

    assert ids(status="suspended") == {second}
    assert ids(status="suspended|processing") == {first, second}
    assert ids(groups="filtering") == {first}
    assert ids(groups="filtering|simprod", status="errors") == set()
    assert ids(users="nobody") == set()
    shown = ada.client.get(DATASETS, params=user | {"keys": "status|group"}).json()[second]
    assert shown == {"dataset_id": second, "status": "suspended", "group": "simprod"}
    assert ada.client.get(DATASETS, params={"status": "fine"}).status_code == 400


def test_the_summary_is_by_status(ada: User) -> None:
    """Only statuses that there are, in the order of the table."""
    dataset = submitting.made(ada.client)
    submitting.put(ada.client, dataset, "status", "errors")

    told = ada.client.get("/dataset_summaries/status").json()

    assert dataset in told["errors"]
    assert list(told) == [each for each in STATUSES if each in told]


def test_who_may_not_know_of_it_is_told_nothing(
    ada: User, bob: User, admin: User, nobody: httpx.Client
) -> None:
    """403 for what is closed and for what is not there; administrators hear the truth."""
    closed = submitting.made(ada.client, group="simprod", auth_groups_read=[])

    answers = [bob.client.get(f"{DATASETS}/{each}") for each in (closed, "none", "99999999")]

    assert {each.status_code for each in answers} == {403}
    assert len({each.json()["error"] for each in answers}) == 1
    assert admin.client.get(f"{DATASETS}/{closed}").status_code == 200
    assert admin.client.get(f"{DATASETS}/none").status_code == 404
    assert nobody.get(f"{DATASETS}/{closed}").status_code == 401
    assert set(nobody.get(DATASETS).json()) == {"code", "error"}


def test_a_group_may_change_its_datasets(
    ada: User, bob: User, simprod: User, admin: User, server: Running
) -> None:
    """Members of the group, its owner and administrators; readers do not, nor does `users`."""
    of_group = submitting.made(ada.client, group="simprod")
    of_all = submitting.made(ada.client)

    assert submitting.put(simprod.client, of_group, "description", "theirs") == 200
    assert submitting.put(admin.client, of_group, "description", "the office's") == 200
    assert submitting.put(bob.client, of_group, "description", "bob's") == 403
    assert bob.client.get(f"{DATASETS}/{of_group}").status_code == 200
    assert submitting.put(bob.client, of_all, "description", "bob's") == 403
    assert server.cli("dataset-group", "remove", "simprod", simprod.name).returncode == 0
    assert submitting.put(simprod.client, of_group, "description", "again") == 403
    assert server.cli("dataset-group", "add", "simprod", simprod.name).returncode == 0


def test_another_group_may_read_a_dataset_and_no_more(ada: User, bob: User, simprod: User) -> None:
    """One that `auth_groups_read` names; it is in no list of whoever is in neither group."""
    closed = submitting.made(ada.client, group="filtering", auth_groups_read=["simprod"])

    assert submitting.shown(simprod.client, closed)["group"] == "filtering"
    assert closed in simprod.client.get(DATASETS, params={"groups": "filtering"}).json()
    assert submitting.put(simprod.client, closed, "description", "theirs") == 403
    assert bob.client.get(f"{DATASETS}/{closed}").status_code == 403
    assert closed not in bob.client.get(DATASETS, params={"groups": "filtering"}).json()


def test_a_username_is_ones_own_unless_an_administrator_says_another(
    ada: User, bob: User, admin: User
) -> None:
    """Whose it is may change it."""
    forced = submitting.made(ada.client, username=bob.name)
    given = submitting.made(admin.client, username=bob.name, auth_groups_read=[])

    assert submitting.shown(ada.client, forced)["username"] == ada.name
    assert submitting.shown(bob.client, given)["username"] == bob.name
    assert submitting.put(bob.client, given, "status", "suspended") == 200
    unknown = admin.client.post(DATASETS, json=submitting.body(username="nobody at all"))
    assert unknown.status_code == 400


def test_a_reading_token_changes_nothing(ada: User, server: Running) -> None:
    """Its scopes hold here too."""
    dataset = submitting.made(ada.client)
    with asking.client(server, asking.token(server, ada.name, "read")) as reader:
        assert reader.get(f"{DATASETS}/{dataset}").status_code == 200
        assert submitting.put(reader, dataset, "status", "errors") == 403
        assert reader.post(DATASETS, json=submitting.body()).status_code == 403


def test_a_configuration_is_given_back_as_it_was_sent(ada: User, bob: User) -> None:
    """Byte for byte but for the id; 404 before there is one, and it is in no list."""
    dataset = submitting.made(ada.client)
    at = f"/config/{dataset}"
    text = b'{ "tasks" : [{"name":"a","trays":[{"modules":[{}]}]}], "x":1.50 }'

    before = ada.client.get(at).status_code
    put = ada.client.put(at, content=text)

    assert (before, put.status_code, put.json()) == (404, 200, {})
    assert ada.client.get(at).content == text.strip()
    named = submitting.CONFIG | {"dataset_id": dataset}
    assert ada.client.put(at, json=named).status_code == 200
    assert bob.client.get(at).json() == submitting.CONFIG
    assert bob.client.put(at, json=submitting.CONFIG).status_code == 403
    assert "config" not in submitting.shown(ada.client, dataset)
    assert "config" not in ada.client.get(DATASETS).json()[dataset]


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"tasks": []},
        {"tasks": [{"name": "a"}]},
        {"tasks": [{"name": "a", "trays": []}]},
        {"tasks": [{"name": "a", "trays": [{"modules": []}]}]},
        {"tasks": [{"trays": [{"modules": [{}]}]}]},
        submitting.CONFIG | {"dataset_id": "another"},
        [],
    ],
)
def test_a_wrong_configuration_is_refused(ada: User, config: Any) -> None:
    """400, and nothing is stored."""
    dataset = submitting.made(ada.client)

    assert ada.client.put(f"/config/{dataset}", json=config).status_code == 400
    assert ada.client.get(f"/config/{dataset}").status_code == 404


@pytest.mark.parametrize(
    ("path", "empty"),
    [
        *((path, {}) for path in ("jobs", "tasks", "task_stats")),
        *((f"job_{each}/status", {}) for each in ("counts", "summaries")),
        *((f"task_{each}/status", {}) for each in ("counts", "summaries")),
        ("task_counts/name_status", {}),
        ("files", {"files": []}),
    ],
)
def test_a_dataset_has_no_jobs_here(ada: User, bob: User, path: str, empty: Any) -> None:
    """Whoever may read it is told so, in the shape of a dataset that has none."""
    closed = submitting.made(ada.client, group="simprod", auth_groups_read=[])

    answer = ada.client.get(f"{DATASETS}/{closed}/{path}")

    assert answer.json() == empty
    assert answer.headers["Cache-Control"].startswith("no-store")
    assert bob.client.get(f"{DATASETS}/{closed}/{path}").status_code == 403


@pytest.mark.parametrize("path", ["jobs/a", "jobs/a/status", "tasks/a", "files/a", "nothing"])
def test_what_no_dataset_has_is_not_there(ada: User, path: str) -> None:
    """404 in the words of this door, which its client does not repeat."""
    dataset = submitting.made(ada.client)

    answer = ada.client.get(f"{DATASETS}/{dataset}/{path}")

    assert answer.status_code == 404
    assert (set(answer.json()), answer.json()["code"]) == ({"code", "error"}, 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/{}"),
        ("GET", "/none"),
        ("PUT", "/{}/status"),
        ("POST", "/{}/dataset_actions/truncate"),
    ],
)
def test_no_answer_is_stored(ada: User, nobody: httpx.Client, method: str, path: str) -> None:
    """By whoever stands between: what was asked for, and refusals."""
    at = DATASETS + path.format(submitting.made(ada.client))

    for asker in (ada.client, nobody):
        answer = asker.request(method, at)
        assert answer.headers["Cache-Control"].startswith("no-store"), answer.text


@pytest.mark.parametrize(
    ("method", "path", "sent", "headers", "status"),
    [
        ("POST", "", b'{"a":' * 200 + b"1" + b"}" * 200, {}, 400),
        ("POST", "", b'{"priority": 1e999}', {}, 400),
        ("POST", "", b'{"description": "\\ud800"}', {}, 400),
        ("POST", "", b"{}", {"Content-Encoding": "gzip"}, 415),
        ("POST", "", b"{}", {"Idempotency-Key": "k" * 5_000}, 400),
        ("PUT", "/{}/description", b'{"description": "%b"}' % (b"a" * 100_000), {}, 400),
        ("PUT", "/{}/priority", b'{"priority": null}', {}, 400),
        ("PUT", "/{}", b"{}", {}, 405),
        ("DELETE", "", b"", {}, 405),
        ("GET", "?status=%00", b"", {}, 400),
        ("GET", "?keys=%FF|%00&users=%00", b"", {}, 200),
        ("GET", "/%00", b"", {}, 403),
        ("GET", "/" + "9" * 3_000, b"", {}, 403),
        ("GET", "/{}/", b"", {}, 404),
        ("GET", "", b"", {"Authorization": "bearer a.b.c"}, 401),
    ],
)
def test_no_mistake_of_a_users_is_answered_as_what_is_sent_again(
    ada: User, method: str, path: str, sent: bytes, headers: dict[str, str], status: int
) -> None:
    """Its client repeats 408, 429 and 5xx for minutes; other refusals it tells at once."""
    at = DATASETS + path.replace("{}", submitting.made(ada.client))

    answer = ada.client.request(method, at, content=sent, headers=headers)

    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(answer.json()) == {"code", "error"}
        assert answer.json()["code"] == status


def test_too_many_failed_sign_ins_are_not_429(server: Running, ada: User) -> None:
    """The client would repeat them: 403, and when to come again."""
    with asking.client(server) as client:
        answers = [
            client.get(DATASETS, auth=(f"{ada.name}-x", "wrong")) for _ in range(failures.LIMIT + 1)
        ]

    last = answers.pop()
    assert {each.status_code for each in answers} == {401}
    assert (last.status_code, last.json()["code"]) == (403, 403)
    assert "Too many failed sign-ins" in last.json()["error"]
    assert int(last.headers["Retry-After"]) > 0


def test_the_rules_hold_in_every_door(ada: User, admin: User) -> None:
    """A version or an object that SampleDB's door makes is held to the table, too."""
    dataset = submitting.made(ada.client)
    submitting.put(ada.client, dataset, "status", "complete")
    at = f"/objects/{dataset}"
    first = ada.client.get(f"{at}/versions/0").json()
    newest = ada.client.get(f"{at}/versions/1").json()["data"]

    def publish(**other: Any) -> int:
        return ada.client.post(f"{at}/versions/", json={"data": newest | other}).status_code

    assert publish(status="processing") == 400
    assert publish(jobs_submitted=5, tasks_submitted=10) == 400
    assert publish(username="bob") == 400
    assert publish(group="simprod") == 400
    assert publish(description="by another door") == 201
    assert ada.client.post(f"{at}/restore", json={"version": 0}).status_code == 400
    assert submitting.shown(ada.client, dataset)["description"] == "by another door"
    other = {"action_id": first["action_id"], "data": newest | {"username": "bob"}}
    assert ada.client.post("/objects/", json=other).status_code == 403
    mine = other | {"data": first["data"]}
    made = ada.client.post("/objects/", json=mine)
    number = made.headers["Location"].split("/")[2]
    assert submitting.shown(admin.client, number)["username"] == ada.name
