"""Rights on deposits: who holds which, what each lets one do. Source: the CAP specification."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.access import EVERYONE, SIGNED_IN, Level
from domain.account import Profile
from domain.commands import accounts, deposits
from domain.identifiers import account_id
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.api.cap.making import DEPOSITS, act, change, deposit, published, put, share
from tests.running import Running

RIGHTS = ("read", "update", "admin")
STATES = ("draft", "published", "edited again")
VIEWERS = ("by name", "signed in", "everyone", "by a link", "nothing")


def addresses(asker: User, depid: str) -> dict[str, Any]:
    """Who holds which right, by address."""
    answer = asker.client.get(
        f"{DEPOSITS}/{depid}", headers={"Accept": "application/permissions+json"}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["permissions"]
    return found


def test_each_right_includes_those_before(join: Join, ada: User) -> None:
    """Given one, the others before it are there; taken, those after it go."""
    eve = join("eve")
    email = f"{eve.name}@local.invalid"
    depid = deposit(ada.client)["id"]

    def held() -> list[str]:
        return [right for right, who in addresses(ada, depid).items() if email in who["users"]]

    for given in RIGHTS:
        act(ada.client, depid, "permissions", [change(email, given)])
        assert held() == list(RIGHTS[: RIGHTS.index(given) + 1])
    act(ada.client, depid, "permissions", [change(email, "update", "remove")])
    assert held() == ["read"]
    all_ = [change(email, each, "remove") for each in RIGHTS[:1]]
    act(ada.client, depid, "permissions", all_)
    assert held() == []


def test_several_changes_are_one(join: Join, ada: User) -> None:
    """All rights at a time, in any order; with one that cannot be, none."""
    eve = join("eve")
    depid = deposit(ada.client)["id"]
    path = f"{DEPOSITS}/{depid}/actions/permissions"
    given = [change(eve.name, each) for each in ("admin", "read", "update")]

    refused = ada.client.post(path, json=[*given, change("nobody-at-all", "read")])
    assert refused.status_code == 400
    assert eve.client.get(f"{DEPOSITS}/{depid}").status_code == 403
    assert ada.client.post(path, json=given).status_code == 201
    assert eve.client.get(f"{DEPOSITS}/{depid}").status_code == 200
    taken = [change(eve.name, each, "remove") for each in RIGHTS]
    assert ada.client.post(path, json=taken).status_code == 201
    assert eve.client.get(f"{DEPOSITS}/{depid}").status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        [],
        [{}],
        [{"email": "x", "type": "user", "op": "add", "action": "none"}],
        [{"email": "x", "type": "none", "op": "add", "action": "deposit-read"}],
        [change("nobody-at-all", "read")],
        [change("nobody-at-all", "read", kind="egroup")],
        [change("admin", "read", "remove")],
        [change("admin", "read"), change("admin", "read")],
        [change("admin", "read"), change("admin@local.invalid", "read")],
        [change("x" * 1_000_000, "read")],
        [change("x" * 1_000_000, "read", kind="egroup")],
    ],
)
def test_what_cannot_be_shared_is_refused(ada: User, body: Any) -> None:
    """400: unknown words, unknown people, a right that is not held taken away, a line twice."""
    made = deposit(ada.client)
    path = f"{DEPOSITS}/{made['id']}"

    refused = ada.client.post(f"{path}/actions/permissions", json=body)

    assert (refused.status_code, list(refused.json())) == (400, ["status", "message"])
    assert len(refused.content) < 1000
    assert ada.client.get(path).json()["access"] == made["access"]


def test_a_right_is_given_once(ada: User, bob: User) -> None:
    """400 for one that is held already."""
    depid = deposit(ada.client)["id"]
    share(ada.client, depid, bob.name, "update")

    for right, status in (("update", 400), ("read", 400), ("admin", 201)):
        path = f"{DEPOSITS}/{depid}/actions/permissions"
        given = ada.client.post(path, json=[change(bob.name, right)])
        assert given.status_code == status


@pytest.mark.parametrize("right", RIGHTS)
def test_the_last_who_administers_a_deposit_keeps_it(join: Join, ada: User, right: str) -> None:
    """400, as administrators by office are nobody's successors; one request may hand it over."""
    eve = join("eve")
    made = deposit(ada.client)
    path = f"{DEPOSITS}/{made['id']}"
    act(ada.client, made["id"], "permissions", [change(eve.name, "update")])
    before = ada.client.get(path).json()["access"]
    own = change(ada.name, right, "remove")

    refused = ada.client.post(f"{path}/actions/permissions", json=[change("admin", "read"), own])

    assert (refused.status_code, list(refused.json())) == (400, ["status", "message"])
    assert "keep the permission" in refused.json()["message"]
    assert ada.client.get(path).json()["access"] == before
    act(ada.client, made["id"], "permissions", [own, change(eve.name, "admin")])
    assert addresses(eve, made["id"])["admin"]["users"] == [f"{eve.name}@local.invalid"]


def test_the_last_who_administers_a_deposit_keeps_it_at_another_door(
    server: Running, join: Join, ada: User
) -> None:
    """400 in that door's shape, until somebody else may."""
    eve = join("eve")
    made = published(ada.client)
    [[number]] = asking.query(server, "SELECT number FROM view.records WHERE id = %s", made["id"])
    users = f"{API}/objects/{number}/permissions/users"
    mine, hers = (
        f"{users}/{each.client.get(f'{API}/users/me').json()['user_id']}" for each in (ada, eve)
    )

    for level in ("none", "read", "write"):
        refused = ada.client.put(mine, json=level)
        assert (refused.status_code, list(refused.json())) == (400, ["message"])
    assert ada.client.get(mine).json() == "grant"
    assert ada.client.put(hers, json="grant").status_code == 200
    assert ada.client.put(mine, json="none").status_code == 200
    assert ada.client.get(f"{DEPOSITS}/{made['id']}").status_code == 403


@pytest.mark.parametrize("right", [None, *RIGHTS, "administrator"])
def test_a_right_lets_one_do_what_it_says_and_no_more(
    join: Join, admin: User, ada: User, right: str | None
) -> None:
    """By each way to a deposit; administrators may everything."""
    eve = admin if right == "administrator" else join("eve")
    made = deposit(ada.client, secret="quicksilver")
    put(ada.client, made, "a", b"quicksilver")
    if right in RIGHTS:
        share(ada.client, made["id"], eve.name, right)
    held = 3 if right == "administrator" else RIGHTS.index(right) + 1 if right else 0
    path, bucket = f"{DEPOSITS}/{made['id']}", made["links"]["bucket"]
    patch = [{"op": "add", "path": "/b", "value": 1}]
    asked = [
        (1, 403, eve.client.get(path)),
        (1, 403, eve.client.get(f"{path}/files")),
        (1, 404, eve.client.get(f"{bucket}/a")),
        (1, 403, eve.client.post(f"{path}/actions/clone")),
        (2, 403, eve.client.put(path, json={"secret": "quicksilver"})),
        (2, 403, eve.client.patch(path, json=patch)),
        (2, 403 if held else 404, eve.client.put(f"{bucket}/b", content=b"tin")),
        (2, 403 if held else 404, eve.client.delete(f"{bucket}/b")),
        (3, 403, eve.client.post(f"{path}/actions/permissions", json=[change("admin", "read")])),
        (3, 403, eve.client.post(f"{path}/actions/publish")),
    ]
    for needed, refused, answer in asked:
        if held >= needed:
            assert answer.is_success or answer.status_code == 400, answer.text  # it has it already
        else:
            assert answer.status_code == refused
            assert "quicksilver" not in answer.text
    if held < 3:
        act(ada.client, made["id"], "publish")
    assert eve.client.post(f"{path}/actions/edit").status_code == (201 if held > 1 else 403)
    assert eve.client.delete(path).status_code == 403  # it was published
    other = deposit(ada.client)
    if right in RIGHTS:
        share(ada.client, other["id"], eve.name, right)
    gone = eve.client.delete(f"{DEPOSITS}/{other['id']}")
    assert gone.status_code == (204 if held > 2 else 403)


def in_state(asker: httpx.Client, state: str) -> dict[str, Any]:
    """Return a deposit whose draft, where it has one, says and holds what is secret."""
    made = deposit(asker, title="tin" if state != "draft" else "quicksilver")
    put(asker, made, "a", b"tin" if state != "draft" else b"quicksilver")
    if state != "draft":
        act(asker, made["id"], "publish")
    if state == "edited again":
        act(asker, made["id"], "edit")
        assert asker.put(f"{DEPOSITS}/{made['id']}", json={"title": "quicksilver"}).is_success
        put(asker, made, "a", b"quicksilver")
        put(asker, made, "b", b"quicksilver")
    return made


def let_view(running: Running, owner: User, depid: str, who: UUID) -> None:
    """Let somebody view a deposit's record, as doors with such a rung do."""

    def command(session: Session) -> None:
        family = deposits.family_of(session, deposits.find(session, depid))
        event = family.grant(who, Level.VIEW)
        assert event is not None
        session.change(family, event)

    asking.decide(running, owner.name, command)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("viewer", VIEWERS)
def test_who_may_view_a_record_has_what_of_its_deposit_is_published(
    server: Running, join: Join, ada: User, nobody: httpx.Client, viewer: str, state: str
) -> None:
    """The files as they were published, and nothing else: to preview is the least right here."""
    eve = join("eve")
    made = in_state(ada.client, state)
    path, bucket = f"{DEPOSITS}/{made['id']}", made["links"]["bucket"]
    query = ""
    if viewer == "by a link":
        pid = asking.query(server, "SELECT pid FROM view.records WHERE id = %s", made["id"])[0][0]
        link = ada.client.post(f"/api/records/{pid}/access/links", json={"permission": "view"})
        query = f"?token={link.json()['token']}"
    elif viewer != "nothing":
        principals = {"signed in": SIGNED_IN, "everyone": EVERYONE}
        let_view(server, ada, made["id"], principals.get(viewer, account_id(eve.name)))

    asked = [
        eve.client.get(f"{path}{query}"),
        eve.client.get(f"{path}/files{query}"),
        eve.client.put(f"{path}{query}", json={}),
        eve.client.patch(f"{path}{query}", json=[]),
        eve.client.delete(f"{path}{query}"),
        *(
            eve.client.post(f"{path}/actions/{each}{query}", json=body)
            for each, body in (
                *dict.fromkeys(("publish", "edit", "discard", "clone", "upload")).items(),
                ("permissions", [change(eve.name, "read")]),
            )
        ),
    ]
    assert {each.status_code for each in asked} == {403}
    assert not any("quicksilver" in each.text for each in asked)
    files = [eve.client.get(f"{bucket}/{key}{query}") for key in "ab"]
    opened = viewer not in ("by a link", "nothing") and state != "draft"
    assert [each.status_code for each in files] == [200 if opened else 404, 404]
    assert (files[0].content == b"tin") == opened
    assert nobody.get(f"{bucket}/a{query}").status_code == 401
    assert not any(
        each["id"] == made["id"] for each in eve.client.get(DEPOSITS).json()["hits"]["hits"]
    )


def test_an_e_group_holds_a_right_for_all_who_are_in_it(
    server: Running, join: Join, ada: User
) -> None:
    """From when they are in it until they are not."""
    eve, name = join("eve"), f"{asking.fresh('group')}@tin.example"
    assert server.cli("egroup", "create", name).returncode == 0
    depid = deposit(ada.client)["id"]
    act(ada.client, depid, "permissions", [change(name, "update", kind="egroup")])
    path = f"{DEPOSITS}/{depid}"

    assert eve.client.get(path).status_code == 403
    assert server.cli("egroup", "add", name, eve.name).returncode == 0
    assert eve.client.put(path, json={"a": 1}).status_code == 200
    assert depid in [each["id"] for each in eve.client.get(DEPOSITS).json()["hits"]["hits"]]
    shown = ada.client.get(path).json()["access"]
    assert shown["deposit-update"]["roles"] == [name]
    assert shown["deposit-admin"]["roles"] == []
    assert server.cli("egroup", "remove", name, eve.name).returncode == 0
    assert eve.client.get(path).status_code == 403


def test_rights_on_a_deposit_are_rights_on_its_record(
    join: Join, ada: User, nobody: httpx.Client
) -> None:
    """Read, listed and refused."""
    eve = join("eve")
    done = published(ada.client, title="Sharing")
    record = f"/api/records/{done['recid']}"
    listing = "/api/records?type=generic&size=1000"

    def listed(asker: httpx.Client) -> bool:
        hits = asker.get(listing).json()["hits"]["hits"]
        return done["recid"] in [each["id"] for each in hits]

    assert eve.client.get(record).status_code == 403
    assert nobody.get(record).status_code in (401, 403)
    assert not listed(eve.client)
    assert not listed(nobody)
    share(ada.client, done["id"], eve.name, "read")
    shown = eve.client.get(record).json()
    assert listed(eve.client)
    assert f"{eve.name}@local.invalid" in str(shown["access"]["record-read"])
    assert not shown["is_owner"]
    assert eve.client.get(f"/objects/{done['id']}").status_code == 302


@pytest.mark.parametrize("shape", ["permissions", "form"])
def test_who_views_a_record_is_among_those_who_read_it(
    server: Running, join: Join, ada: User, shape: str
) -> None:
    """In both shapes that tell of rights; of the deposit he reads nothing."""
    eve = join("eve")
    done = published(ada.client)
    let_view(server, ada, done["id"], account_id(eve.name))
    email = f"{eve.name}@local.invalid"

    def readers(path: str) -> str:
        answer = ada.client.get(path, headers={"Accept": f"application/{shape}+json"}).json()
        rights = answer["permissions"] if shape == "permissions" else answer["access"]
        return str(next(held for name, held in rights.items() if name.endswith("read")))

    assert email in readers(f"/api/records/{done['recid']}")
    assert email not in readers(f"{DEPOSITS}/{done['id']}")


def test_the_lists_of_rights_on_a_deposit_show_addresses_to_whoever_reads_it(
    server: Running, join: Join, ada: User
) -> None:
    """Whatever its token may: they are made of them. What else tells of the owner does not."""
    owner, reader = join("owner"), join("reader", "read")
    email = f"{owner.name}@tin.example"
    asking.operate(server, accounts.change, owner.name, Profile(email=email))
    made = deposit(owner.client)
    share(owner.client, made["id"], reader.name, "read")

    shown = reader.client.get(f"{DEPOSITS}/{made['id']}").json()

    assert [each["email"] for each in shown["access"]["deposit-admin"]["users"]] == [email]
    assert email in addresses(reader, made["id"])["admin"]["users"]
    assert shown["created_by"]["email"] == f"{owner.name}@local.invalid"
