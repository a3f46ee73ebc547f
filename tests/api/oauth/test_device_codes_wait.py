"""How many device codes may wait: nobody who is not signed in fills the table."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from projections.device_codes import MOST, MOST_OF_ONE
from tests.api import asking, logging_in
from tests.api.asking import User
from tests.running import Running

FILL = """
INSERT INTO es.device_code (device, user_code, client, scopes, challenge, address, expires_at)
SELECT decode(md5('device' || n), 'hex'), decode(md5('user' || n), 'hex'), 'filled', '{}', '',
       %s, now() + interval '10 minutes'
  FROM generate_series(1, %s) n RETURNING 1
"""
HERE = "127.0.0.1"
EXPIRE = """
UPDATE es.device_code SET expires_at = now() - interval '1 hour' WHERE client = 'filled' RETURNING 1
"""
EMPTY = "DELETE FROM es.device_code WHERE client = 'filled' RETURNING 1"
COUNT = "SELECT count(*) FROM es.device_code WHERE client = 'filled'"


@pytest.fixture(autouse=True)
def _emptied(server: Running) -> Iterator[None]:
    """Afterwards others find room."""
    yield
    asking.query(server, EMPTY)


def asked(client: httpx.Client) -> httpx.Response:
    """Ask for a pair of codes."""
    form = {
        "client_id": logging_in.CLIENT,
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    return client.post("/oauth/device_authorization", data=form)


def test_one_address_has_so_many_codes_that_wait(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """Then 400 slow_down, which no client repeats by itself; what waits already is redeemed."""
    codes = logging_in.begun(nobody)
    asking.query(server, FILL, HERE, MOST_OF_ONE)

    refused = asked(nobody)

    assert (refused.status_code, refused.json()["error"]) == (400, "slow_down")
    logging_in.decided(nobody, codes.user, ada.name)
    assert logging_in.polled(nobody, codes).status_code == 200


def test_others_have_room_beside_it(server: Running, nobody: httpx.Client) -> None:
    """What somebody asked for elsewhere is not counted here."""
    asking.query(server, FILL, "192.0.2.1", MOST_OF_ONE)

    assert asked(nobody).status_code == 200


def test_so_many_codes_wait_in_all_and_are_gone_an_hour_after_they_expire(
    server: Running, nobody: httpx.Client
) -> None:
    """400 temporarily_unavailable until then; each who asks clears some of them away."""
    asking.query(server, FILL, "192.0.2.1", MOST)

    refused = asked(nobody)
    asking.query(server, EXPIRE)
    accepted = asked(nobody)

    assert (refused.status_code, refused.json()["error"]) == (400, "temporarily_unavailable")
    assert accepted.status_code == 200
    [(left,)] = asking.query(server, COUNT)
    assert left < MOST
