"""An organisation, and somebody in it who does not lead it: a module's own."""

from __future__ import annotations

import pytest

from tests.api.asking import Join, User
from tests.api.divio import hosting


@pytest.fixture(scope="module")
def organisation(ada: User) -> str:
    """An organisation that Ada leads."""
    return hosting.organisation(ada.client)


@pytest.fixture(scope="module")
def member(ada: User, organisation: str, join: Join) -> User:
    """Somebody in it."""
    user = join("member")
    hosting.join(ada.client, organisation, user)
    return user
