"""Variables and deployments of environments for tests, made as Divio's clients make them."""

from __future__ import annotations

from typing import Any

import httpx

from domain.identifiers import id_of_base32
from tests.api.divio import hosting
from tests.api.divio.hosting import APPS

VARIABLES = f"{APPS}/environment-variables/"
DEPLOYMENTS = f"{APPS}/deployments/"


def hex_of(thing: dict[str, Any]) -> str:
    """The id under which other doors have something."""
    id_ = id_of_base32(thing["uuid"])
    assert id_ is not None
    return id_.hex


def variable(
    asker: httpx.Client, environment: dict[str, Any], name: str, value: str, **other: Any
) -> dict[str, Any]:
    """Make a variable and return it as it was shown."""
    body = {"environment": environment["uuid"], "name": name, "value": value} | other
    return hosting.made(asker, VARIABLES, body)


def deployed(asker: httpx.Client, environment: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Deploy an environment and return what was shown."""
    return hosting.made(asker, DEPLOYMENTS, {"environment": environment["uuid"]} | other)
