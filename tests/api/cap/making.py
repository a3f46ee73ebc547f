"""Deposits and types for tests, made as CAP's clients make them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api.asking import fresh

DEPOSITS = "/api/deposits"
BASIC = {"Accept": "application/basic+json"}
DRAFT_4 = "http://json-schema.org/draft-04/schema#"
YEARS: dict[str, Any] = {
    "$schema": DRAFT_4,
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "runs": {
            "type": "array",
            "items": {"type": "object", "properties": {"year": {"type": "integer"}}},
        },
    },
}


def deposit(asker: httpx.Client, kind: str = "generic", **metadata: Any) -> dict[str, Any]:
    """Begin a deposit and return it."""
    made = asker.post(DEPOSITS, json={"$ana_type": kind, **metadata})
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def act(asker: httpx.Client, depid: str, action: str, body: Any = None) -> dict[str, Any]:
    """Do something with a deposit and return the answer."""
    done = asker.post(f"{DEPOSITS}/{depid}/actions/{action}", json=body)
    assert done.is_success, done.text
    answer: dict[str, Any] = done.json()
    return answer


def published(asker: httpx.Client, kind: str = "generic", **metadata: Any) -> dict[str, Any]:
    """Publish a deposit and return it."""
    return act(asker, deposit(asker, kind, **metadata)["id"], "publish")


def new_type(admin: httpx.Client, deposit_schema: Any = None, **members: Any) -> str:
    """Make a type and return its name."""
    name = fresh("type")
    body = {"name": name, "version": "1.0.0", "deposit_schema": deposit_schema or YEARS}
    made = admin.post("/api/jsonschemas/", json=body | members)
    assert made.status_code == 201, made.text
    return name


def change(email: str, right: str, op: str = "add", kind: str = "user") -> dict[str, str]:
    """Return one line of a request for other rights."""
    return {"email": email, "type": kind, "op": op, "action": f"deposit-{right}"}


def share(asker: httpx.Client, depid: str, email: str, right: str) -> None:
    """Give somebody a right on a deposit."""
    act(asker, depid, "permissions", [change(email, right)])


def put(asker: httpx.Client, deposit: dict[str, Any], key: str, content: bytes) -> dict[str, Any]:
    """Put a file into a deposit and return what is answered."""
    done = asker.put(f"{deposit['links']['bucket']}/{key}", content=content)
    assert done.status_code == 200, done.text
    answer: dict[str, Any] = done.json()
    return answer
