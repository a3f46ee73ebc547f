"""Users, as every signed-in user sees them."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, PASSWORD, Join, User
from tests.running import Running

ORCID = "0000-0002-1825-0097"


def profile(running: Running, user: User, **told: str) -> None:
    """Tell something of a user, as the command line does."""
    options = [word for name, text in told.items() for word in (f"--{name}", text)]
    changed = running.cli("user", "change", user.name, *options)
    assert changed.returncode == 0, changed.stderr


def me(user: User) -> dict[str, Any]:
    """Return what a user is shown of themselves."""
    found: dict[str, Any] = user.client.get(f"{API}/users/me").json()
    return found


def signed_in(nobody: httpx.Client, name: str, password: str = PASSWORD) -> int:
    """Return the status that a name and a password get."""
    shown = b64encode(f"{name}:{password}".encode()).decode()
    return nobody.get(f"{API}/users/me", headers={"Authorization": f"Basic {shown}"}).status_code


def test_me_is_who_asks(ada: User, bob: User) -> None:
    """Number and name; what nobody has told yet is null."""
    for user in (ada, bob):
        shown = user.client.get(f"{API}/users/me").json()
        assert shown["user_id"] > 0
        assert shown == {
            "user_id": shown["user_id"],
            "name": user.name,
            "orcid": None,
            "affiliation": None,
            "role": None,
            "email": None,
        }


def test_a_user_is_found_by_number(ada: User, bob: User) -> None:
    """The same as they see of themselves, without the e-mail address."""
    shown = me(ada)
    del shown["email"]

    assert bob.client.get(f"{API}/users/{shown['user_id']}").json() == shown


def test_users_are_listed_by_name(admin: User, ada: User, bob: User) -> None:
    """Everybody is there once."""
    names = [each["name"] for each in bob.client.get(f"{API}/users/").json()]

    assert {admin.name, ada.name, bob.name} <= set(names)
    assert names == sorted(names)
    assert len(names) == len(set(names))


def test_an_administrator_is_also_shown_the_email_address(admin: User, ada: User) -> None:
    """In lists and by number the key is there for administrators only."""
    number = ada.client.get(f"{API}/users/me").json()["user_id"]

    assert "email" in admin.client.get(f"{API}/users/{number}").json()
    assert "email" not in ada.client.get(f"{API}/users/{number}").json()
    assert all("email" in each for each in admin.client.get(f"{API}/users/").json())


def test_no_answer_about_users_has_a_secret(admin: User) -> None:
    """Neither hashes nor tokens."""
    shown = admin.client.get(f"{API}/users/").text

    assert "argon2" not in shown
    assert admin.token not in shown


@pytest.mark.parametrize("number", ["999999", "0", "-1", "x", "Me", "9" * 30, "1/"])
def test_a_user_who_is_not_there_is_not_found(ada: User, number: str) -> None:
    """Whatever stands in the place of the number."""
    assert ada.client.get(f"{API}/users/{number}").status_code == 404


def test_a_profile_is_shown_to_every_user_but_for_the_email_address(
    server: Running, admin: User, bob: User, join: Join
) -> None:
    """That one only administrators see, and oneself; what is not told again stays."""
    user = join("known")
    email = f"{user.name}@tin.example"
    profile(server, user, email=email, orcid=ORCID, affiliation="Zinn AG", role="chemist")
    profile(server, user, role="head chemist")

    told = {"orcid": ORCID, "affiliation": "Zinn AG", "role": "head chemist"}
    shown = me(user)
    path = f"{API}/users/{shown['user_id']}"
    public = {"user_id": shown["user_id"], "name": user.name, **told}
    assert shown == {**public, "email": email}
    assert bob.client.get(path).json() == public
    assert public in bob.client.get(f"{API}/users/").json()
    assert admin.client.get(path).json() == {**public, "email": email}
    assert email not in bob.client.get(f"{API}/users/").text


def test_a_version_embeds_its_author_as_users_are_shown(
    server: Running, admin: User, bob: User, action: int, join: Join
) -> None:
    """The e-mail address is in no answer to who is no administrator."""
    user = join("author")
    email = f"{user.name}@tin.example"
    profile(server, user, email=email, role="chemist")
    number = asking.new_object(user.client, action)
    user.client.put(f"{API}/objects/{number}/permissions/public", json=True)
    path = f"{API}/objects/{number}/versions/0?embed_user=1"

    shown = bob.client.get(path)

    assert shown.json()["user"]["role"] == "chemist"
    assert email not in shown.text
    assert email not in bob.client.get(f"{API}/objects/{number}/events").text


def test_what_is_told_may_be_taken_away(server: Running, join: Join) -> None:
    """An empty text is null."""
    user = join("shy")
    profile(server, user, role="chemist", affiliation="Zinn AG")

    profile(server, user, role="")

    assert (me(user)["role"], me(user)["affiliation"]) == (None, "Zinn AG")


def test_an_email_address_signs_in_like_the_name(
    server: Running, nobody: httpx.Client, join: Join
) -> None:
    """In any case and between spaces; with the account's password alone."""
    user = join("mailed")
    email = f"{user.name}@Tin.Example"
    profile(server, user, email=email)

    for shown in (email, email.upper(), f" {email.lower()}  ", user.name):
        assert signed_in(nobody, shown) == 200
    assert signed_in(nobody, email, "wrong") == 401
    assert signed_in(nobody, f"x{email}") == 401


def test_an_email_address_that_was_given_up_signs_in_no_more(
    server: Running, nobody: httpx.Client, join: Join
) -> None:
    """At once and in every worker; another account may then have it."""
    user, other = join("former"), join("later")
    email = f"{user.name}@tin.example"
    profile(server, user, email=email)
    assert [signed_in(nobody, email) for _ in range(6)] == [200] * 6

    profile(server, user, email=f"new-{email}")

    assert [signed_in(nobody, email) for _ in range(6)] == [401] * 6
    assert signed_in(nobody, f"new-{email}") == 200
    profile(server, other, email=email)
    assert signed_in(nobody, email) == 200
    assert me(other)["email"] == email


def test_an_email_address_is_one_accounts_alone(server: Running, join: Join) -> None:
    """Whatever its case; nor is it another's name, nor the other way round."""
    user, other = join("first"), join("second")
    email = f"{user.name}@tin.example"
    profile(server, user, email=email)

    taken = server.cli("user", "change", other.name, "--email", email.upper())
    named = server.cli("user", "create", email, "--password", "x")
    called = server.cli("user", "change", other.name, "--email", user.name)

    assert [each.returncode for each in (taken, named, called)] == [1, 1, 1]
    assert "Another account has the e-mail address" in taken.stderr
    assert "already" in named.stderr
    assert me(other)["email"] is None
    profile(server, user, email=email)  # one's own may be told again


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("email", "tin"),
        ("email", "a@b@c"),
        ("email", "a b@tin.example"),
        ("email", "a:b@tin.example"),
        ("email", f"{'a' * 250}@tin.example"),
        ("orcid", "0000-0002-1825-0098"),
        ("orcid", "0000-0002-1825-009"),
        ("orcid", "https://orcid.example/0000-0002-1825-0097"),
        ("role", "a\x07b"),
        ("affiliation", "x" * 255),
    ],
)
def test_a_profile_that_cannot_be_is_refused(
    server: Running, join: Join, option: str, text: str
) -> None:
    """One line says why, and nothing changes."""
    user = join("wrong")

    refused = server.cli("user", "change", user.name, f"--{option}", text)

    assert refused.returncode == 1
    assert refused.stderr.startswith("muniment: ")
    assert me(user)[option] is None


@pytest.mark.parametrize("text", [ORCID, f"https://orcid.org/{ORCID}", "0000-0002-1694-233x"])
def test_an_orcid_is_kept_in_its_short_form(server: Running, join: Join, text: str) -> None:
    """Without its address, its check digit in upper case."""
    user = join("researcher")

    profile(server, user, orcid=text)

    assert me(user)["orcid"] == text.removeprefix("https://orcid.org/").upper()


def test_an_account_is_made_with_its_profile(
    server: Running, nobody: httpx.Client, admin: User
) -> None:
    """In one step."""
    name = asking.fresh("complete")
    email = f"{name}@tin.example"
    made = server.cli("user", "create", name, "--password", PASSWORD, "--email", email)

    listed = {each["name"]: each for each in admin.client.get(f"{API}/users/").json()}

    assert made.returncode == 0
    assert signed_in(nobody, email) == 200
    assert listed[name]["email"] == email


def test_another_password_is_in_force_at_once(
    server: Running, nobody: httpx.Client, join: Join
) -> None:
    """The one before opens nothing in any worker."""
    user = join("changed")
    assert [signed_in(nobody, user.name) for _ in range(6)] == [200] * 6

    changed = server.cli("user", "change", user.name, "--password", "another")

    assert changed.returncode == 0
    assert [signed_in(nobody, user.name) for _ in range(6)] == [401] * 6
    assert signed_in(nobody, user.name, "another") == 200
