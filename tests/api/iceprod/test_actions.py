"""Actions of IceProd's door: submit and the like. Source: the IceProd specification."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.asking import User
from tests.api.iceprod import submitting

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
