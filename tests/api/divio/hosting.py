"""Organisations, applications and environments for tests, made as Divio's clients make them."""

from __future__ import annotations

import re
from typing import Any

import httpx

from domain.identifiers import id_of_base32
from tests.api import asking
from tests.api.asking import User

APPS = "/apps/v3"
IAM = "/iam/v3"
APPLICATIONS = f"{APPS}/applications/"
ENVIRONMENTS = f"{APPS}/environments/"
ORGANISATIONS = f"{IAM}/organisations/"
UUID = re.compile(r"(?=.*[a-z])[a-z2-7]{26}")


def made(asker: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Make something and return it as it was shown."""
    answer = asker.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def organisation(asker: httpx.Client) -> str:
    """Make an organisation and return its id."""
    return str(made(asker, ORGANISATIONS, {"name": asking.fresh("organisation")})["uuid"])


def join(admin: httpx.Client, organisation: str, user: User, role: str = "MEMBER") -> str:
    """Put somebody into an organisation and return his id."""
    path = f"{ORGANISATIONS}{organisation}/members/"
    return str(made(admin, path, {"email": user.name, "role": role})["uuid"])


def body(organisation: str, **other: Any) -> dict[str, Any]:
    """What makes an application."""
    return {"name": "Tin", "slug": asking.fresh("tin"), "organisation": organisation} | other


def application(asker: httpx.Client, organisation: str, **other: Any) -> dict[str, Any]:
    """Make an application and return it."""
    return made(asker, APPLICATIONS, body(organisation, **other))


def environments(asker: httpx.Client, application: str) -> list[dict[str, Any]]:
    """The environments of an application."""
    answer = asker.get(ENVIRONMENTS, params={"application": application})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def object_of(thing: dict[str, Any]) -> str:
    """The path under which other doors have an application or an environment."""
    id_ = id_of_base32(thing["uuid"])
    assert id_ is not None
    return f"/objects/{id_.hex}"


def pid_of(asker: httpx.Client, application: dict[str, Any]) -> str:
    """The public id under which other doors have an application."""
    answer = asker.get(f"{object_of(application)}/events")
    assert answer.status_code == 200, answer.text
    [pid] = {each["changed"]["pid"] for each in answer.json() if each["type"] == "record.created"}
    return str(pid)
