"""The database for a verb: the one of DATABASE_URL, the running service's, or its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from scripts.settings import Settings

if TYPE_CHECKING:
    from domain.log import Session

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def database(settings: Settings, role: str, *, aligned: bool = True) -> Iterator[Settings]:
    """The settings with a migrated database's URL in `database_url`, for the block.

    `role` is the verb; `aligned` as in wiring.migrate. Works while the service runs on the data
    folder and while it does not. Raises Refusal.
    """
    from domain.storage.datafolder import DataFolder
    from domain.storage.server import database as embedded
    from scripts import logs, wiring

    logs.set_up()
    folder = DataFolder(settings.data)
    folder.open()
    if settings.database_url:
        wiring.migrate(settings, aligned=aligned)
        yield settings
        return
    with embedded(folder, role) as url:
        ready = settings.given("embedded", database_url=url)
        wiring.migrate(ready, aligned=aligned)
        yield ready


def decide(
    settings: Settings,
    role: str,
    command: Callable[Concatenate[Session, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Carry out a command in the operator's name, for a verb that is nothing else.

    Raises as `database` and the command.
    """
    from domain.commands.accounts import OPERATOR
    from scripts import wiring

    with database(settings, role) as ready, wiring.log(ready) as log:
        return log.run(OPERATOR, command, *args, **kwargs)
