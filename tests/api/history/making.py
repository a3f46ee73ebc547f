"""Objects with a history: versions that say since when they are valid, and restricted ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import httpx
import orjson
from msgspec.structs import replace

from domain.action import Action
from domain.commands import actions, objects
from domain.commands.objects import Expectation
from domain.intake import Document
from domain.log import Session
from domain.values import Access, Body, Visibility
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

SAVE = 100  # versions that are published together


def backdated(server: Running, owner: User, number: int, *valid_from: datetime | None) -> None:
    """Publish one version for each instant since which it is valid; None: since it is recorded."""
    for each in valid_from:
        asking.decide(server, owner.name, publish, number, each)


def publish(session: Session, number: int, valid_from: datetime | None = None) -> None:
    """Publish a version that says its number."""
    record = objects.find(session, str(number))
    document = numbered(record.versions)
    objects.publish(
        session, record, document=document, expected=Expectation(), valid_from=valid_from
    )


def numbered(version: int) -> Document:
    """A document that says its number."""
    value = {"version": version}
    return Document(Body(orjson.dumps(value)), value)


def recorded(server: Running, owner: User, action: int, *ages: timedelta) -> int:
    """Make an object, one version for each time ago that one was recorded."""
    number = asking.decide(server, owner.name, _begin, action, ages[0])
    for age, those in groupby(ages[1:]):
        count = len([*those])
        for done in range(0, count, SAVE):
            few = min(SAVE, count - done)
            asking.decide(server, owner.name, _publish_all, number, age, few)
    return number


def _begin(session: Session, action: int, age: timedelta) -> int:
    session.now -= age
    return objects.create(session, action=action, document=numbered(0)).number


def _publish_all(session: Session, number: int, age: timedelta, count: int) -> None:
    session.now -= age  # of the save: its events are of one moment
    for _ in range(count):
        publish(session, number)


def half_open(server: Running, owner: User, action: int) -> int:
    """An object that is public, whose versions 0 and 2 were published when it was restricted.

    They were recorded 40, 30, 20 and 10 seconds ago.
    """
    number = asking.decide(server, owner.name, _begin, action, timedelta(seconds=40))
    opened: tuple[Visibility, ...] = ("public", "restricted", "public")
    for age, seen in zip((30, 20, 10), opened, strict=True):
        asking.decide(server, owner.name, _publish_as, number, seen, timedelta(seconds=age))
    return number


def _publish_as(session: Session, number: int, seen: Visibility, age: timedelta) -> None:
    session.now -= age
    _set_access(session, number, seen)
    publish(session, number)


def set_access(server: Running, owner: User, number: int, to: Visibility) -> None:
    """Open or close a record."""
    asking.decide(server, owner.name, _set_access, number, to)


def _set_access(session: Session, number: int, to: Visibility) -> None:
    objects.change_access(session, objects.find(session, str(number)), Access(record=to))


def revise(server: Running, admin: User, action: int, schema: bytes) -> None:
    """Give an action another schema."""
    asking.decide(server, admin.name, _revise, action, schema)


def _revise(session: Session, number: int, schema: bytes) -> None:
    session.actor = replace(session.actor, admin=True)
    found = session.find(Action, number=number)
    assert found is not None
    actions.revise(session, found, schema)


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
