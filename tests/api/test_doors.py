"""The doors side by side: made through each, and read, listed, changed and refused through each.

Source: DESIGN.md "Dialects side by side".
"""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_hex
from typing import Any

import httpx
import pytest

from domain.identifiers import base32_of, record_id
from tests.api import asking
from tests.api.asking import User
from tests.api.cap import making as depositing
from tests.api.cap.making import BASIC, DEPOSITS
from tests.api.divio import hosting
from tests.api.iceprod import submitting
from tests.api.inveniordm import making
from tests.api.inveniordm.exporting import FORMS
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

Make = Callable[..., str]
DOORS = ("inveniordm", "sampledb", "cap", "iceprod", "divio")
SHOWN, NO_DATASET, NO_APPLICATION = 200, 403, 404
CELLS = {  # (made through, read through): how that is answered to whose it is
    ("inveniordm", "inveniordm"): SHOWN,
    ("inveniordm", "sampledb"): SHOWN,
    ("inveniordm", "cap"): SHOWN,
    ("inveniordm", "iceprod"): NO_DATASET,
    ("inveniordm", "divio"): NO_APPLICATION,
    ("sampledb", "inveniordm"): SHOWN,
    ("sampledb", "sampledb"): SHOWN,
    ("sampledb", "cap"): SHOWN,
    ("sampledb", "iceprod"): NO_DATASET,
    ("sampledb", "divio"): NO_APPLICATION,
    ("cap", "inveniordm"): SHOWN,
    ("cap", "sampledb"): SHOWN,
    ("cap", "cap"): SHOWN,
    ("cap", "iceprod"): NO_DATASET,
    ("cap", "divio"): NO_APPLICATION,
    ("iceprod", "inveniordm"): SHOWN,
    ("iceprod", "sampledb"): SHOWN,
    ("iceprod", "cap"): SHOWN,
    ("iceprod", "iceprod"): SHOWN,
    ("iceprod", "divio"): NO_APPLICATION,
    ("divio", "inveniordm"): SHOWN,
    ("divio", "sampledb"): SHOWN,
    ("divio", "cap"): SHOWN,
    ("divio", "iceprod"): NO_DATASET,
    ("divio", "divio"): SHOWN,
}
REFUSED = dict.fromkeys(DOORS, 403) | {"divio": 404}  # how each answers whom nothing was granted


def read(asker: User, door: str, pid: str) -> httpx.Response:
    """What a door says of a public id."""
    paths = {
        "inveniordm": f"{RECORDS}/{pid}",
        "sampledb": f"/objects/{pid}/versions/0",
        "cap": f"{RECORDS}/{pid}",
        "iceprod": f"/datasets/{pid}",
        "divio": f"{hosting.APPLICATIONS}{base32_of(record_id(pid))}/",
    }
    return asker.client.get(paths[door], headers=BASIC if door == "cap" else {})


def listed(asker: User, door: str, title: str) -> httpx.Response:
    """What a door lists of what has a title: found by its first word, where a door has a search."""
    word = title.split()[0]
    asked = {
        "inveniordm": ("/api/user/records", {"q": word}),
        "sampledb": ("/objects/", {"limit": "5"}),  # the newest
        "cap": (RECORDS, {"q": word, "by_me": "1"}),
        "iceprod": ("/datasets", {}),
        "divio": (hosting.APPLICATIONS, {"name": title}),
    }
    path, params = asked[door]
    answer = asker.client.get(path, params=params, headers=BASIC if door == "cap" else {})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
def by_inveniordm() -> Make:
    """Makes a record through InvenioRDM's door, closed to others, and returns its public id."""

    def make(asker: User, title: str) -> str:
        body = making.body(access=making.CLOSED, title=title)
        return str(making.record(asker.client, body)["id"])

    return make


@pytest.fixture
def by_sampledb(server: Running, action: int) -> Make:
    """Makes an object through SampleDB's door and returns its public id."""

    def make(asker: User, title: str) -> str:
        data = f'{{"name":{{"_type":"text","text":"{title}"}}}}'
        return asking.pid_of(server, asking.new_object(asker.client, action, data))

    return make


@pytest.fixture
def by_cap() -> Make:
    """Publishes a deposit through CAP's door and returns its public id."""

    def make(asker: User, title: str) -> str:
        name = {"_type": "text", "text": title}
        return str(depositing.published(asker.client, title=title, name=name)["recid"])

    return make


@pytest.fixture
def by_iceprod() -> Make:
    """Makes a dataset through IceProd's door, closed to others, and returns its public id."""

    def make(asker: User, title: str) -> str:
        closed = {"group": "simprod", "auth_groups_read": []}
        return submitting.made(asker.client, description=title, **closed)

    return make


@pytest.fixture
def by_divio() -> Make:
    """Makes an application through Divio's door and returns its public id."""

    def make(asker: User, title: str) -> str:
        organisation = hosting.organisation(asker.client)
        made = hosting.application(asker.client, organisation, name=title)
        return hosting.pid_of(asker.client, made)

    return make


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("by", DOORS)
def test_it_is_read_listed_and_refused_through_each(
    ada: User, bob: User, by: str, door: str, request: pytest.FixtureRequest
) -> None:
    """Whatever a door has made, each shows, or says that it is none of its own: the whole table."""
    shown = f"tin{token_hex(4)}"  # which no answer repeats that has not found it
    title = f"bronze{token_hex(4)} {shown}"
    pid = request.getfixturevalue(f"by_{by}")(ada, title)

    mine, others = read(ada, door, pid), read(bob, door, pid)

    is_shown = CELLS[by, door] == SHOWN
    assert (mine.status_code, shown in mine.text) == (CELLS[by, door], is_shown)
    assert (others.status_code, shown in others.text) == (REFUSED[door], False)
    assert (shown in listed(ada, door, title).text) == is_shown
    assert shown not in listed(bob, door, title).text


@pytest.fixture(params=["by_inveniordm", "by_sampledb", "by_cap"])
def make(request: pytest.FixtureRequest) -> Make:
    """Each of the ways."""
    made: Make = request.getfixturevalue(request.param)
    return made


def test_it_is_read_through_all(ada: User, make: Make) -> None:
    """Under one public id, with its title."""
    pid = make(ada, "Bronze")

    record = ada.client.get(f"{RECORDS}/{pid}")
    version = ada.client.get(f"/objects/{pid}/versions/0")
    basic = ada.client.get(f"{RECORDS}/{pid}", headers=BASIC)

    assert record.json()["metadata"]["title"] == "Bronze"
    assert (basic.json()["recid"], b"Bronze" in basic.content) == (pid, True)
    assert b"Bronze" in asking.data_of(version)


def test_it_is_listed_by_its_title(ada: User, make: Make) -> None:
    """In SampleDB's list, the whole and the names alone."""
    pid = make(ada, "Brass")
    number = ada.client.get(f"/objects/{pid}/versions/0").json()["object_id"]

    for query in ("?limit=1", "?limit=1&name_only=1"):
        [line] = ada.client.get(f"/objects/{query}").json()
        assert line["object_id"] == number
        assert line["data"]["name"]["text"] == "Brass"


@pytest.mark.parametrize("path", [f"{RECORDS}/{{}}", "/objects/{}", "/objects/{}/versions/0"])
def test_it_is_refused_through_both(
    bob: User, nobody: httpx.Client, ada: User, make: Make, path: str
) -> None:
    """To who was granted nothing and to who shows nothing, as each door words it."""
    asked = path.format(make(ada, "Secret"))

    for asker, objects in ((bob.client, 403), (nobody, 401)):
        answer = asker.get(asked)
        assert answer.status_code == (403 if path.startswith(RECORDS) else objects)
        assert "Secret" not in answer.text


def test_a_grant_of_one_door_opens_it_in_both(ada: User, bob: User, make: Make) -> None:
    """And to take it away closes it in both."""
    pid = make(ada, "Shared")
    me = bob.client.get("/api/v1/users/me").json()["user_id"]
    paths = [f"{RECORDS}/{pid}", f"/objects/{pid}/versions/0"]

    def statuses(level: str) -> list[int]:
        granted = ada.client.put(f"/objects/{pid}/permissions/users/{me}", json=level)
        assert granted.status_code == 200, granted.text
        return [bob.client.get(path).status_code for path in paths]

    assert statuses("read") == [200, 200]
    assert statuses("none") == [403, 403]


def test_a_record_is_changed_through_the_other_door(ada: User, by_inveniordm: Make) -> None:
    """By a document that satisfies the record model, and no other; its version is the next."""
    pid = by_inveniordm(ada, "First")
    data: dict[str, Any] = ada.client.get(f"/objects/{pid}/versions/0").json()["data"]
    data["metadata"]["title"] = "Second"

    wrong = ada.client.post(f"/objects/{pid}/versions/", json={"data": {"metadata": {}}})
    right = ada.client.post(f"/objects/{pid}/versions/", json={"data": data})

    assert wrong.status_code == 400
    assert ["metadata", "title"] in wrong.json()["error_paths"]
    assert right.status_code == 201
    assert ada.client.get(f"{RECORDS}/{pid}").json()["metadata"]["title"] == "Second"


def test_an_object_has_no_drafts_in_the_other_door(ada: User, by_sampledb: Make) -> None:
    """409: its action publishes at once."""
    pid = by_sampledb(ada, "At once")

    refused = ada.client.post(f"{RECORDS}/{pid}/draft")

    assert (refused.status_code, refused.json()["status"]) == (409, 409)
    assert ada.client.get(f"{RECORDS}/{pid}/draft").status_code == 404


def test_an_open_draft_holds_back_what_is_published_at_once(ada: User, by_inveniordm: Make) -> None:
    """A new version and a restore are conflicts that name the draft."""
    pid = by_inveniordm(ada, "Edited")
    data = ada.client.get(f"/objects/{pid}/versions/0").json()["data"]
    ada.client.post(f"{RECORDS}/{pid}/draft")

    for path, body in (("versions/", {"data": data}), ("restore", {"version": 0})):
        refused = ada.client.post(f"/objects/{pid}/{path}", json=body)
        assert refused.status_code == 409
        assert pid in refused.json()["message"]


def test_every_publish_is_a_version_with_a_history(ada: User, by_inveniordm: Make) -> None:
    """Listed, compared, found by its instant, told as events, and restored."""
    pid = by_inveniordm(ada, "Old")
    ada.client.post(f"{RECORDS}/{pid}/draft")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=making.body(access=making.CLOSED, title="New"))
    making.publish(ada.client, pid)

    versions = ada.client.get(f"/objects/{pid}/versions").json()
    diff = ada.client.get(f"/objects/{pid}/versions/0/diff/1").json()
    first = ada.client.get(f"/objects/{pid}", params={"as_of": versions[0]["recorded_at"]})
    told = [each["type"] for each in ada.client.get(f"/objects/{pid}/events").json()]
    restored = ada.client.post(f"/objects/{pid}/restore", json={"version": 0})

    assert [each["version"] for each in versions] == [0, 1]
    assert diff == [{"op": "replace", "path": "/metadata/title", "value": "New"}]
    assert first.headers["Location"].endswith("/versions/0")
    assert told.count("record.published") == 2
    assert "record.draft-reopened" in told
    assert restored.status_code == 201
    assert ada.client.get(f"{RECORDS}/{pid}").json()["metadata"]["title"] == "Old"


def test_a_draft_is_nothing_in_the_other_door(ada: User, bob: User) -> None:
    """Not before it is published: 404 to its owner as to strangers."""
    pid = making.draft(ada.client)["id"]

    for asker in (ada, bob):
        for path in ("", "/versions/0", "/versions", "/events", "/timemap", "/permissions/users/"):
            assert asker.client.get(f"/objects/{pid}{path}").status_code == 404, path


def test_a_deposit_is_edited_and_published_through_the_door_of_drafts(ada: User, bob: User) -> None:
    """As `data`, held to its type; by who may do so in its own door, and by nobody else."""
    made = depositing.deposit(ada.client, title="Tin")
    depositing.share(ada.client, made["id"], bob.name, "update")
    [pid] = [
        each["id"]
        for each in ada.client.get("/api/user/records?size=1&sort=newest").json()["hits"]["hits"]
    ]
    draft = f"{RECORDS}/{pid}/draft"

    read = ada.client.get(draft).json()
    saved = bob.client.put(draft, json={"data": {"title": "Lead", "_x": 1}})
    wrong = ada.client.put(draft, json={"metadata": {"title": "Lead"}})
    refused = bob.client.post(f"{draft}/actions/publish")
    done = ada.client.post(f"{draft}/actions/publish")

    assert read["data"] == {"title": "Tin"}
    assert saved.json()["data"] == {"title": "Lead"}
    assert (wrong.status_code, refused.status_code, done.status_code) == (400, 403, 202)
    shown = ada.client.get(f"{DEPOSITS}/{made['id']}").json()
    assert (shown["status"], shown["recid"], shown["metadata"]) == (
        "published",
        pid,
        {"title": "Lead"},
    )
    assert ada.client.post(f"{RECORDS}/{pid}/versions").status_code == 409


def test_a_deposit_is_changed_through_the_door_of_objects(
    ada: User, admin: User, by_cap: Make
) -> None:
    """By what satisfies its type's records, and not while a draft is open."""
    schema = {"type": "object", "required": ["title"]}
    kind = depositing.new_type(admin.client, record_schema=schema)
    done = depositing.published(ada.client, kind, title="First")
    depid = done["id"]

    wrong = ada.client.post(f"/objects/{depid}/versions/", json={"data": {}})
    right = ada.client.post(f"/objects/{depid}/versions/", json={"data": {"title": "Second"}})

    assert (wrong.status_code, right.status_code) == (400, 201)
    shown = ada.client.get(f"{DEPOSITS}/{depid}").json()
    assert (shown["status"], shown["metadata"]) == ("published", {"title": "Second"})
    depositing.act(ada.client, depid, "edit")
    held = ada.client.post(f"/objects/{depid}/versions/", json={"data": {"title": "Third"}})
    assert held.status_code == 409
    depositing.act(ada.client, depid, "discard")
    restored = ada.client.post(f"/objects/{depid}/restore", json={"version": 0})
    assert restored.status_code == 201
    assert ada.client.get(f"{DEPOSITS}/{depid}").json()["metadata"] == {"title": "First"}


def test_an_object_made_under_a_deposit_type_is_a_deposit(ada: User, admin: User) -> None:
    """Published at once; administrators may read it as any deposit, and its door edits it."""
    [generic] = [
        each["action_id"]
        for each in ada.client.get("/api/v1/actions/").json()
        if each["name"] == "generic"
    ]
    number = asking.new_object(ada.client, generic, '{"title":"Tin"}')
    head = ada.client.get(f"{RECORDS}?type=generic&by_me=1&size=1", headers=BASIC).json()
    recid = head["hits"]["hits"][0]["recid"]
    depid = ada.client.get(f"{RECORDS}/{recid}").json()["draft_id"]

    for asker in (ada, admin):
        assert asker.client.get(f"{DEPOSITS}/{depid}").json()["status"] == "published"
        assert asker.client.get(f"/objects/{number}/versions/0").status_code == 200
    assert depositing.act(ada.client, depid, "edit")["status"] == "draft"


@pytest.mark.parametrize("by", ["by_inveniordm", "by_sampledb", "by_iceprod", "by_divio"])
def test_what_is_no_deposit_is_none(ada: User, by: str, request: pytest.FixtureRequest) -> None:
    """404 at CAP's own paths, whatever the right on it."""
    pid = request.getfixturevalue(by)(ada, "Tin")
    depid = record_id(pid).hex

    assert ada.client.get(f"{DEPOSITS}/{depid}").status_code == 404
    assert ada.client.put(f"{DEPOSITS}/{depid}", json={}).status_code == 404
    assert ada.client.post(f"{DEPOSITS}/{depid}/actions/clone").status_code == 404
    assert ada.client.get(f"/objects/{depid}/versions/0").status_code == 200


def test_a_deposit_is_looked_at_through_every_door(ada: User) -> None:
    """Its pages, its exports, its history, what is beside it; as a draft and as a record."""
    made = depositing.deposit(ada.client, title="Tin")
    depositing.put(ada.client, made, "a.txt", b"tin")
    drafts = ada.client.get("/api/user/records?size=1&sort=newest").json()["hits"]["hits"]
    pid = drafts[0]["id"]

    def looked_at(paths: dict[str, int], accept: str = "*/*") -> None:
        for path, status in paths.items():
            answer = ada.client.get(path, headers={"Accept": accept})
            assert answer.status_code == status, f"{path}: {answer.text[:300]}"

    draft = f"{RECORDS}/{pid}/draft"
    looked_at({draft: 200, f"{draft}/files": 200, f"{draft}/files/a.txt/content": 200})
    looked_at({f"/uploads/{pid}": 200, f"{RECORDS}/{pid}": 404}, "text/html, */*")
    depositing.act(ada.client, made["id"], "publish")
    looked_at({f"/records/{pid}": 200, f"/objects/{pid}": 302, f"/objects/{pid}/events": 200})
    for below in ("files", "files/a.txt", "versions", "versions/latest", "access/links"):
        looked_at({f"{RECORDS}/{pid}/{below}": 200})
    for form in FORMS:
        looked_at({f"{RECORDS}/{pid}": 200}, form)
    told = ada.client.get(f"/objects/{pid}/events").json()
    assert [each["type"] for each in told if each["type"] == "family.permission-granted"]
    assert "administrators" in str(told)


def test_a_dataset_is_an_object_in_every_door(ada: User, bob: User, nobody: httpx.Client) -> None:
    """Read, listed, changed and refused; a grant of SampleDB's opens it in IceProd's."""
    pid = submitting.made(ada.client, description="Tau", group="simprod", auth_groups_read=[])
    me = bob.client.get("/api/v1/users/me").json()["user_id"]
    paths = [f"/datasets/{pid}", f"{RECORDS}/{pid}", f"/objects/{pid}/versions/0"]
    data = ada.client.get(f"/objects/{pid}/versions/0").json()["data"] | {"description": "Mu"}

    read = [ada.client.get(path) for path in paths]
    hidden = [asker.get(path) for asker in (bob.client, nobody) for path in paths]
    changed = ada.client.post(f"/objects/{pid}/versions/", json={"data": data})
    granted = ada.client.put(f"/objects/{pid}/permissions/users/{me}", json="read")

    assert [each.status_code for each in read] == [200, 200, 200]
    assert all("Tau" in each.text for each in read)
    assert {each.status_code for each in hidden} == {401, 403}
    assert not any("Tau" in each.text for each in hidden)
    assert (changed.status_code, granted.status_code) == (201, 200)
    assert bob.client.get(f"/datasets/{pid}").json()["description"] == "Mu"
    found = ada.client.get("/api/user/records?size=1&sort=newest").json()["hits"]["hits"]
    assert found[0]["id"] == pid
    assert ada.client.post(f"{RECORDS}/{pid}/draft").status_code == 409


@pytest.mark.parametrize("by", ["by_inveniordm", "by_sampledb", "by_cap", "by_divio"])
def test_what_other_doors_make_is_no_dataset(
    ada: User, admin: User, by: str, request: pytest.FixtureRequest
) -> None:
    """404 to administrators, 403 to others, and it is in no list of them."""
    pid = request.getfixturevalue(by)(ada, "Lead")

    assert admin.client.get(f"/datasets/{pid}").status_code == 404
    assert ada.client.get(f"/datasets/{pid}").status_code == 403
    assert submitting.put(ada.client, pid, "description", "Tin") == 403
    assert pid not in ada.client.get("/datasets").json()


def test_an_application_is_an_object_in_every_door(
    ada: User, bob: User, admin: User, nobody: httpx.Client
) -> None:
    """Read, listed, changed and refused; administrators of the service see none of it."""
    organisation = hosting.organisation(ada.client)
    made = hosting.application(ada.client, organisation, name="Tau")
    pid, path = hosting.pid_of(ada.client, made), f"{hosting.APPLICATIONS}{made['uuid']}/"
    doors = [path, f"{RECORDS}/{pid}", f"/objects/{pid}/versions/0"]
    data = ada.client.get(f"/objects/{pid}/versions/0").json()["data"]

    read = [ada.client.get(each) for each in doors]
    hidden = [asker.get(each) for asker in (bob.client, admin.client, nobody) for each in doors]
    changed = ada.client.post(f"/objects/{pid}/versions/", json={"data": data | {"name": "Mu"}})
    refused = [
        ada.client.post(f"/objects/{pid}/versions/", json={"data": data | wrong}).status_code
        for wrong in ({"slug": "other"}, {"name": ""}, {"organisation": "0" * 32}, {"more": 1})
    ]

    assert [each.status_code for each in read] == [200, 200, 200]
    assert all("Tau" in each.text for each in read)
    assert {each.status_code for each in hidden} == {401, 403, 404}
    assert not any("Tau" in each.text for each in hidden)
    assert (changed.status_code, refused) == (201, [400] * 4)
    assert ada.client.get(path).json()["name"] == "Mu"
    assert ada.client.post(f"{RECORDS}/{pid}/draft").status_code == 409
    versions = ada.client.get(f"/objects/{pid}/versions").json()
    assert [each["version"] for each in versions] == [0, 1]
    told = [each["type"] for each in ada.client.get(f"/objects/{pid}/events").json()]
    assert told.count("record.published") == 2


def test_who_joins_an_organisation_sees_what_is_in_it_through_every_door(
    ada: User, bob: User
) -> None:
    """And changes it; whoever leaves sees none of it, his own no more than others'."""
    organisation = hosting.organisation(ada.client)
    member = hosting.join(ada.client, organisation, bob)
    made = hosting.application(bob.client, organisation, name="Tau")
    pid = hosting.pid_of(bob.client, made)
    doors = [f"{hosting.APPLICATIONS}{made['uuid']}/", f"/objects/{pid}/versions/0"]
    data = ada.client.get(doors[1]).json()["data"]

    def statuses() -> list[int]:
        asked = [bob.client.get(each) for each in (*doors, f"{RECORDS}/{pid}")]
        news = data | {"branch": asking.fresh("branch")}
        asked.append(bob.client.post(f"/objects/{pid}/versions/", json={"data": news}))
        return [each.status_code for each in asked]

    assert statuses() == [200, 200, 200, 201]
    gone = bob.client.post(f"/objects/{pid}/versions/", json={"data": data | {"deleted": True}})
    assert gone.status_code == 403  # which is for who leads it
    left = ada.client.delete(f"{hosting.ORGANISATIONS}{organisation}/members/{member}/")
    assert (left.status_code, statuses()) == (204, [404, 403, 403, 403])


def test_a_grant_alone_shows_nothing_of_an_organisation_in_its_door(
    ada: User, bob: User, by_divio: Make
) -> None:
    """What was granted to who is not in it is an object to him, and no application."""
    pid = by_divio(ada, "Tau")
    me = bob.client.get("/api/v1/users/me").json()["user_id"]
    granted = ada.client.put(f"/objects/{pid}/permissions/users/{me}", json="grant")

    uuid = base32_of(record_id(pid))

    assert granted.status_code == 200
    assert bob.client.get(f"/objects/{pid}/versions/0").status_code == 200
    for method in ("GET", "PATCH", "DELETE"):
        answer = bob.client.request(method, f"{hosting.APPLICATIONS}{uuid}/", json={})
        assert answer.status_code == 404
    assert bob.client.get(hosting.APPLICATIONS, params={"uuid": uuid}).json()["count"] == 0


@pytest.mark.parametrize("by", ["by_inveniordm", "by_sampledb", "by_cap", "by_iceprod"])
def test_what_is_in_no_organisation_is_nothing_in_its_door(
    ada: User, by: str, request: pytest.FixtureRequest
) -> None:
    """404, whatever the right on it."""
    uuid = base32_of(record_id(request.getfixturevalue(by)(ada, "Lead")))

    for collection in ("applications", "environments"):
        path = f"{hosting.APPS}/{collection}/"
        for method in ("GET", "PATCH", "DELETE"):
            assert ada.client.request(method, f"{path}{uuid}/", json={}).status_code == 404
        assert ada.client.get(path, params={"uuid": uuid}).json()["count"] == 0


def test_an_object_made_under_the_action_is_an_application(ada: User, bob: User) -> None:
    """In an organisation of who makes it; 400 in any other, and for a slug that is taken."""
    mine, others = (hosting.organisation(each.client) for each in (ada, bob))
    [action] = [
        each["action_id"]
        for each in ada.client.get("/api/v1/actions/").json()
        if each["name"] == "divio.application"
    ]
    like = hosting.application(ada.client, mine)
    data = ada.client.get(f"/objects/{hosting.pid_of(ada.client, like)}/versions/0").json()["data"]
    data |= {"slug": asking.fresh("slug")}
    foreign = hosting.application(bob.client, others)
    pid = hosting.pid_of(bob.client, foreign)
    theirs = bob.client.get(f"/objects/{pid}/versions/0").json()["data"]["organisation"]

    def made(**other: str) -> int:
        sent = {"action_id": action, "data": data | other}
        return ada.client.post("/objects/", json=sent).status_code

    assert [made(organisation=theirs), made(organisation="0" * 32), made(), made()] == [
        *(400, 400, 201, 400)
    ]
    listed = ada.client.get(hosting.APPLICATIONS, params={"slug": data["slug"]}).json()
    assert [each["name"] for each in listed["results"]] == ["Tin"]


def test_what_was_deleted_comes_back_by_its_history(ada: User, bob: User, by_divio: Make) -> None:
    """Its slug too, unless another has that by then."""
    pid = by_divio(ada, "Tau")
    path = f"{hosting.APPLICATIONS}{base32_of(record_id(pid))}/"
    slug = ada.client.get(path).json()["slug"]

    def restored() -> int:
        return ada.client.post(f"/objects/{pid}/restore", json={"version": 0}).status_code

    assert ada.client.delete(path).status_code == 204
    assert (restored(), ada.client.get(path).json()["name"]) == (201, "Tau")
    assert ada.client.delete(path).status_code == 204
    hosting.application(bob.client, hosting.organisation(bob.client), slug=slug)
    assert (restored(), ada.client.get(path).status_code) == (400, 404)
