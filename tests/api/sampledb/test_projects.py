"""Projects: members with a permission each, groups among them, and how far a grant goes."""

from __future__ import annotations

import pytest

from tests.api import asking
from tests.api.asking import API, Join, User
from tests.api.sampledb.test_groups import id_of, new, number_of, put_in
from tests.running import Running

CONNECTIONS = 8  # so that each worker is asked
LEVELS = ["read", "write", "grant"]
BOB = "Bob's number"


def let_in(admin: User, project: str, group: str, permissions: str) -> None:
    """Make a group a member of a project."""
    body = {"group_id": id_of(group), "permissions": permissions}
    made = admin.client.post(f"{project}/member_groups/", json=body)
    assert made.status_code == 201, made.text


@pytest.fixture
def project(admin: User) -> str:
    """A project that the administrator has made."""
    return new(admin, "projects")


@pytest.fixture
def group(admin: User) -> str:
    """A group that the administrator has made."""
    return new(admin)


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


def may(user: User, number: int) -> str:
    """What somebody may do with an object, as it shows itself."""
    address = f"{API}/objects/{number}"
    if user.client.get(f"{address}/versions/0").status_code != 200:
        return "none"
    if asking.post(user.client, f"{address}/versions/", "{}").status_code != 201:
        return "read"
    own = user.client.put(f"{address}/permissions/users/{number_of(user)}", json="none")
    return "grant" if own.status_code == 200 else "write"


def test_a_project_is_made_by_administrators_and_seen_by_all(
    admin: User, ada: User, group: str
) -> None:
    """In SampleDB's shape: members and groups with their permissions; who makes it grants."""
    made = admin.client.post(f"{API}/projects/", json={"name": {"en": "Ore", "de": "Erz"}})
    project = made.headers["Location"]
    let_in(admin, project, group, "read")
    put_in(admin, project, ada, permissions="write")

    assert (made.status_code, made.json()) == (201, {"project_id": id_of(project)})
    members = sorted([(number_of(admin), "grant"), (number_of(ada), "write")])
    assert ada.client.get(project).json() == {
        "project_id": id_of(project),
        "name": {"en": "Ore", "de": "Erz"},
        "description": {"en": ""},
        "member_users": [
            {"user_id": user, "permissions": level, "href": f"{API}/users/{user}"}
            for user, level in members
        ],
        "member_groups": [{"group_id": id_of(group), "permissions": "read", "href": group}],
    }
    assert ada.client.get(project).json() in ada.client.get(f"{API}/projects/").json()
    assert ada.client.post(f"{API}/projects/", json={"name": "Ore"}).status_code == 403


def test_members_are_put_in_changed_and_taken_out(
    admin: User, project: str, group: str, bob: User
) -> None:
    """Accounts and groups alike."""
    bob_id = number_of(bob)
    for kind, key, number, href in (
        ("member_users", "user_id", bob_id, f"{API}/users/{bob_id}"),
        ("member_groups", "group_id", id_of(group), group),
    ):
        made = admin.client.post(f"{project}/{kind}/", json={key: number, "permissions": "Read"})
        address = f"{project}/{kind}/{number}"
        assert (made.status_code, made.headers["Location"]) == (201, address)
        assert made.json() == {"project_id": id_of(project), key: number}
        member = {key: number, "permissions": "read", "href": href}
        assert bob.client.get(address).json() == member
        assert member in bob.client.get(f"{project}/{kind}/").json()
        again = admin.client.post(f"{project}/{kind}/", json={key: number, "permissions": "read"})
        assert (again.status_code, "already" in again.json()["message"]) == (400, True)
        changed = admin.client.put(address, json={"permissions": "grant"})
        assert changed.json() == member | {"permissions": "grant"} == bob.client.get(address).json()
        assert admin.client.put(address, json={key: number + 1}).status_code == 400
        assert admin.client.delete(address).status_code == 200
        for method in ("GET", "PUT", "DELETE"):
            gone = admin.client.request(method, address, json={"permissions": "read"})
            assert (gone.status_code, str(number) in gone.json()["message"]) == (404, True)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        *(("users", {"user_id": BOB}), ("users", {"user_id": BOB, "permissions": "none"})),
        *(("users", {"permissions": "read"}), ("users", {"user_id": True, "permissions": "read"})),
        *(("users", {"user_id": 999999, "permissions": "read"}), ("users", {})),
        *(("groups", {}), ("groups", {"group_id": 999999, "permissions": "read"})),
        *(("groups", {"group_id": "1", "permissions": "read"}), ("groups", {"permissions": 1})),
        ("groups", {"group_id": 2**70, "permissions": "read"}),
    ],
)
def test_who_cannot_be_a_member_is_refused(
    server: Running, admin: User, bob: User, project: str, kind: str, body: dict[str, object]
) -> None:
    """400, and no event."""
    if body.get("user_id") == BOB:
        body = body | {"user_id": number_of(bob)}
    before = asking.stored(server)

    refused = admin.client.post(f"{project}/member_{kind}/", json=body)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert asking.stored(server) == before


def test_the_last_who_grants_in_a_project_stays(admin: User, project: str, bob: User) -> None:
    """400, as in SampleDB, until somebody else does."""
    me = f"{project}/member_users/{number_of(admin)}"
    put_in(admin, project, bob, permissions="write")
    for refused in (
        admin.client.delete(me),
        admin.client.put(me, json={"permissions": "write"}),
    ):
        assert refused.status_code == 400
        assert "owner" in refused.json()["message"]
    admin.client.put(f"{project}/member_users/{number_of(bob)}", json={"permissions": "grant"})

    assert admin.client.delete(me).status_code == 200


def test_who_grants_in_a_project_leads_it_by_a_group_too(
    admin: User, project: str, group: str, join: Join
) -> None:
    """403 for all others, and for them when the group has left."""
    grants, by_group, writes = (join(word) for word in ("grants", "by-group", "writes"))
    put_in(admin, project, grants, permissions="grant")
    put_in(admin, project, writes, permissions="write")
    put_in(admin, group, by_group)
    let_in(admin, project, group, "grant")

    for user, wanted in ((grants, 200), (by_group, 200), (writes, 403)):
        assert user.client.put(project, json={"name": user.name}).status_code == wanted
    admin.client.delete(f"{project}/member_groups/{id_of(group)}")
    assert by_group.client.put(project, json={"name": "Mine"}).status_code == 403
    assert by_group.client.delete(project).status_code == 403


@pytest.mark.parametrize("granted", LEVELS)
def test_what_a_project_is_granted_goes_as_far_as_a_members_permission_in_it(
    admin: User, ada: User, join: Join, project: str, number: int, granted: str
) -> None:
    """By name and by a group: the lesser of the two, and of several ways the highest."""
    users = {(level, way): join(level) for level in LEVELS for way in ("name", "group")}
    for (level, way), user in users.items():
        if way == "name":
            put_in(admin, project, user, permissions=level)
            continue
        group = new(admin)
        put_in(admin, group, user)
        let_in(admin, project, group, level)
    both = users["read", "name"]  # also by a group that may write
    group = new(admin)
    let_in(admin, project, group, "write")
    permission = f"{API}/objects/{number}/permissions/projects/{id_of(project)}"

    assert ada.client.put(permission, json=granted).json() == granted

    assert ada.client.get(permission).json() == granted
    lesser = {level: min(level, granted, key=LEVELS.index) for level in LEVELS}
    for (level, way), user in users.items():
        assert may(user, number) == lesser[level], (level, way)
    put_in(admin, group, both)
    assert may(both, number) == lesser["write"]
    ada.client.put(permission, json="none")
    assert {may(user, number) for user in users.values()} == {"none"}


def test_what_projects_and_groups_give_is_shown_with_users_when_asked_for(
    admin: User, ada: User, join: Join, project: str, group: str, number: int
) -> None:
    """Each user's highest; without it, what each was granted by name."""
    member, other = join("member"), join("other")
    put_in(admin, group, member)
    put_in(admin, project, other, permissions="read")
    let_in(admin, project, group, "write")
    permissions = f"{API}/objects/{number}/permissions"
    ada.client.put(f"{permissions}/groups/{id_of(group)}", json="read")
    ada.client.put(f"{permissions}/projects/{id_of(project)}", json="grant")
    own = {str(number_of(ada)): "grant"}
    by_groups = own | {str(number_of(each)): "read" for each in (member, admin)}
    by_projects = own | {
        str(number_of(member)): "write",
        str(number_of(other)): "read",
        str(number_of(admin)): "grant",
    }
    for query, wanted in (
        ("", own),
        ("?include_instrument_responsible_users&include_admins", own),
        ("?include_groups", by_groups),
        ("?include_projects=1", by_projects),
        ("?include_groups&include_projects", by_projects),
    ):
        assert ada.client.get(f"{permissions}/users/{query}").json() == wanted, query
        one = ada.client.get(f"{permissions}/users/{number_of(member)}{query}")
        assert one.json() == wanted.get(str(number_of(member)), "none"), query
    groups = f"{permissions}/groups/"
    assert ada.client.get(groups).json() == {str(id_of(group)): "read"}
    assert ada.client.get(f"{groups}?include_projects").json() == {str(id_of(group)): "write"}
    assert ada.client.get(f"{groups}{id_of(group)}?include_projects").json() == "write"
    assert ada.client.get(f"{permissions}/projects/").json() == {str(id_of(project)): "grant"}


def test_whoever_leaves_a_project_by_whichever_way_is_refused_at_once_in_every_worker(
    server: Running, admin: User, ada: User, join: Join, project: str, group: str, number: int
) -> None:
    """He himself, his group, he from his group; lowered; the group's and the project's end."""
    reader = join("reader")
    address = f"{API}/objects/{number}"
    ada.client.put(f"{address}/permissions/projects/{id_of(project)}", json="read")
    url = f"{address}/versions/0"
    tag = {"If-None-Match": ada.client.get(url).headers["ETag"]}
    kept = [asking.client(server, reader.token) for _ in range(CONNECTIONS)]
    himself = f"member_users/{number_of(reader)}"
    put_in(admin, group, reader)

    def answers(**headers: str) -> set[int]:
        return {client.get(url, headers=headers).status_code for client in kept}

    def enter(leave: str) -> None:
        if leave == f"{project}/{himself}":
            put_in(admin, project, reader, permissions="read")
        elif leave == f"{group}/{himself}":
            let_in(admin, project, group, "grant")
        elif leave != project:
            admin.client.post(f"{group}/member_users/", json={"user_id": number_of(reader)})
            admin.client.post(
                f"{project}/member_groups/", json={"group_id": id_of(group), "permissions": "read"}
            )
        else:
            put_in(admin, project, reader, permissions="write")

    assert answers() == {403}
    for leave in (
        f"{project}/{himself}",
        f"{group}/{himself}",
        f"{project}/member_groups/{id_of(group)}",
        group,
        project,
    ):
        enter(leave)
        assert (answers(), answers(**tag)) == ({200}, {304}), leave
        assert admin.client.delete(leave).status_code == 200
        assert (answers(), answers(**tag)) == ({403}, {403}), leave
    for client in kept:
        client.close()


def test_a_lower_permission_in_a_project_holds_at_once(
    admin: User, ada: User, join: Join, project: str, number: int
) -> None:
    """Who might write reads only."""
    writer = join("writer")
    put_in(admin, project, writer, permissions="write")
    permission = f"{API}/objects/{number}/permissions/projects/{id_of(project)}"
    ada.client.put(permission, json="grant")
    assert may(writer, number) == "write"

    member = f"{project}/member_users/{number_of(writer)}"
    assert admin.client.put(member, json={"permissions": "read"}).json()["permissions"] == "read"

    assert may(writer, number) == "read"


def test_a_grant_to_a_project_is_one_event_that_names_it(
    server: Running, admin: User, ada: User, project: str, number: int
) -> None:
    """As is its end; one that is there already is none."""
    permission = f"{API}/objects/{number}/permissions/projects/{id_of(project)}"
    before = asking.stored(server)[0]
    for level in ("write", "write", "none", "none"):
        ada.client.put(permission, json=level)

    assert asking.stored(server)[0] == before + 2
    told = ada.client.get(f"{API}/objects/{number}/events").json()[-2:]
    principal = {"project_id": id_of(project), "name": "Tin"}
    assert [(each["type"], each["changed"]) for each in told] == [
        ("family.permission-granted", {"principal": principal, "level": "edit"}),
        ("family.permission-revoked", {"principal": principal}),
    ]
    shown = server.cli("replay", str(number))
    assert shown.returncode == 0, shown.stderr
    assert "Tin edit" in shown.stdout


def test_an_unknown_project_or_group_is_not_found(ada: User, number: int) -> None:
    """404, before the body is looked at."""
    for kind in ("groups", "projects"):
        for unknown in ("999999", "0", "-1", "me", "01", "9" * 30):
            address = f"{API}/objects/{number}/permissions/{kind}/{unknown}"
            for answer in (ada.client.get(address), ada.client.put(address, content=b"[")):
                assert answer.status_code == 404
                assert unknown in answer.json()["message"]


def test_what_is_no_level_is_refused(server: Running, ada: User, project: str, number: int) -> None:
    """400, and no event."""
    address = f"{API}/objects/{number}/permissions/projects/{id_of(project)}"
    before = asking.stored(server)
    for body in (b"", b"{", b"1", b"true", b"null", b'"admin"', b'["read"]'):
        refused = ada.client.put(address, content=body)
        assert refused.status_code == 400
    assert asking.stored(server) == before


def test_projects_and_groups_are_granted_by_who_may_grant(
    ada: User, bob: User, project: str, group: str, number: int
) -> None:
    """Who may not see the object sees nothing of it, who reads it changes nothing."""
    permissions = f"{API}/objects/{number}/permissions"
    for address in (
        f"{permissions}/groups/{id_of(group)}",
        f"{permissions}/projects/{id_of(project)}",
    ):
        ada.client.put(f"{permissions}/users/{number_of(bob)}", json="none")
        assert bob.client.get(address).status_code == 403
        assert bob.client.put(address, json="read").status_code == 403
        ada.client.put(f"{permissions}/users/{number_of(bob)}", json="write")
        assert bob.client.get(address).json() == "none"
        assert bob.client.put(address, json="read").status_code == 403
