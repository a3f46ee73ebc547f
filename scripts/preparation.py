"""What is done to the database before the service starts, in a process that ends after it.

The supervisor never imports the application: it stays small, and forks what is small.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from shutil import rmtree

from domain.errors import Refusal
from scripts.administrator import Administrator
from scripts.children import Child
from scripts.refusing import refusal
from scripts.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """The first administrator where he was made, and the views whose code changed."""

    first: Administrator | None
    changed: list[str]


def prepare(
    settings: Settings, leave: Callable[[], None], pause: Callable[[float], None]
) -> Prepared:
    """Migrate, and make the first administrator where there is no account. Raises Refusal."""
    reading, writing = os.pipe()

    def work() -> None:
        from scripts import connections, contents, wiring

        try:
            rmtree(wiring.counted(settings), ignore_errors=True)
            wiring.migrate(settings)
            first = contents.first_administrator(settings)
            contents.link_key(settings)
            contents.signing_keys(settings)
            contents.encryption_keys(settings)
            contents.vocabularies(settings)
            contents.actions(settings)
            connections.warn(settings)
        except Exception as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise refused from error
        words = None if first is None else (first.name, first.password, first.token)
        os.write(writing, json.dumps([words, wiring.changed_views(settings)]).encode())

    child = Child("preparation", work, leave)
    child.start()
    os.close(writing)
    try:
        while not child.ended():
            pause(0.5)
        said = os.read(reading, 65536)
    finally:
        os.close(reading)
    if child.code != 0:
        raise Refusal("The database could not be prepared.")
    words, changed = json.loads(said)
    return Prepared(None if words is None else Administrator(*words), changed)
