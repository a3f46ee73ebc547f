"""The real history that lies beside the project, for the tests that need it."""

from __future__ import annotations

import gzip
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import httpx
import orjson
import pytest

from tests.running import ROOT, Running

FOLDER = ROOT.parent / "shared" / "data"
HISTORY = FOLDER / "cern-open-data-history.jsonl.gz"
SCHEMA = FOLDER / "cern-open-data-record.schema.json"
REFUSED = {272, 3190}  # the two lines that violate the schema, counted from 1
LOAD = ("load", str(HISTORY), "--schema", str(SCHEMA), "--action", "CERN")


class Line(NamedTuple):
    """One line of the history; `number` counts from 1."""

    number: int
    raw: bytes
    recid: str
    record: Any


class Loaded(NamedTuple):
    """A service that has the history, and what its load said."""

    running: Running
    load: subprocess.CompletedProcess[str]


def require() -> None:
    """Skip a test where the real history is not there."""
    if not HISTORY.is_file():
        pytest.skip(f"needs {HISTORY.name} in ../shared/data, which is not there")


def lines() -> Iterator[Line]:
    """Give every line."""
    with gzip.open(HISTORY) as file:
        for number, raw in enumerate(file, 1):
            value = orjson.loads(raw)
            yield Line(number, raw, value["recid"], value["record"])


@cache
def accepted() -> dict[str, list[Any]]:
    """Return the accepted records of each recid, in order: version v is the v-th."""
    found: dict[str, list[Any]] = defaultdict(list)
    for line in lines():
        if line.number not in REFUSED:
            found[line.recid].append(line.record)
    return dict(found)


def by_recid(client: httpx.Client) -> dict[str, int]:
    """Return recid → object number, from the list."""
    listed = client.get("/api/v1/objects/", timeout=60).json()
    return {each["data"]["recid"]: each["object_id"] for each in listed}
