"""The database for a verb: the one of DATABASE_URL, the running service's, or its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.settings import Settings


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
