"""IceProd's actions on datasets: each is carried out as it is asked for, and kept.

Source: the IceProd specification, "REST", actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from msgspec import Raw

from domain import access, dataset, documents
from domain.access import Actor
from domain.commands import datasets
from domain.errors import Invalid
from domain.log import Session
from domain.operation import Kind, Operation, OperationCarriedOut
from domain.record import Record
from domain.values import Body

STEPS = {"suspend": "suspended", "reset": "processing"}
HARD_RESET = "hard_reset"
EXTRA = frozenset({"priority", "debug", "jobs_immutable", "always_active", "auth_groups_read"})


def submit(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Make a dataset with its configuration. Raises Invalid, also for a group one is not in."""
    actor = session.actor
    if fields.get("username", actor.name) != actor.name:
        raise Invalid("username must be your own.")
    group = fields.get("group", "users")
    if not isinstance(group, str) or group not in dataset.GROUPS:
        raise Invalid(f"group must be one of {', '.join(dataset.GROUPS)}.")
    if not _is_in(actor, group):
        raise Invalid(f"You are not in the group {group}.")
    config = _object(fields, "config")
    extra = _object(fields, "extra_submit_fields") if "extra_submit_fields" in fields else {}
    unknown = sorted(name for name in extra if name not in EXTRA)
    if unknown:
        raise Invalid(f"{unknown[0][:100]} is no field to submit.")
    jobs, tasks = fields["jobs_submitted"], config.get("tasks")
    if type(jobs) is not int or not 1 <= jobs <= dataset.MOST:
        raise Invalid("jobs_submitted must be a whole number, 1 or more.")
    if not isinstance(tasks, list) or not tasks:
        raise Invalid("config must have tasks.")
    made = datasets.create(
        session,
        {
            **extra,
            "description": fields["description"],
            "jobs_submitted": jobs,
            "tasks_per_job": len(tasks),
            "tasks_submitted": jobs * len(tasks),
            "group": group,
            dataset.CONFIG: config,
        },
    )
    return _done(session, "submit", fields, made)


def change_status(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Suspend or reset a dataset. Raises Invalid, NotFound, Forbidden."""
    dataset_id, step = str(fields["dataset_id"]), fields["action"]
    _require_step(step)
    if step == HARD_RESET:
        changed = datasets.hard_reset(session, dataset_id)
    else:
        changed = datasets.set_field(session, dataset_id, "status", STEPS[step])
    return _done(session, "dataset_status", fields, changed)


def edit_config(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Give a dataset another configuration. Raises Invalid, NotFound, Forbidden."""
    config = Raw(orjson.dumps(_object(fields, "config")))
    changed = datasets.put_config(session, str(fields["dataset_id"]), config)
    return _done(session, "edit_config", fields, changed)


def change_jobs(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Suspend or reset the jobs of a dataset, of which there are none, and so the dataset itself.

    It keeps its status where the table has no other way. Raises Invalid, also for jobs that are
    named, NotFound, Forbidden.
    """
    dataset_id, step = str(fields["dataset_id"]), fields["action"]
    _require_chosen(fields, dataset.JOB_STATUSES, "job_ids")
    changed = datasets.follow(session, dataset_id, STEPS.get(step, STEPS["reset"]))
    return _done(session, "job_status", fields, changed)


def change_tasks(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Suspend or reset the tasks of a dataset, of which there are none.

    To reset them has the dataset be processed, where the table lets it; suspended it is not.
    Raises Invalid, also for jobs and tasks that are named, NotFound, Forbidden.
    """
    dataset_id = str(fields["dataset_id"])
    _require_chosen(fields, dataset.TASK_STATUSES, "task_ids", "job_ids")
    if fields["action"] == "suspend":
        record = datasets.writable(session, dataset_id)
    else:
        record = datasets.follow(session, dataset_id, STEPS["reset"])
    return _done(session, "task_status", fields, record)


def materialize(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Make up to `num` jobs of a dataset: none, for nothing is run here.

    Raises Invalid, NotFound, Forbidden.
    """
    status, count = fields.get("set_status", dataset.TASK_STATUSES[0]), fields.get("num", 1)
    if status not in dataset.TASK_STATUSES:
        raise Invalid(f"set_status must be one of {', '.join(dataset.TASK_STATUSES)}.")
    if type(count) is not int or count < 1:
        raise Invalid("num must be a whole number, 1 or more.")
    record = datasets.writable(session, str(fields["dataset_id"]))
    return _done(session, "materialization", fields, record)


def _require_step(step: object) -> None:
    if not isinstance(step, str) or step not in (*STEPS, HARD_RESET):
        raise Invalid(f"action must be one of {', '.join(STEPS)}, {HARD_RESET}.")


def _require_chosen(fields: Mapping[str, Any], statuses: Sequence[str], *named: str) -> None:
    """Pass when jobs or tasks are chosen by their status, or all of them. Raises Invalid."""
    _require_step(fields["action"])
    status = fields.get("initial_status")
    if status is not None and status not in statuses:
        raise Invalid(f"initial_status must be one of {', '.join(statuses)}.")
    for name in named:
        given = fields.get(name)
        if given is not None and not isinstance(given, list):
            raise Invalid(f"{name} must be a list.")
        if given:
            raise Invalid(f"{name}: this dataset has no jobs, and so none of these.")


def _is_in(actor: Actor, group: str) -> bool:
    return actor.admin or dataset.GROUPS[group] in actor.principals


def _object(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the JSON object that a text holds. Raises Invalid."""
    text = fields[name]
    value = documents.read(text.encode()) if isinstance(text, str) else None
    if not isinstance(value, dict):
        raise Invalid(f"{name} must be a JSON object, as a text.")
    return value


def _done(session: Session, kind: Kind, fields: Mapping[str, Any], record: Record) -> Operation:
    access.require_scope(session.actor, "write")
    payload = orjson.dumps({**fields, "dataset_id": record.pid})
    return session.begin(uuid4(), OperationCarriedOut(kind=kind, payload=Body(payload)))
