"""IceProd's actions on datasets: each is carried out as it is asked for, and kept.

Source: the IceProd specification, "REST", actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from msgspec import Raw

from domain import access, dataset, documents, heavy, intake
from domain.access import Actor
from domain.commands import datasets
from domain.dataset import Configuration
from domain.errors import Invalid
from domain.intake import Document
from domain.log import Session
from domain.operation import SAID, Kind, Operation, OperationCarriedOut
from domain.record import Record
from domain.values import Body

STEPS = {"suspend": "suspended", "reset": "processing"}
HARD_RESET = "hard_reset"
EXTRA = frozenset({"priority", "debug", "jobs_immutable", "always_active", "auth_groups_read"})

Fields = Mapping[str, Document]


def submit(session: Session, fields: Fields) -> Operation:
    """Make a dataset with its configuration. Raises Invalid, also for a group one is not in."""
    actor = session.actor
    if _value(fields, "username", actor.name) != actor.name:
        raise Invalid("username must be your own.")
    group = _value(fields, "group", "users")
    if not isinstance(group, str) or group not in dataset.GROUPS:
        raise Invalid(f"group must be one of {', '.join(dataset.GROUPS)}.")
    if not _is_in(actor, group):
        raise Invalid(f"You are not in the group {group}.")
    extra = _extra(fields)
    jobs = _value(fields, "jobs_submitted")
    if type(jobs) is not int or not 1 <= jobs <= dataset.MOST:
        raise Invalid("jobs_submitted must be a whole number, 1 or more.")
    config = _configuration(fields)
    dataset.require_own(config.named)  # what is not there yet has no id to name
    made = datasets.create(
        session,
        {
            **extra,
            "description": fields["description"].raw,
            "jobs_submitted": jobs,
            "tasks_per_job": config.tasks,
            "tasks_submitted": jobs * config.tasks,
            "group": group,
            dataset.CONFIG: Raw(config.raw),
        },
    )
    return _done(session, "submit", fields, made)


def change_status(session: Session, fields: Fields) -> Operation:
    """Suspend or reset a dataset. Raises Invalid, NotFound, Forbidden."""
    dataset_id, step = _dataset_id(fields), _value(fields, "action")
    _require_step(step)
    if step == HARD_RESET:
        changed = datasets.hard_reset(session, dataset_id)
    else:
        status = intake.document(orjson.dumps(STEPS[step]))
        changed = datasets.set_field(session, dataset_id, "status", status)
    return _done(session, "dataset_status", fields, changed)


def edit_config(session: Session, fields: Fields) -> Operation:
    """Give a dataset another configuration. Raises Invalid, NotFound, Forbidden."""
    changed = datasets.put_config(session, _dataset_id(fields), _configuration(fields))
    return _done(session, "edit_config", fields, changed)


def change_jobs(session: Session, fields: Fields) -> Operation:
    """Suspend or reset the jobs of a dataset, of which there are none, and so the dataset itself.

    It keeps its status where the table has no other way. Raises Invalid, also for jobs that are
    named, NotFound, Forbidden.
    """
    dataset_id, step = _dataset_id(fields), _value(fields, "action")
    _require_chosen(fields, dataset.JOB_STATUSES, "job_ids")
    changed = datasets.follow(session, dataset_id, STEPS.get(step, STEPS["reset"]))
    return _done(session, "job_status", fields, changed)


def change_tasks(session: Session, fields: Fields) -> Operation:
    """Suspend or reset the tasks of a dataset, of which there are none.

    To reset them has the dataset be processed, where the table lets it; suspended it is not.
    Raises Invalid, also for jobs and tasks that are named, NotFound, Forbidden.
    """
    dataset_id = _dataset_id(fields)
    _require_chosen(fields, dataset.TASK_STATUSES, "task_ids", "job_ids")
    if _value(fields, "action") == "suspend":
        record = datasets.writable(session, dataset_id)
    else:
        record = datasets.follow(session, dataset_id, STEPS["reset"])
    return _done(session, "task_status", fields, record)


def materialize(session: Session, fields: Fields) -> Operation:
    """Make up to `num` jobs of a dataset: none, for nothing is run here.

    Raises Invalid, NotFound, Forbidden.
    """
    status = _value(fields, "set_status", dataset.TASK_STATUSES[0])
    count = _value(fields, "num", 1)
    if status not in dataset.TASK_STATUSES:
        raise Invalid(f"set_status must be one of {', '.join(dataset.TASK_STATUSES)}.")
    if type(count) is not int or count < 1:
        raise Invalid("num must be a whole number, 1 or more.")
    record = datasets.writable(session, _dataset_id(fields))
    return _done(session, "materialization", fields, record)


def _require_step(step: object) -> None:
    if not isinstance(step, str) or step not in (*STEPS, HARD_RESET):
        raise Invalid(f"action must be one of {', '.join(STEPS)}, {HARD_RESET}.")


def _require_chosen(fields: Fields, statuses: Sequence[str], *named: str) -> None:
    """Pass when jobs or tasks are chosen by their status, or all of them. Raises Invalid."""
    _require_step(_value(fields, "action"))
    status = _value(fields, "initial_status")
    if status is not None and status not in statuses:
        raise Invalid(f"initial_status must be one of {', '.join(statuses)}.")
    for name in named:
        given = _value(fields, name)
        if given is not None and not isinstance(given, list):
            raise Invalid(f"{name} must be a list.")
        if given:
            raise Invalid(f"{name}: this dataset has no jobs, and so none of these.")


def _is_in(actor: Actor, group: str) -> bool:
    return actor.admin or dataset.GROUPS[group] in actor.principals


def _value(fields: Fields, name: str, default: Any = None) -> Any:
    return fields[name].value if name in fields else default


def _dataset_id(fields: Fields) -> str:
    return str(_value(fields, "dataset_id"))


def _configuration(fields: Fields) -> Configuration:
    """Return the configuration that is asked for. Raises Invalid, TooLarge."""
    text = bytes(fields[dataset.CONFIG].raw)
    if len(text) > heavy.LIGHT:
        return heavy.call(dataset.spelled, text)
    return dataset.spelled(text)


def _extra(fields: Fields) -> dict[str, Raw]:
    """Return further members of a dataset, as they were written. Raises Invalid."""
    text = _value(fields, "extra_submit_fields", "{}")
    value = documents.read(text.encode()) if isinstance(text, str) else None
    if not isinstance(value, dict):
        raise Invalid("extra_submit_fields must be a JSON object, as a text.")
    unknown = sorted(name for name in value if name not in EXTRA)
    if unknown:
        raise Invalid(f"{unknown[0][:100]} is no field to submit.")
    return documents.split(text.encode())


def _done(session: Session, kind: Kind, fields: Fields, record: Record) -> Operation:
    access.require_scope(session.actor, "write")
    kept = {name: each.raw for name, each in fields.items() if name not in SAID.get(kind, ())}
    payload = Body(documents.joined(kept | {"dataset_id": Raw(orjson.dumps(record.pid))}))
    number = record.versions - 1 if kind in SAID else None
    return session.begin(uuid4(), OperationCarriedOut(kind=kind, payload=payload, number=number))
