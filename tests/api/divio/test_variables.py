"""Environment variables. Source: the Divio specification, "environment-variables"."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.divio.variables import MOST
from domain.hosted import LARGEST
from domain.variable import LONGEST
from tests.api import asking
from tests.api.asking import User
from tests.api.divio import deploying, hosting
from tests.api.divio.deploying import VARIABLES, document, hex_of, opened
from tests.api.divio.hosting import ENVIRONMENTS, UUID
from tests.running import Running

FIELDS = {"uuid", "environment", "application", "name", "value", "is_sensitive"}
FLAGS = (False, True)


@pytest.fixture
def environment(member: User, organisation: str) -> dict[str, Any]:
    """The environment test of an application of its own."""
    application = hosting.application(member.client, organisation)
    return hosting.environments(member.client, application["uuid"])[0]


def made(asker: User, environment: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Make a variable and return it as it was shown."""
    return deploying.variable(
        asker.client, environment, **{"name": "STAGE", "value": "test"} | other
    )


def listed(asker: User, **asked: str) -> list[dict[str, Any]]:
    """The variables that a list has."""
    answer = asker.client.get(VARIABLES, params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    assert answer.json()["count"] == len(found)
    return found


def test_a_variable_is_made_read_changed_and_deleted(
    member: User, environment: dict[str, Any]
) -> None:
    """Each a version of its environment; what is so already is none."""
    answer = member.client.post(
        VARIABLES,
        json={"environment": environment["uuid"], "name": "STAGE", "value": " a b "},
    )
    one = answer.json()
    where = answer.headers["Location"]

    assert (answer.status_code, set(one), where) == (201, FIELDS, f"{VARIABLES}{one['uuid']}/")
    assert UUID.fullmatch(one["uuid"])
    assert (one["environment"], one["application"]) == (
        environment["uuid"],
        environment["application"],
    )
    assert (one["name"], one["value"], one["is_sensitive"]) == ("STAGE", " a b ", False)
    assert member.client.get(where).json() == one
    changed = member.client.patch(where, json={"value": "", "name": "OTHER"})
    assert changed.json() == one | {"value": "", "name": "OTHER"}
    assert member.client.patch(where, json={"value": ""}).json() == changed.json()
    assert member.client.delete(where).status_code == 204
    assert member.client.get(where).status_code == 404
    assert member.client.patch(where, json={}).status_code == 404
    assert listed(member, environment=environment["uuid"]) == []
    versions = member.client.get(f"/objects/{hex_of(environment)}/versions").json()
    assert len(versions) == 4


def test_a_page_has_so_many_variables_and_no_more(
    member: User, environment: dict[str, Any]
) -> None:
    """However many are asked for; the next one has the rest, and each is found by name and id."""
    values = {f"NAME_{each}": "v" * 1_000 for each in range(MOST + 2)}
    assert deploying.put(member.client, environment, values).status_code == 201
    asked = {"environment": environment["uuid"], "page_size": "1000"}

    first = member.client.get(VARIABLES, params=asked).json()
    second = member.client.get(first["next"]).json()

    assert (first["count"], len(first["results"]), second["next"]) == (MOST + 2, MOST, None)
    both = first["results"] + second["results"]
    assert {each["name"]: each["value"] for each in both} == values
    last = both[-1]
    assert listed(member, environment=environment["uuid"], name=last["name"]) == [last]
    assert listed(member, application=environment["application"], uuid=last["uuid"]) == [last]
    assert listed(member, environment=environment["uuid"], name="NONE\0") == []
    assert member.client.get(f"{VARIABLES}{last['uuid']}/").json() == last
    [shown, _] = hosting.environments(member.client, environment["application"])
    assert shown == environment


def test_an_environment_has_variables_of_so_many_bytes(
    member: User, environment: dict[str, Any]
) -> None:
    """More are refused, through whatever door; of those that it has, each is there."""
    values = {f"NAME_{each}": "v" * LONGEST for each in range(LARGEST // (LONGEST + 200))}
    said = {"environment": environment["uuid"], "name": "MORE", "value": "v" * LONGEST}

    kept = deploying.put(member.client, environment, values)
    refused = [member.client.post(VARIABLES, json=said | {"is_sensitive": each}) for each in FLAGS]
    other = deploying.put(member.client, environment, values | {"MORE": "v" * LONGEST})

    assert (kept.status_code, other.status_code) == (201, 400)
    for each in refused:
        assert (each.status_code, set(each.json())) == (400, {"non_field_errors"}), each.text
    several = listed(member, environment=environment["uuid"])
    assert [each["name"] for each in several] == list(values)
    last = f"{VARIABLES}{several[-1]['uuid']}/"
    assert member.client.get(last).json() == several[-1]
    assert member.client.patch(last, json={"value": ""}).status_code == 200


def test_a_form_makes_a_variable(member: User, environment: dict[str, Any]) -> None:
    """As scripts send it."""
    sent = {
        "environment": environment["uuid"],
        "name": "URL",
        "value": "a=b&c",
        "is_sensitive": "false",
    }

    answer = member.client.post(VARIABLES, data=sent)

    assert (answer.status_code, answer.json()["value"]) == (201, "a=b&c")


def test_a_list_is_of_an_environment_or_an_application(
    member: User, environment: dict[str, Any]
) -> None:
    """One of the two is needed; of an application the environments come one after another."""
    application = environment["application"]
    _, live = hosting.environments(member.client, application)
    names = ["B", "A"]
    for each in (live, environment):
        for name in names:
            made(member, each, name=name, value=each["slug"])

    of_application = listed(member, application=application)
    page = member.client.get(
        VARIABLES, params={"application": application, "page_size": 3, "page": 2}
    ).json()

    values = [(each["value"], each["name"]) for each in of_application]
    assert values == [("test", "B"), ("test", "A"), ("live", "B"), ("live", "A")]
    assert listed(member, environment=live["uuid"]) == of_application[2:]
    assert listed(member, application=application, environment=live["uuid"], name="A") == [
        of_application[3]
    ]
    assert listed(member, application=application, uuid=of_application[1]["uuid"]) == [
        of_application[1]
    ]
    assert (page["count"], page["results"], page["next"]) == (4, of_application[3:], None)
    assert listed(member, environment=application) == []
    assert listed(member, application="no id") == []
    refused = member.client.get(VARIABLES)
    assert (refused.status_code, set(refused.json())) == (400, {"non_field_errors"})


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, {"environment", "name", "value"}),
        ({"name": "GOOD"}, {"environment", "value"}),
        ({"name": "1BAD", "value": ""}, {"environment", "name"}),
        ({"name": "A B", "value": ""}, {"environment", "name"}),
        ({"name": "", "value": None}, {"environment", "name", "value"}),
        ({"name": "A" * 256, "value": ""}, {"environment", "name"}),
        ({"name": "A", "value": "v" * 10_001}, {"environment", "value"}),
        ({"name": "A", "value": {}}, {"environment", "value"}),
        ({"name": "A", "value": "", "is_sensitive": "perhaps"}, {"environment", "is_sensitive"}),
        ({"name": "A", "value": "", "environment": "2" * 26}, {"environment"}),
        ({"name": "A", "value": "", "environment": None}, {"environment"}),
    ],
)
def test_a_wrong_variable_is_refused_by_its_fields(
    ada: User, sent: dict[str, Any], named: set[str]
) -> None:
    """400; a field that is good is not named."""
    refused = ada.client.post(VARIABLES, json=sent)

    assert (refused.status_code, set(refused.json())) == (400, named), refused.text


def test_a_name_is_there_once_in_an_environment(member: User, environment: dict[str, Any]) -> None:
    """However many ask for it at once; in another environment it may be, too."""

    def post(_: int) -> int:
        body = {"environment": environment["uuid"], "name": "ONE", "value": ""}
        return member.client.post(VARIABLES, json=body).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(post, range(4)))
    other = made(member, environment, name="OTHER")
    renamed = member.client.patch(f"{VARIABLES}{other['uuid']}/", json={"name": "ONE"})

    assert answers == [201, 400, 400, 400]
    assert (renamed.status_code, set(renamed.json())) == (400, {"non_field_errors"})
    made(member, hosting.environments(member.client, environment["application"])[1], name="ONE")


def test_a_secret_is_never_given_back(member: User, environment: dict[str, Any]) -> None:
    """It stays until another is sent, and is shown only in place of itself."""
    secret = asking.fresh("secret")
    one = made(member, environment, value=secret, is_sensitive=True)
    where = f"{VARIABLES}{one['uuid']}/"

    def patch(**news: Any) -> tuple[int, Any]:
        answer = member.client.patch(where, json=news)
        assert secret not in answer.text
        return answer.status_code, answer.json()

    assert one["value"] is None
    assert member.client.get(where).json() == one
    assert listed(member, environment=environment["uuid"]) == [one]
    assert patch(name="TOKEN") == (200, one | {"name": "TOKEN"})
    assert patch(is_sensitive=False) == (400, {"value": [patch(is_sensitive=False)[1]["value"][0]]})
    assert patch(value=None)[0] == 400
    assert patch(value="shown", is_sensitive=False)[1]["value"] == "shown"
    assert patch(is_sensitive=True)[1]["value"] is None


def test_a_variable_stays_in_its_environment(member: User, environment: dict[str, Any]) -> None:
    """A change may say which that is, and no other."""
    one = made(member, environment)
    where = f"{VARIABLES}{one['uuid']}/"
    _, live = hosting.environments(member.client, environment["application"])

    same = member.client.patch(where, json={"environment": environment["uuid"]})
    other = member.client.patch(where, json={"environment": live["uuid"]})

    assert (same.status_code, same.json()) == (200, one)
    assert (other.status_code, set(other.json())) == (400, {"environment"})


def test_another_organisations_variables_are_not_there(
    bob: User, member: User, environment: dict[str, Any]
) -> None:
    """Not in a list, nor by their ids; none is made in its environments."""
    one = made(member, environment)
    where = f"{VARIABLES}{one['uuid']}/"

    answers = [
        bob.client.get(where),
        bob.client.patch(where, json={"value": "b"}),
        bob.client.delete(where),
    ]
    body = {"environment": environment["uuid"], "name": "B", "value": "b"}
    refused = bob.client.post(VARIABLES, json=body)

    assert [each.status_code for each in answers] == [404, 404, 404]
    assert listed(bob, environment=environment["uuid"]) == []
    assert listed(bob, application=environment["application"]) == []
    assert (refused.status_code, set(refused.json())) == (400, {"environment"})
    assert listed(member, environment=environment["uuid"]) == [one]


def test_variables_of_a_deleted_environment_are_not_there(
    member: User, environment: dict[str, Any]
) -> None:
    """Nor can one be made there."""
    one = made(member, environment)
    assert member.client.delete(f"{ENVIRONMENTS}{environment['uuid']}/").status_code == 204

    body = {"environment": environment["uuid"], "name": "B", "value": "b"}
    assert member.client.get(f"{VARIABLES}{one['uuid']}/").status_code == 404
    assert member.client.post(VARIABLES, json=body).status_code == 400
    assert listed(member, application=environment["application"]) == []


def test_a_repeated_request_makes_one_variable(member: User, environment: dict[str, Any]) -> None:
    """By its key; what is kept of the request is no digest of the secret's body."""
    secret = asking.fresh("secret")
    body = {
        "environment": environment["uuid"],
        "name": "TOKEN",
        "value": secret,
        "is_sensitive": True,
    }
    key = {"Idempotency-Key": asking.fresh("key")}

    first, again = (member.client.post(VARIABLES, json=body, headers=key) for _ in range(2))
    other = member.client.post(VARIABLES, json=body | {"value": "other"}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert len(listed(member, environment=environment["uuid"])) == 1


def test_a_copy_of_an_environment_has_its_variables(
    server: Running, member: User, environment: dict[str, Any]
) -> None:
    """Secrets too, each sealed anew: they open in their own environment alone."""
    secret = asking.fresh("secret")
    made(member, environment, name="PLAIN")
    made(member, environment, name="TOKEN", value=secret, is_sensitive=True)

    copy = hosting.made(
        member.client, f"{ENVIRONMENTS}{environment['uuid']}/copy/", {"new_slug": "copy"}
    )

    before, after = (listed(member, environment=each["uuid"]) for each in (environment, copy))
    shown = [[(each["name"], each["value"]) for each in several] for several in (before, after)]
    assert shown[0] == shown[1] == [("PLAIN", "test"), ("TOKEN", None)]
    assert not {each["uuid"] for each in before} & {each["uuid"] for each in after}
    sealed = [
        [each.get("sealed") for each in document(member.client, thing)["variables"]][1]
        for thing in (environment, copy)
    ]
    assert sealed[0]["key"] != sealed[1]["key"]
    assert sealed[0]["ciphertext"] != sealed[1]["ciphertext"]
    assert opened(server, member.client, copy) == {"PLAIN": "test", "TOKEN": secret}


def test_other_doors_say_no_secret(member: User, environment: dict[str, Any]) -> None:
    """They show ciphertexts, and take none but those that they show."""
    made(member, environment, name="TOKEN", value=asking.fresh("secret"), is_sensitive=True)
    said = document(member.client, environment)
    (held,) = said["variables"]
    number = member.client.get(f"/objects/{hex_of(environment)}/versions/0").json()["object_id"]
    path = f"/api/v1/objects/{number}/versions/"

    def post(*variables: dict[str, Any]) -> int:
        body = {"data": said | {"variables": list(variables)}}
        return member.client.post(path, json=body).status_code

    plain = {"uuid": "a" * 26, "name": "PLAIN", "is_sensitive": False, "value": "shown"}
    assert "value" not in held
    assert post(held | {"value": "secret"}) == 400
    assert post(plain | {"is_sensitive": True}) == 400
    assert post(held | {"uuid": "a" * 26}) == 400
    assert post(held, held) == 400
    assert post(held, plain | {"uuid": "0"}) == 400
    assert post(held, plain) == 201
    names = [each["name"] for each in listed(member, environment=environment["uuid"])]
    assert names == ["TOKEN", "PLAIN"]


def test_a_rotation_of_keys_leaves_secrets_as_they_are(
    server: Running, member: User, environment: dict[str, Any]
) -> None:
    """Without a restart they open, are copied and written after it as before."""
    secrets = {name: asking.fresh("secret") for name in ("TOKEN", "OTHER")}
    made(member, environment, name="TOKEN", value=secrets["TOKEN"], is_sensitive=True)

    rotated = server.cli("keys", "rotate")

    assert rotated.returncode == 0, rotated.stderr
    assert str(server.data / "secrets.keys") in rotated.stderr
    made(member, environment, name="OTHER", value=secrets["OTHER"], is_sensitive=True)
    path = f"{ENVIRONMENTS}{environment['uuid']}/copy/"
    copy = hosting.made(member.client, path, {"new_slug": "rotated"})
    for each in (environment, copy):
        assert opened(server, member.client, each) == secrets
