"""Groups: who makes, names and leads them, who is in them, and what they open."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running

CONNECTIONS = 8  # so that each worker is asked
NO_WORDS: list[Any] = [
    *("", " ", None, 1, True, [], {}, {"de": "Zinn"}, {"en": ""}, {"en": 1}, "x" * 101),
    *({"en": "Tin", "German": "Zinn"}, {"en": None}, {"en": "Tin", "de": "y" * 101}),
]


def number_of(user: User) -> int:
    """The number of an account."""
    return int(user.client.get(f"{API}/users/me").json()["user_id"])


def new(admin: User, path: str = "groups", name: Any = "Tin") -> str:
    """Make a group, or a project, and return its address."""
    made = admin.client.post(f"{API}/{path}/", json={"name": name})
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def put_in(admin: User, group: str, *users: User, **role: str) -> None:
    """Make users members."""
    for user in users:
        body = {"user_id": number_of(user), **role}
        made = admin.client.post(f"{group}/member_users/", json=body)
        assert made.status_code == 201, made.text


def id_of(address: str) -> int:
    """The number at the end of an address."""
    return int(address.rpartition("/")[2])


@pytest.fixture
def group(admin: User) -> str:
    """A group that the administrator has made."""
    return new(admin)


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


def test_a_group_is_made_by_administrators_and_seen_by_all(
    admin: User, ada: User, nobody: httpx.Client
) -> None:
    """In SampleDB's shape; who makes it is in it."""
    name = {"en": "Tin", "de": "Zinn"}
    body = {"name": name, "description": {"en": "Those who smelt."}}

    made = admin.client.post(f"{API}/groups/", json=body)

    assert (made.status_code, made.json()) == (201, {"group_id": id_of(made.headers["Location"])})
    me = number_of(admin)
    shown = ada.client.get(made.headers["Location"])
    assert (shown.status_code, shown.json()) == (
        200,
        {
            "group_id": id_of(made.headers["Location"]),
            "name": name,
            "description": {"en": "Those who smelt."},
            "member_users": [{"user_id": me, "href": f"{API}/users/{me}"}],
        },
    )
    listed = ada.client.get(f"{API}/groups").json()
    assert listed == ada.client.get(f"{API}/groups/").json()
    assert shown.json() in listed
    assert [each["group_id"] for each in listed] == sorted(each["group_id"] for each in listed)
    assert ada.client.post(f"{API}/groups/", json=body).status_code == 403
    for asked in (nobody.get(f"{API}/groups/"), nobody.post(f"{API}/groups/", json=body)):
        assert asked.status_code == 401


def test_a_text_alone_is_english_and_a_description_may_be_left_out(admin: User) -> None:
    """As SampleDB gives both back."""
    shown = admin.client.get(new(admin, name="Lead")).json()

    assert (shown["name"], shown["description"]) == ({"en": "Lead"}, {"en": ""})


def test_groups_and_projects_count_each_for_themselves(admin: User) -> None:
    """The next number of one does not depend on the other."""
    before = id_of(new(admin))
    new(admin, "projects")

    assert id_of(new(admin)) == before + 1


@pytest.mark.parametrize("name", NO_WORDS)
def test_what_is_no_name_is_refused(server: Running, admin: User, group: str, name: object) -> None:
    """400 that says so, and no event."""
    before = asking.stored(server)

    for refused in (
        admin.client.post(f"{API}/groups/", json={"name": name}),
        admin.client.put(group, json={"name": name}),
    ):
        assert refused.status_code == 400
        assert "name" in refused.json()["message"]
    assert asking.stored(server) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"x":1}', b'{"name":"a","x":1}', b"null"])
def test_what_is_no_group_is_refused(admin: User, group: str, body: bytes) -> None:
    """400, whatever is asked for."""
    for method, url in (
        ("POST", f"{API}/groups/"),
        ("PUT", group),
        ("POST", f"{group}/member_users/"),
        ("PUT", f"{group}/member_users/{number_of(admin)}"),
    ):
        refused = admin.client.request(method, url, content=body)
        assert refused.status_code == 400, (method, url)
        assert refused.json()["message"]


def test_a_group_is_named_and_described_anew(server: Running, admin: User, group: str) -> None:
    """What is left out stays, and what is so already is no event."""
    number = id_of(group)
    answer = admin.client.put(
        group, json={"group_id": number, "name": {"en": "Lead", "de": "Blei"}}
    )
    assert (answer.status_code, answer.json()["name"]) == (200, {"en": "Lead", "de": "Blei"})
    answer = admin.client.put(group, json={"description": "Heavy."})

    assert answer.json() == admin.client.get(group).json()
    assert (answer.json()["name"]["de"], answer.json()["description"]) == ("Blei", {"en": "Heavy."})
    before = asking.stored(server)
    assert admin.client.put(group, json={"description": "Heavy."}).status_code == 200
    assert asking.stored(server) == before
    assert admin.client.put(group, json={"group_id": number + 1}).status_code == 400


def test_members_are_put_in_changed_and_taken_out(admin: User, group: str, bob: User) -> None:
    """One by one, as SampleDB 0.33 does; a member's role is shown with the members."""
    bob_id = number_of(bob)
    users = f"{group}/member_users/"

    made = admin.client.post(users, json={"user_id": bob_id})

    assert (made.status_code, made.headers["Location"]) == (201, f"{users}{bob_id}")
    assert made.json() == {"group_id": id_of(group), "user_id": bob_id}
    member = {"user_id": bob_id, "role": "member", "href": f"{API}/users/{bob_id}"}
    assert bob.client.get(f"{users}{bob_id}").json() == member
    assert member in bob.client.get(users).json()
    changed = admin.client.put(f"{users}{bob_id}", json={"role": "Manager"})
    assert changed.json() == member | {"role": "manager"}
    assert bob.client.get(f"{users}{bob_id}").json() == changed.json()
    taken = admin.client.delete(f"{users}{bob_id}")
    assert (taken.status_code, taken.json().keys()) == (200, {"message"})
    for method in ("GET", "DELETE", "PUT"):
        again = admin.client.request(method, f"{users}{bob_id}", json={"role": "member"})
        assert again.status_code == 404
        assert str(bob_id) in again.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"user_id": None}, {"user_id": True}, {"user_id": "1"}, {"user_id": 1.0}),
        *({"user_id": 999999}, {"user_id": 0}, {"user_id": -1}, {"user_id": 2**63 - 1}),
        *({"user_id": 1, "role": "king"}, {"user_id": 1, "role": 1}, {"user_id": 1, "x": 1}),
    ],
)
def test_who_cannot_be_a_member_is_refused(
    server: Running, admin: User, body: dict[str, object]
) -> None:
    """400, and no event; so is who is one already."""
    group = new(admin)
    before = asking.stored(server)

    for sent in (body, {"user_id": number_of(admin)}):
        refused = admin.client.post(f"{group}/member_users/", json=sent)
        assert refused.status_code == 400
        assert refused.json()["message"]
    assert asking.stored(server) == before


def test_what_is_not_there_is_not_found(admin: User) -> None:
    """404 for every address below it, whatever stands where the number should."""
    for number in ("999999", "0", "-1", "x", "01", "9" * 30):
        for method, rest in (
            *(("GET", ""), ("PUT", ""), ("DELETE", "")),
            *(("GET", "/member_users/"), ("POST", "/member_users/")),
            *(
                ("GET", "/member_users/1"),
                ("PUT", "/member_users/1"),
                ("DELETE", "/member_users/1"),
            ),
        ):
            answer = admin.client.request(method, f"{API}/groups/{number}{rest}", content=b"[")
            assert answer.status_code == 404, (method, number, rest)
            assert number in answer.json()["message"]


def test_managers_and_owners_lead_a_group_and_members_do_not(
    admin: User, group: str, join: Join, bob: User
) -> None:
    """403 for members, readers and everybody else: nothing is changed."""
    manager, owner, member, reader = (join(each) for each in ("manager", "owner", "member", "rea"))
    put_in(admin, group, manager, role="manager")
    put_in(admin, group, owner, role="owner")
    put_in(admin, group, member)
    put_in(admin, group, reader, role="reader")
    shown = admin.client.get(group).json()

    for user in (member, reader, bob):
        for method, rest, body in (
            ("PUT", "", {"name": "Mine"}),
            ("DELETE", "", None),
            ("POST", "/member_users/", {"user_id": number_of(bob)}),
            ("PUT", f"/member_users/{number_of(user)}", {"role": "owner"}),
            ("DELETE", f"/member_users/{number_of(owner)}", None),
        ):
            refused = user.client.request(method, group + rest, json=body)
            assert refused.status_code == 403, (user.name, method, rest)
    assert admin.client.get(group).json() == shown
    for user in (manager, owner):
        assert user.client.put(group, json={"name": user.name}).status_code == 200
    put_in(manager, group, bob)
    assert manager.client.delete(group).status_code == 200


def test_a_token_that_may_only_read_changes_no_group(
    server: Running, admin: User, group: str
) -> None:
    """Its owner might."""
    with asking.client(server, asking.token(server, admin.name, "read")) as reader:
        assert reader.get(group).status_code == 200
        assert reader.put(group, json={"name": "Mine"}).status_code == 403
        assert reader.delete(group).status_code == 403
        assert reader.post(f"{API}/groups/", json={"name": "Mine"}).status_code == 403


def test_all_members_may_leave_a_group(admin: User, group: str) -> None:
    """Administrators lead it still."""
    assert admin.client.delete(f"{group}/member_users/{number_of(admin)}").status_code == 200

    assert admin.client.get(group).json()["member_users"] == []


def test_a_group_that_was_made_twice_with_one_key_is_one(admin: User, bob: User) -> None:
    """So with members."""
    for path, body in ((f"{API}/groups/", {"name": "Once"}), (None, {"user_id": number_of(bob)})):
        path = path or f"{new(admin)}/member_users/"
        key = {"Idempotency-Key": asking.fresh("key")}
        first, second = (admin.client.post(path, json=body, headers=key) for _ in range(2))
        assert second.headers["Idempotent-Replayed"] == "true"
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.headers["Location"] == second.headers["Location"]
        assert first.json() == second.json()


def test_what_a_group_is_granted_opens_an_object_to_its_members(
    admin: User, ada: User, bob: User, group: str, number: int
) -> None:
    """Each level allows what it says; the object is in their lists."""
    put_in(admin, group, bob)
    address = f"{API}/objects/{number}"
    permission = f"{address}/permissions/groups/{id_of(group)}"
    assert ada.client.get(permission).json() == "none"
    for level, wanted in {
        "none": [403, 403, 403],
        "read": [200, 403, 403],
        "Write": [200, 201, 403],
        "GRANT": [200, 201, 200],
    }.items():
        given = ada.client.put(permission, json=level)
        assert (given.status_code, given.json()) == (200, level.lower())
        answers = (
            bob.client.get(f"{address}/versions/0"),
            asking.post(bob.client, f"{address}/versions/", "{}"),
            bob.client.put(f"{address}/permissions/users/{number_of(admin)}", json="read"),
        )
        assert [each.status_code for each in answers] == wanted, level
    assert ada.client.get(permission).json() == "grant"
    assert ada.client.get(f"{address}/permissions/groups/").json() == {str(id_of(group)): "grant"}
    assert number in [each["object_id"] for each in bob.client.get(f"{API}/objects/").json()]
    granted = [
        each["changed"]
        for each in bob.client.get(f"{address}/events").json()
        if each["type"] == "family.permission-granted"
    ]
    assert granted[0] == {
        "principal": {"group_id": id_of(group), "name": "Tin"},
        "level": "view",
    }


def test_who_leaves_a_group_is_refused_at_once_in_every_worker(
    server: Running, admin: User, ada: User, join: Join, group: str, number: int
) -> None:
    """On connections that are kept alive; so when the group ends."""
    reader = join("reader")
    address = f"{API}/objects/{number}"
    ada.client.put(f"{address}/permissions/groups/{id_of(group)}", json="read")
    url = f"{address}/versions/0"
    tag = {"If-None-Match": ada.client.get(url).headers["ETag"]}
    kept = [asking.client(server, reader.token) for _ in range(CONNECTIONS)]

    def answers(**headers: str) -> set[int]:
        return {client.get(url, headers=headers).status_code for client in kept}

    assert answers() == {403}
    for leave in (f"{group}/member_users/{number_of(reader)}", group):
        put_in(admin, group, reader)
        assert (answers(), answers(**tag)) == ({200}, {304})
        assert admin.client.delete(leave).status_code == 200
        assert (answers(), answers(**tag)) == ({403}, {403})
    for client in kept:
        client.close()


def test_a_group_that_was_deleted_is_gone(admin: User, ada: User, group: str, number: int) -> None:
    """From lists, from permissions and from its address; its number is not given again."""
    permissions = f"{API}/objects/{number}/permissions/groups/"
    ada.client.put(f"{permissions}{id_of(group)}", json="read")

    assert admin.client.delete(group).status_code == 200

    for answer in (
        admin.client.get(group),
        admin.client.delete(group),
        admin.client.put(group, json={"name": "Tin"}),
        ada.client.get(f"{permissions}{id_of(group)}"),
        ada.client.put(f"{permissions}{id_of(group)}", json="read"),
    ):
        assert answer.status_code == 404
    assert id_of(group) not in [
        each["group_id"] for each in ada.client.get(f"{API}/groups/").json()
    ]
    assert ada.client.get(permissions).json() == {}
    assert id_of(new(admin)) > id_of(group)
