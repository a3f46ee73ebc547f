"""`muniment token`: made, listed by their ids and revoked, never shown again."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from tests.api import asking
from tests.running import Running

ME = f"{asking.API}/users/me"


def test_tokens_are_listed_without_their_secrets(server: Running) -> None:
    """Ids, until when they hold, scopes, use and labels; an escape in a label is written out."""
    user = asking.user(server, "holder", "read")
    server.cli("token", "create", user.name, "--name", "laptop \x1b[31m", "--scope", "write")
    with user.client:
        listed = server.cli("token", "list", user.name)

    first, second = listed.stdout.splitlines()
    assert first.split("  ")[1:] == ["for ever", "read", "never used"]
    assert second.split("  ")[1:] == ["for ever", "read write", "never used", "laptop \\x1b[31m"]
    assert user.token not in listed.stdout


def test_an_access_token_is_listed_until_it_ends(server: Running) -> None:
    """With the day of its end."""
    with asking.user(server, "scripted").client as client:
        name = client.get(ME).json()["name"]
        made = client.post(f"{asking.API}/access_tokens/", json={"description": "balance"}).json()
        listed = server.cli("token", "list", name)

    ends = datetime.fromisoformat(made["expiration_utc_datetime"]).replace(tzinfo=UTC)
    assert f"until {ends:%Y-%m-%dT%H:%M:%SZ}" in listed.stdout
    assert made["access_token"] not in listed.stdout
    assert made["refresh_token"] not in listed.stdout


def test_a_token_is_revoked_by_its_id(server: Running) -> None:
    """It is refused at once, also by workers that remember it; access tokens made with it too."""
    user = asking.user(server, "robbed")
    with user.client as client:
        made = client.post(f"{asking.API}/access_tokens/", json={"description": ""}).json()
        with asking.client(server, made["access_token"]) as script:
            assert [each.get(ME).status_code for each in (client, script) * 3] == [200] * 6
            [first, _] = server.cli("token", "list", user.name).stdout.splitlines()

            revoked = server.cli("token", "revoke", first.split()[0])

            assert revoked.returncode == 0
            assert [each.get(ME).status_code for each in (client, script) * 3] == [401] * 6
    listed = server.cli("token", "list", user.name).stdout
    assert listed.count("  revoked  ") == 2


def test_a_token_is_revoked_once(server: Running) -> None:
    """Then, and for an id that no token has, one line says so."""
    user = asking.user(server, "twice")
    with user.client:
        id_ = server.cli("token", "list", user.name).stdout.split()[0]
    server.cli("token", "revoke", id_)

    again, unknown = server.cli("token", "revoke", id_), server.cli("token", "revoke", f"{uuid4()}")

    assert (again.returncode, unknown.returncode) == (1, 1)
    assert again.stderr == "muniment: This token was revoked.\n"
    assert unknown.stderr.startswith("muniment: There is no token ")


def test_tokens_of_an_account_that_is_not_there_are_not_listed(server: Running) -> None:
    """One line says so."""
    listed = server.cli("token", "list", "no-such-user")

    assert listed.returncode == 1
    assert listed.stderr == "muniment: There is no account no-such-user.\n"
