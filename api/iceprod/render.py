"""Datasets as IceProd's JSON. Members stand as they were stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import orjson

from domain import documents
from domain.dataset import APART
from projections.datasets import Found, Listed

ID = "dataset_id"


def one(found: Found) -> bytes:
    """Return a dataset."""
    members = documents.split(found.body)
    said = documents.joined({name: members[name] for name in members if name not in APART})
    return _whole(found.pid, found.number, found.created_at, said)


def line(listed: Listed, keys: Collection[str] | None) -> bytes:
    """Return a line of the list, by its id; of its members only those named, and the id."""
    shown = _whole(listed.pid, listed.number, listed.created_at, listed.said)
    if keys is not None:
        whole = orjson.loads(shown)
        shown = orjson.dumps({name: whole[name] for name in whole if name in keys or name == ID})
    return b"%b:%b" % (orjson.dumps(listed.pid), shown)


def _whole(pid: str, number: int, created_at: datetime, said: bytes) -> bytes:
    head = {
        ID: pid,
        "dataset": number,
        "start_date": created_at.replace(tzinfo=None).isoformat(timespec="microseconds"),
    }
    return b"%b,%b" % (orjson.dumps(head)[:-1], said[1:])
