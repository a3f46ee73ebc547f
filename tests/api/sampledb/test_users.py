"""Users, as every signed-in user sees them."""

from __future__ import annotations

import pytest

from tests.api.asking import API, User


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
        }


def test_a_user_is_found_by_number(ada: User, bob: User) -> None:
    """The same as they see of themselves."""
    me = ada.client.get(f"{API}/users/me").json()

    assert bob.client.get(f"{API}/users/{me['user_id']}").json() == me


def test_users_are_listed_by_name(admin: User, ada: User, bob: User) -> None:
    """Everybody is there once."""
    names = [each["name"] for each in bob.client.get(f"{API}/users/").json()]

    assert {admin.name, ada.name, bob.name} <= set(names)
    assert names == sorted(names)
    assert len(names) == len(set(names))


def test_an_administrator_is_also_shown_the_email_address(admin: User, ada: User) -> None:
    """The key is there for administrators only."""
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
