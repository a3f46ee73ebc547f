"""Searches of records for tests: each of them of a word that no other test's records have."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api import asking
from tests.api.inveniordm import making
from tests.api.inveniordm.making import OPEN, RECORDS


def word() -> str:
    """Return a word that nothing has yet."""
    return asking.fresh("qz").replace("-", "")


def record(asker: httpx.Client, title: str, access: Any = OPEN, **metadata: Any) -> str:
    """Publish a record of this title and return its id."""
    pid: str = making.record(asker, making.body(access, title=title, **metadata))["id"]
    return pid


def search(asker: httpx.Client, q: str, **params: Any) -> Any:
    """Return the answer to a query."""
    answer = asker.get(RECORDS, params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(asker: httpx.Client, q: str, **params: Any) -> list[str]:
    """Return the ids of what a query finds, in order; the total is as many."""
    hits = search(asker, q, **{"size": 100, **params})["hits"]
    assert hits["total"] == len(hits["hits"])
    return [each["id"] for each in hits["hits"]]


def counts(asker: httpx.Client, facet: str, q: str, **params: Any) -> dict[str, int]:
    """Return how many of what a query finds have which value of a facet."""
    buckets = search(asker, q, **params)["aggregations"][facet]["buckets"]
    return {each["key"]: each["doc_count"] for each in buckets}
