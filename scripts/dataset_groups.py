"""`muniment dataset-group`: who is in the groups that datasets belong to."""

from __future__ import annotations

import click

from scripts.database import decide
from scripts.options import settings_options
from scripts.settings import Settings


@click.group("dataset-group")
def dataset_group() -> None:
    """Groups of datasets: simprod and filtering."""


@dataset_group.command()
@click.argument("group")
@click.argument("name")
@settings_options("data")
def add(settings: Settings, group: str, name: str) -> None:
    """Have the account NAME be in GROUP: it may change the group's datasets."""
    from domain.commands import dataset_groups

    decide(settings, "dataset-group add", dataset_groups.add, group, name)


@dataset_group.command()
@click.argument("group")
@click.argument("name")
@settings_options("data")
def remove(settings: Settings, group: str, name: str) -> None:
    """Take the account NAME out of GROUP."""
    from domain.commands import dataset_groups

    decide(settings, "dataset-group remove", dataset_groups.remove, group, name)
