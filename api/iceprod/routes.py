"""IceProd's whole surface, one line a route."""

from __future__ import annotations

from api.iceprod.actions import KINDS, Action, Actions
from api.iceprod.config import Config
from api.iceprod.datasets import Dataset, DatasetAction, Datasets, Field, Summary
from api.iceprod.jobs import BULK, NOTHING, Bulk, Nothing
from api.service import Service
from domain.commands import datasets as commands

FIELDS = ("description", "status", "priority", "jobs_submitted")


def routes(service: Service) -> dict[str, object]:
    """Return each path and what answers it."""
    one = "/datasets/{dataset_id}"
    return {
        "/datasets": Datasets(service),
        one: Dataset(service),
        **{f"{one}/{name}": Field(service, name) for name in FIELDS},
        f"{one}/dataset_actions/truncate": DatasetAction(service, commands.truncate),
        f"{one}/dataset_actions/hard_reset": DatasetAction(service, commands.hard_reset),
        "/dataset_summaries/status": Summary(service),
        "/config/{dataset_id}": Config(service),
        **{f"/actions/{kind}": Actions(service, kind) for kind in KINDS},
        **{f"/actions/{kind}/{{action_id}}": Action(service, kind) for kind in KINDS},
        **{f"{one}/{path}": Nothing(service, body) for path, body in NOTHING.items()},
        **{f"{one}/{path}": Bulk(service) for path in BULK},
    }
