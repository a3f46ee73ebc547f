"""Action types: the four that SampleDB begins with."""

from __future__ import annotations

import httpx
import pytest

from tests.api.asking import API, User

TYPES = {
    -99: ("Sample Creation", "Sample"),
    -98: ("Measurement", "Measurement"),
    -97: ("Simulation", "Simulation"),
    -96: ("Schema Template", "Schema Template"),
}


def test_there_are_four_types_of_actions(bob: User) -> None:
    """With the numbers and names that SampleDB gives them."""
    shown = bob.client.get(f"{API}/action_types/")

    assert shown.json() == [
        {"type_id": number, "name": name, "object_name": object_name, "admin_only": False}
        for number, (name, object_name) in TYPES.items()
    ]


@pytest.mark.parametrize("number", TYPES)
def test_a_type_is_found_by_its_number(bob: User, number: int) -> None:
    """As it stands in the list."""
    listed = bob.client.get(f"{API}/action_types/").json()

    assert bob.client.get(f"{API}/action_types/{number}").json() in listed


@pytest.mark.parametrize("number", ["99", "-95", "0", "x", "-099", "-99/", "9" * 30])
def test_a_type_that_is_not_there_is_not_found(bob: User, number: str) -> None:
    """Whatever stands in the place of the number."""
    assert bob.client.get(f"{API}/action_types/{number}").status_code == 404


def test_types_are_for_who_has_signed_in(nobody: httpx.Client) -> None:
    """401."""
    assert nobody.get(f"{API}/action_types/").status_code == 401
    assert nobody.get(f"{API}/action_types/-99").status_code == 401
