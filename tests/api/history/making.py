"""Objects with a history: versions that say since when they are valid, and restricted ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson

from domain.commands import objects
from domain.commands.objects import Expectation
from domain.intake import Document
from domain.log import Session
from domain.values import Access, Body, Visibility
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running


def backdated(server: Running, owner: User, number: int, *valid_from: datetime | None) -> None:
    """Publish one version for each instant since which it is valid; None: since it is recorded."""
    for each in valid_from:
        asking.decide(server, owner.name, publish, number, each)


def publish(session: Session, number: int, valid_from: datetime | None) -> None:
    """Publish a version that says its number."""
    record = objects.find(session, str(number))
    value = {"version": record.versions}
    objects.publish(
        session,
        record,
        document=Document(Body(orjson.dumps(value)), value),
        expected=Expectation(),
        valid_from=valid_from,
    )


def half_open(server: Running, owner: User, action: int) -> int:
    """An object that is public, whose versions 0 and 2 were published when it was restricted."""
    number = asking.new_object(owner.client, action, '{"n":0}')
    opened: tuple[Visibility, ...] = ("public", "restricted", "public")
    for version, seen in enumerate(opened, 1):
        set_access(server, owner, number, seen)
        asking.new_version(owner.client, number, f'{{"n":{version}}}')
    return number


def set_access(server: Running, owner: User, number: int, to: Visibility) -> None:
    """Open or close a record."""
    asking.decide(server, owner.name, _set_access, number, to)


def _set_access(session: Session, number: int, to: Visibility) -> None:
    objects.change_access(session, objects.find(session, str(number)), Access(record=to))


def age(server: Running, number: int, by: timedelta) -> None:
    """Put back the instants at which an object's versions were recorded, where it is read."""
    asking.query(
        server,
        "UPDATE view.versions v"
        " SET recorded_at = v.recorded_at - %s, valid_from = v.valid_from - %s"
        " FROM view.records r WHERE r.id = v.record AND r.number = %s RETURNING 1",
        *(by, by, number),
    )


def versions(asker: httpx.Client, number: int | str) -> list[dict[str, Any]]:
    """Return all lines of an object's list of versions."""
    answer = asker.get(f"{API}/objects/{number}/versions", params={"limit": 1000})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def problem(answer: httpx.Response, status: int) -> str:
    """Hold an answer to be a problem of this status, and return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert said["status"] == status
    assert said["detail"] == said["message"]
    return str(said["message"])
