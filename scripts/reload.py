"""`muniment reload`: settings and certificates read anew, without a request lost."""

from __future__ import annotations

import os
import signal
import time

import click

from domain.errors import Refusal
from domain.storage.datafolder import DataFolder
from scripts.options import settings_options
from scripts.reloads import reloads
from scripts.settings import Settings

_PATIENCE = 300.0  # seconds, longer than the new processes are waited for, one after another


@click.command()
@settings_options("data")
def reload(settings: Settings) -> None:
    """Have the running service read its settings anew, and wait until it has.

    New workers answer before the old ones end; these finish what they have begun.
    """
    holder = DataFolder(settings.data).holder() if settings.data.is_dir() else None
    if holder is None or holder.role != "serve":
        raise Refusal(f"No service runs on {settings.data}.")
    noted = reloads(settings.data)
    before = noted.last()
    try:
        os.kill(holder.pid, signal.SIGUSR1)
        until = time.monotonic() + _PATIENCE
        while (last := noted.last()).number == before.number:
            if time.monotonic() > until:
                raise Refusal("The service does not say what came of it; its log does.")
            time.sleep(0.05)
            os.kill(holder.pid, 0)
    except ProcessLookupError as error:
        raise Refusal("The service ended meanwhile.") from error
    except PermissionError as error:
        raise Refusal(f"The service is another account's: process {holder.pid}.") from error
    if last.failure:
        raise Refusal(f"Not reloaded, all goes on as before: {last.failure}")
    click.echo("Reloaded.")
