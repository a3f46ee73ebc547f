"""Actions of IceProd's door: submit and the like. Source: the IceProd specification."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from api.feed import positions
from tests.api import asking
from tests.api.asking import User
from tests.api.iceprod import submitting
from tests.api.test_erasure import WHY, erase, in_log
from tests.running import Running

SUBMIT = "/actions/submit"


def test_a_dataset_is_submitted_with_its_configuration(ada: User, bob: User, admin: User) -> None:
    """Tasks are counted; who submitted it, and administrators, see what was asked for."""
    made = ada.client.post(
        SUBMIT, json=submitting.submission(extra_submit_fields='{"priority": 2}')
    )
    told = ada.client.get(made.headers["Location"]).json()
    dataset = told["payload"]["dataset_id"]

    shown = submitting.shown(ada.client, dataset)

    assert (made.status_code, told["id"]) == (201, made.json()["result"])
    assert (told["status"], told["error_message"]) == ("complete", "")
    assert (shown["tasks_per_job"], shown["tasks_submitted"], shown["priority"]) == (1, 5, 2)
    assert ada.client.get(f"/config/{dataset}").json() == submitting.CONFIG
    assert bob.client.get(made.headers["Location"]).status_code == 403
    assert admin.client.get(made.headers["Location"]).status_code == 200
    counts = ada.client.get(SUBMIT).json()
    assert set(counts) == {"queued", "processing", "error", "complete"}
    assert counts["complete"] >= 1


def test_what_is_submitted_keeps_its_digits(ada: User) -> None:
    """Of a configuration and of what goes with it: each number is as it was written."""
    text = """{"tasks": [{"name": "a", "trays": [{"modules": [{}]}]}],
        "x": [1.50, 0.1000000000000000000001, 9007199254740993, 1E2, "\\u00e9"]}"""
    sent = submitting.submission(config=f" {text}\n", extra_submit_fields='{"priority": 0.250}')

    made = ada.client.post(SUBMIT, json=sent)

    assert made.status_code == 201, made.text
    told = ada.client.get(made.headers["Location"]).json()["payload"]
    dataset = told.pop("dataset_id")
    assert told == sent | {"config": text}
    assert ada.client.get(f"/config/{dataset}").text == text
    assert '"priority":0.250,' in ada.client.get(f"/datasets/{dataset}").text
    edited = {"dataset_id": dataset, "config": text.replace("1.50", "1.500")}
    assert ada.client.post("/actions/edit_config", json=edited).status_code == 201
    assert ada.client.get(f"/config/{dataset}").text == edited["config"]
    again = ada.client.post("/actions/edit_config", json=edited)
    assert ada.client.get(again.headers["Location"]).json()["payload"] == edited


def test_what_was_submitted_is_erased_with_its_version(
    server: Running, ada: User, bob: User, admin: User
) -> None:
    """It stands nowhere else: 410 with why, and in the log, its views and its feed is nothing."""
    words, edited = asking.fresh("words"), asking.fresh("edited")
    sent = submitting.submission(config=_config(words), description=words)
    made = [ada.client.post(SUBMIT, json=sent)]
    shown = ada.client.get(made[0].headers["Location"]).json()["payload"]
    dataset = shown.pop("dataset_id")
    edit = {"dataset_id": dataset, "config": _config(edited)}
    made.append(ada.client.post("/actions/edit_config", json=edit))
    assert (shown, [each.status_code for each in made]) == (sent, [201, 201])

    for number, answer in enumerate(made):
        at = answer.headers["Location"]
        assert [each.client.get(at).status_code for each in (ada, admin, bob)] == [200, 200, 403]
        erase(admin, dataset, versions=[number, number])
        for asker in (ada, admin):
            gone = asker.client.get(at)
            assert (gone.status_code, gone.json()["code"]) == (410, 410), gone.text
            assert WHY in gone.json()["error"]
        assert bob.client.get(at).status_code == 403

    assert in_log(server, words) == in_log(server, edited) == 0
    kept = asking.query(
        server,
        "SELECT o.payload, e.position FROM view.operations o JOIN es.event e ON e.stream = o.id"
        " WHERE o.id = ANY(%s::uuid[]) ORDER BY e.position",
        [each.json()["result"] for each in made],
    )
    assert [orjson.loads(payload) for payload, _ in kept] == [
        {"jobs_submitted": 5, "dataset_id": dataset},
        {"dataset_id": dataset},
    ]
    page = {"after": positions.token(kept[0][1] - 1), "limit": "20"}
    told = admin.client.get("/api/events", params=page).text
    assert "operation.carried-out" in told
    assert words not in told
    assert edited not in told


def test_who_may_view_a_dataset_no_more_is_shown_nothing_of_it(admin: User, bob: User) -> None:
    """Not what he has asked for himself, either."""
    sent = submitting.submission(
        group="filtering", extra_submit_fields='{"auth_groups_read": ["filtering"]}'
    )
    made = admin.client.post(SUBMIT, json=sent).headers["Location"]
    dataset = admin.client.get(made).json()["payload"]["dataset_id"]
    me = bob.client.get("/api/v1/users/me").json()["user_id"]
    held = f"/objects/{dataset}/permissions/users/{me}"
    assert admin.client.put(held, json="write").status_code == 200
    edit = {"dataset_id": dataset, "config": _config("lead")}
    edited = bob.client.post("/actions/edit_config", json=edit).headers["Location"]
    before = bob.client.get(edited).status_code

    assert admin.client.put(held, json="none").status_code == 200

    assert [before, bob.client.get(edited).status_code] == [200, 403]


def _config(name: str) -> str:
    return json.dumps({"tasks": [submitting.CONFIG["tasks"][0] | {"name": name}]})


def test_a_large_configuration_is_submitted(ada: User) -> None:
    """As a small one is; what is wrong with it is told in the same way."""
    tasks = [submitting.CONFIG["tasks"][0] | {"name": "a" * 500} for _ in range(300)]
    text = json.dumps({"tasks": tasks})

    made = ada.client.post(SUBMIT, json=submitting.submission(config=text))
    refused = [
        ada.client.post(SUBMIT, json=submitting.submission(config=each))
        for each in (text[:-1], f"[{text}]", text.replace("trays", "tray"), json.dumps(text))
    ]

    assert made.status_code == 201, made.text
    told = ada.client.get(made.headers["Location"]).json()["payload"]
    assert told["config"] == text
    shown = submitting.shown(ada.client, told["dataset_id"])
    assert (shown["tasks_per_job"], shown["tasks_submitted"]) == (300, 1500)
    assert ada.client.get(f"/config/{told['dataset_id']}").text == text
    assert [(each.status_code, set(each.json())) for each in refused] == [
        (400, {"code", "error"})
    ] * 4


def test_a_group_takes_what_its_members_submit(ada: User, admin: User) -> None:
    """Administrators are in every group."""
    statuses = [
        each.client.post(SUBMIT, json=submitting.submission(group="filtering")).status_code
        for each in (ada, admin)
    ]

    assert statuses == [400, 201]


@pytest.mark.parametrize(
    "wrong",
    [
        {"config": submitting.CONFIG},
        {"config": "{"},
        {"config": "[]"},
        {"config": "{}"},
        {"config": '{"tasks":[]}'},
        {"config": '{"tasks":[{"name":"a"}]}'},
        {"jobs_submitted": 0},
        {"jobs_submitted": "5"},
        {"jobs_submitted": 2**60},
        {"group": "simprod"},
        {"group": "none"},
        {"group": []},
        {"username": "somebody else"},
        {"unknown": 1},
        {"extra_submit_fields": '{"status": "complete"}'},
        {"extra_submit_fields": 1},
        {"description": None},
    ],
)
def test_a_wrong_submission_is_refused(ada: User, wrong: dict[str, Any]) -> None:
    """400, also for a group that one is not in."""
    refused = ada.client.post(SUBMIT, json=submitting.submission(**wrong))

    assert (refused.status_code, refused.json()["code"]) == (400, 400), refused.text


def test_a_status_is_changed_by_an_action(ada: User, bob: User) -> None:
    """By the table, but for a hard reset; others may not."""
    dataset = submitting.made(ada.client)

    def act(asker: User, action: str) -> int:
        sent = {"dataset_id": dataset, "action": action}
        return asker.client.post("/actions/dataset_status", json=sent).status_code

    assert act(bob, "suspend") == 403
    assert [act(ada, each) for each in ("suspend", "reset", "fine")] == [201, 201, 400]
    submitting.put(ada.client, dataset, "status", "complete")
    assert [act(ada, each) for each in ("suspend", "reset", "hard_reset")] == [400, 400, 201]
    assert submitting.shown(ada.client, dataset)["status"] == "processing"


def test_a_configuration_is_edited_by_an_action(ada: User) -> None:
    """As by PUT."""
    dataset = submitting.made(ada.client)
    sent = {"dataset_id": dataset, "config": json.dumps(submitting.CONFIG)}

    assert ada.client.post("/actions/edit_config", json=sent).status_code == 201
    assert ada.client.get(f"/config/{dataset}").json() == submitting.CONFIG
    wrong = sent | {"config": "{}"}
    assert ada.client.post("/actions/edit_config", json=wrong).status_code == 400


def test_a_configuration_names_its_own_dataset_or_none(ada: User) -> None:
    """By PUT and by the actions alike; the id is not kept in it, and so what is got can be put."""
    dataset, another = (submitting.made(ada.client) for _ in range(2))
    number = submitting.shown(ada.client, dataset)["dataset"]

    def sent(named: Any) -> list[int]:
        """How PUT, at both of the dataset's addresses, and the action answer."""
        config = submitting.CONFIG | {"dataset_id": named}
        edit = {"dataset_id": dataset, "config": json.dumps(config)}
        return [
            *(
                ada.client.put(f"/config/{id_}", json=config).status_code
                for id_ in (dataset, number)
            ),
            ada.client.post("/actions/edit_config", json=edit).status_code,
        ]

    own = [sent(named) for named in (dataset, number, str(number))]
    got = ada.client.get(f"/config/{dataset}").json()

    assert own == [[200, 200, 201]] * 3
    assert got == submitting.CONFIG
    for wrong in (another, number + 1, True, None, [dataset], float(number)):
        assert sent(wrong) == [400] * 3, wrong


def test_what_is_submitted_names_no_dataset(ada: User) -> None:
    """There is none yet: any id is that of another one."""
    other = submitting.made(ada.client)
    config = json.dumps(submitting.CONFIG | {"dataset_id": other})

    refused = ada.client.post(SUBMIT, json=submitting.submission(config=config))

    assert (refused.status_code, refused.json()["code"]) == (400, 400), refused.text


WAYS = [  # a status, what is done with all jobs or tasks, and the status after it
    ("processing", "job_status", "suspend", "suspended"),
    ("suspended", "job_status", "reset", "processing"),
    ("suspended", "job_status", "suspend", "suspended"),
    ("complete", "job_status", "hard_reset", "complete"),
    ("errors", "job_status", "hard_reset", "processing"),
    ("processing", "task_status", "suspend", "processing"),
    ("errors", "task_status", "reset", "processing"),
    ("complete", "task_status", "reset", "complete"),
]


@pytest.mark.parametrize(("before", "kind", "step", "after"), WAYS)
def test_of_no_jobs_and_tasks_all_are_changed(
    ada: User, bob: User, before: str, kind: str, step: str, after: str
) -> None:
    """The dataset goes with its jobs as far as the table lets it; others may not."""
    dataset = submitting.made(ada.client)
    submitting.put(ada.client, dataset, "status", before)
    sent = {"dataset_id": dataset, "action": step}

    made = ada.client.post(f"/actions/{kind}", json=sent)

    assert made.status_code == 201, made.text
    told = ada.client.get(made.headers["Location"]).json()
    assert (told["status"], told["payload"]) == ("complete", sent)
    assert submitting.shown(ada.client, dataset)["status"] == after
    assert bob.client.post(f"/actions/{kind}", json=sent).status_code == 403


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("job_status", {}),
        ("job_status", {"action": "stop"}),
        ("job_status", {"action": ["reset"]}),
        ("job_status", {"action": "reset", "initial_status": "idle"}),
        ("job_status", {"action": "reset", "job_ids": ["a"]}),
        ("job_status", {"action": "reset", "job_ids": "a"}),
        ("job_status", {"action": "reset", "task_ids": []}),
        ("task_status", {"action": "reset", "initial_status": "errors"}),
        ("task_status", {"action": "reset", "task_ids": ["a"]}),
        ("task_status", {"action": "reset", "job_ids": ["a"]}),
        ("materialization", {"num": 0}),
        ("materialization", {"num": "many"}),
        ("materialization", {"set_status": "fine"}),
        ("materialization", {"other": 1}),
        ("materialization", {"dataset_id": "none"}),
        ("materialization", {"dataset_id": {}}),
    ],
)
def test_what_is_wrong_with_jobs_and_tasks_is_refused(
    ada: User, kind: str, wrong: dict[str, Any]
) -> None:
    """400, also for jobs that are named, since there are none; 403 for what is no dataset."""
    dataset = submitting.made(ada.client)

    refused = ada.client.post(f"/actions/{kind}", json={"dataset_id": dataset} | wrong)

    assert refused.status_code == (403 if "dataset_id" in wrong else 400), refused.text
    assert refused.json()["code"] == refused.status_code


def test_no_jobs_are_made(ada: User, bob: User) -> None:
    """What asks for it is carried out at once: there is nothing to do."""
    dataset = submitting.made(ada.client)
    sent = {"dataset_id": dataset, "num": 10, "set_status": "idle"}

    made = ada.client.post("/actions/materialization", json=sent)

    assert ada.client.get(made.headers["Location"]).json()["payload"] == sent
    assert ada.client.get(f"/datasets/{dataset}/jobs").json() == {}
    assert bob.client.post("/actions/materialization", json=sent).status_code == 403


@pytest.mark.parametrize("part", ["job", "task"])
@pytest.mark.parametrize("step", ["suspend", "reset", "hard_reset"])
def test_many_jobs_and_tasks_are_changed_at_once(
    ada: User, bob: User, part: str, step: str
) -> None:
    """Of those that are named, or all, none is there; the dataset stays as it is."""
    dataset = submitting.made(ada.client)
    at = f"/datasets/{dataset}/{part}_actions/bulk_{step}"

    some: list[dict[str, list[str]]] = [{}, {"jobs": ["a"]}, {"tasks": ["b"]}]
    for sent in some:
        answer = ada.client.post(at, json=sent)
        assert (answer.status_code, answer.json()) == (200, {})
    assert ada.client.post(at).status_code == 200
    assert ada.client.post(at, json={"jobs": "a"}).status_code == 400
    assert ada.client.post(at, json={"others": []}).status_code == 400
    assert bob.client.post(at, json={}).status_code == 403
    assert len(ada.client.get(f"/objects/{dataset}/versions").json()) == 1
