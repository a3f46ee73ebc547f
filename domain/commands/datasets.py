"""IceProd's datasets: made, and changed one field at a time, each change a version.

Whoever may not know of a dataset is told that he may not, and never that there is none.
Source: the IceProd specification, "REST".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from msgspec import Raw

from domain import access, dataset, documents, intake
from domain.access import Level
from domain.action import Action
from domain.commands import dataset_versions, objects
from domain.commands.existing import Existing
from domain.dataset import Configuration
from domain.errors import Forbidden, Invalid, NotFound
from domain.intake import Document
from domain.log import Session
from domain.record import Record


def create(session: Session, fields: Mapping[str, Any]) -> Record:
    """Make a dataset of these members of its document; others have their defaults. Raises Invalid.

    What is Raw stands as it is. `username` is the actor's own unless an administrator says another.
    """
    given = {**dataset.DEFAULTS, **fields}
    if not session.actor.admin or "username" not in given:
        given["username"] = session.actor.name
    unknown = sorted(name for name in given if name not in dataset.PROPERTIES)
    if unknown:
        raise Invalid(f"{unknown[0][:100]} is no field of a dataset.")
    action = session.find(Action, id=dataset.ACTION)
    assert action is not None  # noqa: S101 - it is made at the first start
    ordered = {name: _written(given[name]) for name in dataset.PROPERTIES if name in given}
    document = intake.document(documents.joined(ordered))
    return objects.create(session, action=action.number, document=document)


def find(session: Session, dataset_id: str) -> Record:
    """Return the dataset that a number or a pid names. Raises NotFound, Forbidden."""
    try:
        record = objects.find(session, dataset_id)
    except NotFound as error:
        raise unknown(session.actor, dataset_id) from error
    if record.action != dataset.ACTION:
        raise unknown(session.actor, dataset_id)
    return record


def writable(session: Session, dataset_id: str) -> Record:
    """Return a dataset that the actor may change. Raises NotFound, Forbidden."""
    record = find(session, dataset_id)
    objects.require(session, record, Level.EDIT, "change this dataset")
    return record


def unknown(actor: access.Actor, dataset_id: str) -> NotFound | Forbidden:
    """Return what whoever asks is told of a dataset that is not there."""
    if actor.admin:
        return NotFound(f"There is no dataset {dataset_id[:100]}.")
    return Forbidden("You may not do this with this dataset.")


def set_field(session: Session, dataset_id: str, name: str, sent: Document) -> Record:
    """Give a dataset another description, priority, status or number of jobs.

    What is so already is no change. Raises Invalid, NotFound, Forbidden.
    """

    def changed(before: Mapping[str, Any]) -> Mapping[str, Any]:
        jobs = sent.value
        if name != "jobs_submitted" or not isinstance(jobs, int) or jobs > dataset.MOST:
            return {name: sent.raw}  # what is wrong with it the schema says
        return {name: sent.raw, "tasks_submitted": jobs * before["tasks_per_job"]}

    return _change(session, writable(session, dataset_id), changed)


def truncate(session: Session, dataset_id: str) -> Record:
    """Have a dataset make no further jobs. Raises Invalid for a complete one."""
    return _change(session, writable(session, dataset_id), lambda _: {"truncated": True})


def hard_reset(session: Session, dataset_id: str) -> Record:
    """Have a dataset be processed again, whatever its status is."""
    return _change(
        session,
        writable(session, dataset_id),
        lambda _: {"status": dataset.STATUSES[0]},
        by_table=False,
    )


def follow(session: Session, dataset_id: str, status: str) -> Record:
    """Have a dataset go to a status where the table lets it, and else leave it as it is."""

    def changed(before: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"status": status} if status in dataset.FOLLOWING[before["status"]] else {}

    return _change(session, writable(session, dataset_id), changed)


def put_config(session: Session, dataset_id: str, config: Configuration) -> Record:
    """Give a dataset a configuration.

    Raises Invalid, also for one that names another dataset, NotFound, Forbidden.
    """
    record = writable(session, dataset_id)
    dataset.require_own(config.named, record.pid, str(record.number), record.id.hex)
    return _change(session, record, lambda _: {dataset.CONFIG: Raw(config.raw)})


def _change(
    session: Session,
    record: Record,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    *,
    by_table: bool = True,
) -> Record:
    """Publish the next version of a writable dataset, if anything in it is another."""
    body = dataset_versions.newest(session, record)
    members, before = documents.split(bytes(body)), dataset.said(body)
    news = {name: _written(value) for name, value in change(before).items()}
    if all(bytes(members.get(name, b"")) == bytes(value) for name, value in news.items()):
        return record
    document = intake.document(documents.joined(members | news))
    action = session.find(Action, id=record.action)
    assert action is not None  # noqa: S101 - a record's action is never deleted
    schema_version = record.schema_version or action.schema_version
    accepted = session.validator(action, schema_version).accept(document, Existing(session, record))
    if by_table:
        dataset.require_following(before, dataset.said(accepted))
    return session.change(record, record.publish(accepted, schema_version=schema_version))


def _written(value: Any) -> Raw:
    """Return a value as JSON; Raw is."""
    return value if isinstance(value, Raw) else Raw(orjson.dumps(value))
