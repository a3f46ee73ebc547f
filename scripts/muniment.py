"""`muniment`: the verbs of the command line. A verb's module is imported when it is called."""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import Any, NoReturn

import click

from domain.errors import Refusal
from scripts import logs
from scripts.refusing import refusal, undecodable

LAZY = {  # verb: where its click command is, and its line in the help
    "serve": ("scripts.serve:serve", "Run the service in the foreground."),
    "reload": ("scripts.reload:reload", "Have the service read its settings anew."),
    "user": ("scripts.users:user", "Make and change accounts."),
    "token": ("scripts.tokens:token", "Make, list and revoke tokens."),
    "login": ("scripts.logins:login", "List and end logins of programs."),
    "egroup": ("scripts.egroups:egroup", "Make e-groups, and say who is in them."),
    "load": ("scripts.load:load", "Load records with their history."),
    "keys": ("scripts.keys:keys", "Change the keys that sign."),
    "dataset-group": ("scripts.dataset_groups:dataset_group", "Change who is in a group."),
    "vocabulary": ("scripts.vocabulary:vocabulary", "Load and list vocabularies."),
    "demo": ("scripts.demo:demo", "Load something to look at."),
    "rebuild": ("scripts.rebuild:rebuild", "Make views again from the log."),
    "replay": ("scripts.replay:replay", "Show the life of an object, or the whole log."),
    "audit": ("scripts.audit:audit", "Check the log, and every view against it."),
    "erase": ("scripts.erase:erase", "Erase what an object said."),
    "scrub": ("scripts.scrub:scrub", "Free the database's files of what is gone."),
    "backup": ("scripts.backup:backup", "Back up the log and all files."),
    "restore": ("scripts.restore:restore", "Restore a backup into an empty place."),
    "upgrade": ("scripts.upgrade:upgrade", "Move the database to the next PostgreSQL."),
    "webhook": ("scripts.webhooks:webhook", "Say who is told of events."),
    "prove": ("scripts.prove:prove", "Write a proof of what an object said."),
    "verify": ("scripts.verify:verify", "Check a proof, offline."),
    "verify-log": ("scripts.verify_log:verify_log", "Check a log against a kept checkpoint."),
    "realign": ("scripts.realign:realign", "Mend positions after a restore."),
    "config": ("scripts.config:config", "Print the settings in force, and from where."),
}
FAILED = {"audit": 2, "backup": 2}  # exit code of what was not done, where 1 says what was found


class Verbs(click.Group):
    """Verbs by name. A refusal is one line on standard error, and exit code 1 or as in FAILED."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order of the table."""
        return list(LAZY)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now."""
        if cmd_name not in LAZY:
            return None
        module, _, name = LAZY[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in LAZY.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments of all verbs, if they are text."""
        refused = undecodable(args)
        if refused is not None:
            _end(refused)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            refused = refusal(error)
            code = FAILED.get(ctx.invoked_subcommand or "", 1)
            if refused is not None:
                _end(refused, code)
            traceback.print_exc()
            sys.exit(code)


def _end(refused: Refusal, code: int = 1) -> NoReturn:
    click.echo(f"muniment: {refused.message}", err=True)
    sys.exit(code)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="muniment")
def main() -> None:
    """Muniment: an event-sourced, versioned object store for research data."""
    logs.have_streams()


if __name__ == "__main__":
    main()
