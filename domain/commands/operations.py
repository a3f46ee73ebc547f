"""IceProd's actions on datasets: each is carried out as it is asked for, and kept.

Source: the IceProd specification, "REST", actions.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    if step == "hard_reset":
        changed = datasets.hard_reset(session, dataset_id)
    elif isinstance(step, str) and step in STEPS:
        changed = datasets.set_field(session, dataset_id, "status", STEPS[step])
    else:
        raise Invalid(f"action must be one of {', '.join(STEPS)}, hard_reset.")
    return _done(session, "dataset_status", fields, changed)


def edit_config(session: Session, fields: Mapping[str, Any]) -> Operation:
    """Give a dataset another configuration. Raises Invalid, NotFound, Forbidden."""
    config = Raw(orjson.dumps(_object(fields, "config")))
    changed = datasets.put_config(session, str(fields["dataset_id"]), config)
    return _done(session, "edit_config", fields, changed)


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
