"""What a service has from its first start on: an administrator, a key, terms, built-in actions."""

from __future__ import annotations

from secrets import token_urlsafe

import click
from msgspec.structs import replace
from psycopg import connect

from domain import vocabularies as built_in
from domain.commands import accounts, builtin, dataset_groups, hosted_things, terms
from domain.errors import Conflict
from projections import access_links, data_keys
from projections.database import scalar
from scripts import wiring
from scripts.administrator import Administrator
from scripts.settings import Settings

FIRST_ADMINISTRATOR = "admin"
TERMS = 200  # in one save: more at a time costs memory and gains nothing


def first_administrator(settings: Settings) -> Administrator | None:
    """Make the first administrator, or return None when there is an account."""
    with connect(settings.database_url, autocommit=True) as conn:
        if scalar(conn, "SELECT 1 FROM view.accounts LIMIT 1") is not None:
            return None
    password = token_urlsafe(12)
    with wiring.log(settings) as commands:
        try:
            commands.run(
                accounts.OPERATOR, accounts.create, FIRST_ADMINISTRATOR, password, admin=True
            )
        except Conflict:  # another start on this database was faster
            return None
        issued = commands.run(
            accounts.OPERATOR, accounts.issue_token, FIRST_ADMINISTRATOR, label="first start"
        )
    return Administrator(FIRST_ADMINISTRATOR, password, issued.secret)


def link_key(settings: Settings) -> None:
    """Make the key of access links where there is none; warn where links need the one that was."""
    file = wiring.link_key_file(settings)
    if not file.exists() and access_links.any_there(settings.database_url):
        click.echo(
            f"muniment: warning: the key of access links, {file}, was not there. Another is made: "
            "the tokens that people have open nothing until the one that was is put back.",
            err=True,
        )
    wiring.link_key(settings)


def signing_keys(settings: Settings) -> None:
    """Make the keys of access tokens where there are none. Raises Damaged."""
    wiring.signing_keys(settings).prepare()


def encryption_keys(settings: Settings) -> None:
    """Warn where secrets lie under keys that are not there."""
    keys = wiring.encryption_keys(settings)
    keys.tidy()
    with connect(settings.database_url, autocommit=True) as conn:
        lacking = data_keys.missing(conn, keys)
    if lacking:
        click.echo(
            f"muniment: warning: {keys.path} has no key {', '.join(lacking)}, under which secrets"
            " lie. In those environments none is written or copied until it is put back.",
            err=True,
        )


def vocabularies(settings: Settings) -> None:
    """Add what comes with Muniment and is missing; once it is there, a look costs nothing."""
    actor = replace(accounts.OPERATOR, via="built in")
    digest = built_in.digest()
    with wiring.log(settings) as commands:
        if commands.run(actor, terms.has_built_in, digest):
            return
        every = list(built_in.built_in().items())
        for at in range(0, len(every), TERMS):
            commands.run(actor, terms.add_missing, dict(every[at : at + TERMS]))
        commands.run(actor, terms.note_built_in, digest)


def actions(settings: Settings) -> None:
    """Make the actions that come with Muniment, and what belongs to them, where it is not there."""
    actor = replace(accounts.OPERATOR, via="built in")
    with wiring.log(settings) as commands:
        commands.run(actor, builtin.record_model)
        commands.run(actor, builtin.generic_type)
        commands.run(actor, dataset_groups.built_in)
        commands.run(actor, hosted_things.built_in)
