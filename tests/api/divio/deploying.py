"""Variables and deployments of environments for tests, made as Divio's clients make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import httpx

from domain import variable as variables
from domain.identifiers import base32_of, id_of_base32
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from projections.data_keys import DataKeys
from projections.database import Connections, serving
from scripts import wiring
from scripts.settings import Settings
from tests.api.divio import hosting
from tests.api.divio.hosting import APPS
from tests.running import Running

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


def put(
    asker: httpx.Client, environment: dict[str, Any], values: Mapping[str, str]
) -> httpx.Response:
    """Have an environment say these variables, name → value, in one step through another door."""
    told = [
        {"uuid": base32_of(uuid4()), "name": name, "is_sensitive": False, "value": value}
        for name, value in values.items()
    ]
    data = document(asker, environment) | {"variables": told}
    return asker.post(f"/objects/{hex_of(environment)}/versions/", json={"data": data})


def deployed(asker: httpx.Client, environment: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Deploy an environment and return what was shown."""
    return hosting.made(asker, DEPLOYMENTS, {"environment": environment["uuid"]} | other)


def document(asker: httpx.Client, environment: dict[str, Any]) -> dict[str, Any]:
    """What the newest version of an environment says, as another door shows it."""
    path = f"/objects/{hex_of(environment)}/versions"
    newest = len(asker.get(path).json()) - 1
    answer = asker.get(f"{path}/{newest}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def opened(server: Running, asker: httpx.Client, environment: dict[str, Any]) -> dict[str, str]:
    """The values of an environment's variables, name → value, as who has the keys opens them."""
    settings, record = Settings(data=server.data), UUID(hex_of(environment))
    with database(DataFolder(server.data), "test") as url:
        connections = Connections(serving(url, "test"))
        key = DataKeys(connections, wiring.encryption_keys(settings)).of(record)
        connections.close()
    several = variables.of(document(asker, environment))
    return {each.name: variables.opened(key, record, each) for each in several}
