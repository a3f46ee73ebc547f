"""Secrets of environments are in plain nowhere: in no answer, no file of the database, no log."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.feed import positions
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from projections import opening
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import User
from tests.api.divio import deploying, hosting
from tests.api.divio.deploying import VARIABLES
from tests.running import Running

BEGUN = "SELECT position FROM es.event WHERE stream = %s AND version = 1"


class Told:
    """All that was answered."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, answer: httpx.Response) -> httpx.Response:
        """Keep an answer."""
        self.text += f"{answer.headers}\n{answer.text}\n"
        return answer


def spelled(secret: str) -> list[bytes]:
    """A secret as it may stand somewhere."""
    plain = secret.encode()
    return [plain, plain.hex().encode(), b64encode(plain).rstrip(b"=")[:-1]]


def holding(server: Running, *texts: list[bytes]) -> list[list[str]]:
    """The files of the service, its output among them, that hold one of some texts, for each."""
    found: list[list[str]] = [[] for _ in texts]
    files = [server.log, server.said, *(each for each in server.data.rglob("*") if each.is_file())]
    for path in files:
        held = path.read_bytes()
        for names, several in zip(found, texts, strict=True):
            if any(each in held for each in several):
                names.append(path.name)
    return found


@pytest.fixture(scope="module")
def environment(ada: User) -> dict[str, Any]:
    """An environment of an organisation of Ada's."""
    application = hosting.application(ada.client, hosting.organisation(ada.client))
    return hosting.environments(ada.client, application["uuid"])[0]


def test_a_secret_is_in_plain_nowhere(
    server: Running, ada: User, admin: User, environment: dict[str, Any]
) -> None:
    """In no door's answer, no feed, no replay, no export, no file: what is no secret is in these.

    Of the request not even a digest is kept by which it could be guessed.
    """
    secret, plain = (f"{word}{token_hex(8)}" for word in ("tin", "lead"))
    told = Told()
    record = deploying.hex_of(environment)
    body = json.dumps(
        {
            "environment": environment["uuid"],
            "name": "TOKEN",
            "value": secret,
            "is_sensitive": True,
        }
    ).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": asking.fresh("key")}
    for _ in range(2):
        told(ada.client.post(VARIABLES, content=body, headers=headers))
    deploying.variable(ada.client, environment, "PLAIN", plain)
    told(ada.client.post(deploying.DEPLOYMENTS, json={"environment": environment["uuid"]}))
    sealed = told(ada.client.get(f"/objects/{record}/versions/3")).json()
    number = sealed["object_id"]
    for name in ("1", "TOKEN", ""):
        said = {"environment": environment["uuid"], "name": name, "value": secret}
        refused = told(ada.client.post(VARIABLES, json=said | {"is_sensitive": True}))
        assert refused.status_code == 400
    for path in (
        f"/objects/{record}",
        f"/objects/{record}/versions",
        f"/objects/{record}/versions/1",
        f"/objects/{record}/events",
        f"/objects/{record}/timemap",
        f"/objects/{record}/diff?from=0&to=3",
        f"/api/v1/objects/{number}/versions/3",
        f"/api/v1/objects/?q={plain}",
        f"/api/user/records?q={plain}",
        f"{VARIABLES}?environment={environment['uuid']}",
        f"{deploying.DEPLOYMENTS}?environment={environment['uuid']}",
    ):
        answer = told(ada.client.get(path, follow_redirects=True))
        assert answer.status_code < 500, path
    replayed = server.cli("replay", str(number))
    told.text += replayed.stdout + replayed.stderr

    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as conn:
        row = conn.execute(BEGUN, [record]).fetchone()
        assert row is not None
        conn.execute("CHECKPOINT")
    feed = told(admin.client.get("/api/events", params={"after": positions.token(row[0])})).text

    for each in (plain, sealed["data"]["variables"][0]["sealed"]["ciphertext"]):
        assert each in told.text
        assert each in replayed.stdout
        assert each in feed
    assert [each for each in spelled(secret) if each.decode() in told.text] == []
    digest = sha256(body).hexdigest().encode()
    shown, hidden = holding(server, [plain.encode()], [*spelled(secret), digest])
    assert shown != []
    assert hidden == []


def test_an_audit_finds_secrets_that_do_not_open(
    server: Running, ada: User, environment: dict[str, Any], tmp_path: Path
) -> None:
    """Under a key that is not there, or without their own; it makes none, and finds no others."""
    deploying.variable(ada.client, environment, "LOST", "tin", is_sensitive=True)
    record = UUID(deploying.hex_of(environment))
    here, elsewhere = Settings(data=server.data), Settings(data=tmp_path)

    def found(url: str, settings: Settings) -> list[str]:
        keys = wiring.encryption_keys(settings)
        return [each.message for each in opening.findings(url, keys) if each.stream == record]

    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as conn:
        sound, missing = found(url, here), found(url, elsewhere)
        kept = conn.execute("DELETE FROM es.data_key WHERE record = %s RETURNING *", [record])
        row = kept.fetchone()
        conn.commit()
        lost = found(url, here)
        conn.execute("INSERT INTO es.data_key VALUES (%s, %s, %s, %s)", row)

    assert sound == []
    assert ["has no key" in each for each in missing] == [True]
    assert ["is not there" in each for each in lost] == [True]
    assert not (tmp_path / "secrets.keys").exists()
