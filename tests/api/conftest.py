"""Who asks: an administrator, two users who do not share, and nobody. And an action for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.api import asking
from tests.api.asking import Join, User
from tests.running import Running


@pytest.fixture(scope="session")
def admin(server: Running) -> Iterator[User]:
    """The first administrator."""
    with asking.client(server, server.admin_token) as client:
        yield User(server.admin_name, server.admin_token, client)


@pytest.fixture(scope="session")
def join(server: Running) -> Iterator[Join]:
    """A way to make users, whose names begin with the word given."""
    with ExitStack() as stack:

        def make(word: str, *scopes: str) -> User:
            user = asking.user(server, word, *scopes)
            stack.enter_context(user.client)
            return user

        yield make


@pytest.fixture(scope="session")
def ada(join: Join) -> User:
    """A user."""
    return join("ada")


@pytest.fixture(scope="session")
def bob(join: Join) -> User:
    """Another user, who was granted nothing."""
    return join("bob")


@pytest.fixture(scope="session")
def nobody(server: Running) -> Iterator[httpx.Client]:
    """A client that shows no credential."""
    with asking.client(server) as client:
        yield client


@pytest.fixture(scope="session")
def action(admin: User) -> int:
    """An action whose objects may be any JSON objects."""
    return asking.action(admin.client)
