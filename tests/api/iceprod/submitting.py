"""Datasets for tests, made as IceProd's clients make them."""

from __future__ import annotations

import json
from typing import Any

import httpx

DATASETS = "/datasets"
CONFIG: dict[str, Any] = {
    "tasks": [{"name": "generate", "trays": [{"modules": [{"src": "run.py"}]}]}],
    "version": 3,
}


def body(**other: Any) -> dict[str, Any]:
    """A dataset of 10 jobs of 2 tasks each."""
    return {
        "description": "neutrinos",
        "jobs_submitted": 10,
        "tasks_submitted": 20,
        "tasks_per_job": 2,
        "group": "users",
    } | other


def made(asker: httpx.Client, **other: Any) -> str:
    """Make a dataset and return its id."""
    answer = asker.post(DATASETS, json=body(**other))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["result"])


def submission(**other: Any) -> dict[str, Any]:
    """What a program submits: a dataset with its configuration, as a text."""
    text = json.dumps(CONFIG)
    return {"config": text, "description": "muons", "jobs_submitted": 5} | other


def shown(asker: httpx.Client, dataset: str) -> dict[str, Any]:
    """A dataset as it stands."""
    answer = asker.get(f"{DATASETS}/{dataset}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def put(asker: httpx.Client, dataset: str, name: str, value: Any) -> int:
    """Change a field; how that is answered."""
    return asker.put(f"{DATASETS}/{dataset}/{name}", json={name: value}).status_code
