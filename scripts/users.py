"""`muniment user`: accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from scripts.database import decide
from scripts.options import settings_options
from scripts.settings import Settings

F = TypeVar("F", bound=Callable[..., None])

PROFILE = {  # option: its line in the help
    "email": "An e-mail address; it signs in too.",
    "orcid": "An ORCID iD.",
    "affiliation": "Where they work.",
    "role": "What they are there.",
}


def profile_options(verb: F) -> F:
    """Give a verb an option for each line of a profile; None where it is not given."""
    for name, about in reversed(PROFILE.items()):
        verb = click.option(f"--{name}", help=about)(verb)
    return verb


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.argument("name")
@click.option("--password", required=True, help="Any text; no rule is applied here.")
@click.option("--admin", is_flag=True, help="Make an administrator.")
@profile_options
@settings_options("data")
def create(
    settings: Settings,
    name: str,
    password: str,
    admin: bool,
    email: str | None,
    orcid: str | None,
    affiliation: str | None,
    role: str | None,
) -> None:
    """Make an account called NAME."""
    from domain.account import Profile
    from domain.commands import accounts

    profile = Profile(email, orcid, affiliation, role)
    made = decide(
        settings, "user create", accounts.create, name, password, admin=admin, profile=profile
    )
    click.echo(f"Account {made.name} has the number {made.number}.", err=True)


@user.command()
@click.argument("name")
@click.option("--password", help="Another password; the one before stops working at once.")
@profile_options
@settings_options("data")
def change(
    settings: Settings,
    name: str,
    password: str | None,
    email: str | None,
    orcid: str | None,
    affiliation: str | None,
    role: str | None,
) -> None:
    """Change what is given of the account NAME; an empty text takes it away."""
    from domain.account import Profile
    from domain.commands import accounts

    told = Profile(email, orcid, affiliation, role)
    decide(settings, "user change", accounts.change, name, told, password=password)
