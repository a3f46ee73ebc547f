"""Records made by chance, and the follower that comes to them: one of each a module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg import Connection

from projections.database import connect, serving
from tests.projections.publishing import World
from tests.writing import log_on


@pytest.fixture(scope="module")
def world(database: str) -> Iterator[World]:
    """What the tests of this module make."""
    with log_on(database) as log:
        yield World(log)


@pytest.fixture(scope="module")
def following(database: str) -> Iterator[Connection[Any]]:
    """A connection that the follower's work is done on."""
    with connect(serving(database, "follower")) as conn:
        yield conn
