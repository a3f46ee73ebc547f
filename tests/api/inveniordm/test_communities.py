"""Communities over HTTP: made, read, changed, renamed, deleted.

Source: InvenioRDM, "Communities"; the InvenioRDM specification, 2, rows 34 to 40, and 6.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.commands import communities
from domain.group import Role
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, User, fresh
from tests.api.inveniordm import gathering
from tests.api.inveniordm.communing import (
    COMMUNITIES,
    METADATA,
    OPEN,
    RESTRICTED,
    body,
    community,
)
from tests.api.inveniordm.making import V1
from tests.running import Running

TAGGED = "UPDATE view.answers SET etag = %s WHERE key = %s RETURNING key"

DENIED = {"status": 403, "message": "Permission denied."}
ID = UUID("5d2c6a1e-5a3f-4a0e-9b57-0f6a2a1f7c11")  # one text for all who collect the tests


def number(user: User) -> int:
    """The number of a user."""
    return int(user.client.get(f"{API}/users/me").json()["user_id"])


def join(server: Running, owner: User, slug: str, member: User, role: Role) -> None:
    """Give somebody a role in a community."""
    who = number(member)

    def command(session: Session) -> None:
        communities.put_member(session, communities.called(session, slug), who, role)

    asking.decide(server, owner.name, command)


def shown(server: Running, owner: int, slug: str, **changed: Any) -> bytes:
    """The seed's answer, byte for byte, but for the two instants."""
    at = f"{server.url}/api/communities/{slug}"
    answer = {
        "access": {**OPEN, "owned_by": [{"user": owner}]},
        "created": "",
        "updated": "",
        "id": slug,
        "slug": slug,
        "revision_id": 1,
        "links": {"self": at, "self_html": f"{server.url}/communities/{slug}"},
        "metadata": METADATA,
    }
    return json.dumps(answer | changed, separators=(",", ":")).encode()


def timeless(answer: httpx.Response) -> bytes:
    """An answer's bytes without its two instants, which are instants in UTC."""
    found = answer.content
    for name in ("created", "updated"):
        instant = answer.json()[name]
        assert datetime.fromisoformat(instant).utcoffset() is not None
        found = found.replace(f'"{name}":"{instant}"'.encode(), f'"{name}":""'.encode())
    return found


def test_a_community_is_made_and_read_as_the_seed_shows(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """201 with the whole of it, at the address that was chosen; everybody reads it there."""
    slug = fresh("my_community_id")

    made = ada.client.post(COMMUNITIES, json=body(slug))
    read = nobody.get(f"{COMMUNITIES}/{slug}")

    assert made.status_code == 201
    assert timeless(made) == shown(server, number(ada), slug)
    assert made.headers["Location"] == f"{COMMUNITIES}/{slug}"
    assert (read.status_code, read.content) == (200, made.content)
    assert read.headers["ETag"] == made.headers["ETag"] == '"1-r"'
    assert nobody.get(made.json()["links"]["self"]).content == made.content


def test_it_is_changed_as_the_seed_shows(server: Running, ada: User) -> None:
    """200 with the next revision; what it was made, and when, stays."""
    made = community(ada.client)
    slug = made["id"]

    changed = ada.client.put(f"{COMMUNITIES}/{slug}", json=body(slug, title="My Updated Community"))

    assert changed.status_code == 200
    assert timeless(changed) == shown(
        server,
        number(ada),
        slug,
        revision_id=2,
        metadata=METADATA | {"title": "My Updated Community"},
    )
    assert changed.json()["created"] == made["created"]
    assert changed.json()["updated"] > made["updated"]
    again = ada.client.put(f"{COMMUNITIES}/{slug}", json=changed.json())
    assert again.content == changed.content  # what it says already is no event


def test_it_is_renamed_as_the_seed_shows(server: Running, ada: User, nobody: httpx.Client) -> None:
    """200 at its new address. The old one leads there, understands writes, and stays its own."""
    old, new = community(ada.client)["id"], fresh("my_new_community_id")

    renamed = ada.client.post(f"{COMMUNITIES}/{old}/rename", json=body(new))
    led = nobody.get(f"{COMMUNITIES}/{old}?prettyprint=1&access_token={ada.token}")
    changed = ada.client.put(f"{COMMUNITIES}/{old}", json=body(old, title="Tin"))

    assert renamed.status_code == 200
    assert timeless(renamed) == shown(server, number(ada), new, revision_id=2)
    assert led.status_code == 301
    assert led.headers["Location"] == f"{server.url}{COMMUNITIES}/{new}?prettyprint=1"
    assert (changed.status_code, changed.json()["id"]) == (200, new)
    taken = ada.client.post(COMMUNITIES, json=body(old))
    assert taken.status_code == 400
    back = ada.client.post(f"{COMMUNITIES}/{new}/rename", json={"id": old})
    assert (back.status_code, back.json()["id"]) == (200, old)


def test_it_is_deleted_as_the_seed_shows(ada: User, nobody: httpx.Client) -> None:
    """204 without a body; then it is gone for everybody and everything, and its address taken."""
    slug = community(ada.client)["id"]
    path = f"{COMMUNITIES}/{slug}"

    deleted = ada.client.delete(path)

    assert (deleted.status_code, deleted.content) == (204, b"")
    for answer in (
        nobody.get(path),
        nobody.get(f"{path}/logo"),
        ada.client.put(path, json=body(slug)),
        ada.client.delete(path),
        ada.client.put(f"{path}/logo", content=b"tin"),
        ada.client.post(f"{path}/rename", json={"id": fresh("a")}),
    ):
        assert answer.status_code == 410
        assert answer.json() == {"status": 410, "message": "The community has been deleted."}
    taken = ada.client.post(COMMUNITIES, json=body(slug))
    assert taken.status_code == 400
    assert ada.client.get(f"{COMMUNITIES}?q=slug:{slug}").json()["hits"]["total"] == 0


def test_empty_parts_are_missing_as_the_seed_shows(ada: User) -> None:
    """Both are named, byte for byte as there but for the spaces."""
    slug = fresh("comm_id")
    missing = ["Missing data for required field."]

    refused = ada.client.post(COMMUNITIES, json={"access": {}, "id": slug, "metadata": {}})

    assert refused.status_code == 400
    shown = {
        "errors": [
            {"field": "metadata", "messages": missing},
            {"field": "access", "messages": missing},
        ],
        "message": "A validation error occurred.",
        "status": 400,
    }
    assert refused.content == json.dumps(shown, separators=(",", ":")).encode()
    assert ada.client.get(f"{COMMUNITIES}/{slug}").status_code == 404


def test_an_address_is_taken_once(ada: User) -> None:
    """Of eight that want it at once one is told 201, the others 400 and why."""
    slug = fresh("wanted")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ada.client.post(COMMUNITIES, json=body(slug)), range(8)))

    assert sorted(each.status_code for each in answers) == [201, *[400] * 7]
    refused = next(each for each in answers if each.status_code == 400)
    message = "A community with this identifier already exists."
    assert refused.json()["errors"] == [{"field": "id", "messages": [message]}]


def test_an_address_is_given_to_one_of_those_that_move_there(ada: User) -> None:
    """Eight communities at once: one has it, the others keep the one they have."""
    old = [community(ada.client)["id"] for _ in range(8)]
    slug = fresh("aim")

    def move(each: str) -> int:
        return ada.client.post(f"{COMMUNITIES}/{each}/rename", json={"id": slug}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(move, old)) == [200, *[400] * 7]
    assert sum(ada.client.get(f"{COMMUNITIES}/{each}").is_redirect for each in old) == 1


def test_it_goes_by_its_id_and_in_any_case(server: Running, ada: User) -> None:
    """In whichever case it is asked for; the id that the service gave it works too."""
    slug = fresh("Tin_Cans")
    made = community(ada.client, slug=slug)
    [(id_,)] = asking.query(server, "SELECT id FROM view.groups WHERE slug = %s", slug.lower())

    assert made["id"] == slug.lower()
    for name in (slug, slug.lower(), str(id_), str(id_).upper(), id_.hex):
        assert ada.client.get(f"{COMMUNITIES}/{name}").json() == made
    for name in (str(id_), slug):
        changed = ada.client.put(f"{COMMUNITIES}/{name}", json=body(name, title="Tin"))
        assert changed.status_code == 200


@pytest.mark.parametrize(
    "slug", ["", " ", "a b", "a/b", "ä", "a.b", "x" * 101, str(ID), ID.hex, "a\n", 7, []]
)
def test_an_address_that_is_none_is_refused(ada: User, slug: Any) -> None:
    """When a community is made, and when it is renamed: 400, named as `id`."""
    made = community(ada.client)
    for answer in (
        ada.client.post(COMMUNITIES, json=body("a") | {"id": slug}),
        ada.client.post(f"{COMMUNITIES}/{made['id']}/rename", json={"id": slug}),
    ):
        assert answer.status_code == 400
        assert [each["field"] for each in answer.json()["errors"]] == ["id"]


def test_it_may_say_its_address_as_clients_of_today(ada: User) -> None:
    """As `slug`, and its type as an object, which comes back as it was sent."""
    slug = fresh("today")
    sent = {"access": OPEN, "slug": slug, "metadata": METADATA | {"type": {"id": "topic"}}}

    made = ada.client.post(COMMUNITIES, json=sent)

    assert made.status_code == 201
    assert made.json()["slug"] == slug
    assert made.json()["metadata"]["type"] == {"id": "topic"}


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("metadata.title", {"title": ""}),
    ("metadata.title", {"title": "x" * 251}),
    ("metadata.title", {"title": 7}),
    ("metadata.title", {"title": None}),
    ("metadata.description", {"description": "x" * 2001}),
    ("metadata.page", {"page": "x" * 50_001}),
    ("metadata.curation_policy", {"curation_policy": ["a"]}),
    ("metadata.page", {"page": "<b>" * 6_000}),
    ("metadata.website", {"website": "javascript:alert(1)"}),
    ("metadata.type", {"type": "party"}),
    ("metadata.type.id", {"type": {"id": "party"}}),
    ("metadata.type.id", {"type": {}}),
    ("metadata.type", {"type": ["event"]}),
    ("metadata.funding", {"funding": {}}),
    ("metadata.funding", {"funding": [{"funder": {"name": "a"}}] * 101}),
    ("metadata.funding.0.funder.name", {"funding": [{"funder": {"name": "x" * 3_000}}]}),
    ("metadata.affiliations.0.identifiers", {"affiliations": [{"identifiers": "a"}]}),
    ("metadata.colour", {"colour": "red"}),
]


@pytest.mark.parametrize(("field", "metadata"), WRONG)
def test_what_is_wrong_is_named(ada: User, field: str, metadata: dict[str, Any]) -> None:
    """400 with the field, and nothing is stored."""
    slug = fresh("wrong")

    refused = ada.client.post(COMMUNITIES, json=body(slug, **metadata))

    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == [field]
    assert ada.client.get(f"{COMMUNITIES}/{slug}").status_code == 404


@pytest.mark.parametrize(
    "access",
    [
        {"visibility": "hidden"},
        {"visibility": None, "member_policy": ["open"]},
        {"record_policy": True},
        {"members_visibility": "restricted"},
        "public",
        [],
    ],
)
def test_a_policy_that_is_none_is_refused(ada: User, access: Any) -> None:
    """What would be dropped in silence is refused too: it might have been meant to close."""
    refused = ada.client.post(COMMUNITIES, json=body(fresh("wrong"), access))

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith("access")


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"7", b'{"id":"a","id":"b"}', b'{"id":"\xff"}'])
def test_what_is_no_object_is_refused(ada: User, sent: bytes) -> None:
    """Wherever one is sent: 400."""
    path = f"{COMMUNITIES}/{community(ada.client)['id']}"
    for answer in (
        ada.client.post(COMMUNITIES, content=sent),
        ada.client.put(path, content=sent),
        ada.client.post(f"{path}/rename", content=sent),
    ):
        assert answer.status_code == 400
        assert answer.json()["message"]


def test_a_community_that_says_too_much_is_refused(ada: User) -> None:
    """413 past 512 KiB; a long page is read where heavy work is done."""
    slug = fresh("long")
    page = "Tin &amp; lead. " * 3_000  # 48,000 characters
    names = [{"name": "x" * 2_000}] * 40

    refused = ada.client.post(COMMUNITIES, json=body(slug, page="x" * (513 << 10)))
    taken = ada.client.post(COMMUNITIES, json=body(slug, page=page, affiliations=names))
    wrong = ada.client.post(
        COMMUNITIES,
        json=body(
            fresh("long"),
            page=page,
            funding=[{"funder": {"name": "x" * 2_000, "id": "y" * 2_000}}] * 100,
        ),
    )

    assert refused.status_code == 413
    renaming = {"id": fresh("long"), "metadata": {"page": "x" * (513 << 10)}}
    moved = ada.client.post(f"{COMMUNITIES}/{slug}/rename", json=renaming)
    assert moved.status_code == 413
    assert taken.status_code == 201, taken.text
    assert taken.json()["metadata"]["page"] == page.strip()
    assert wrong.status_code == 400
    assert [each["field"] for each in wrong.json()["errors"]] == ["metadata"]


def test_html_is_made_harmless(ada: User) -> None:
    """As descriptions of records are, in all three texts; sent back it stays as it is."""
    evil = '<b onclick="x()">Tin</b><script>x()</script><a href="javascript:x()">can</a>'
    texts: dict[str, Any] = dict.fromkeys(("description", "page", "curation_policy"), evil)

    made = community(ada.client, **texts)
    again = ada.client.put(f"{COMMUNITIES}/{made['id']}", json=made)

    for name in texts:
        assert made["metadata"][name] == "<b>Tin</b><a>can</a>"
    assert again.json() == made


def test_who_may_do_what(server: Running, ada: User, bob: User, nobody: httpx.Client) -> None:
    """Managers change it, owners rename and delete it too; other members and strangers read it."""
    slug = community(ada.client)["id"]
    path = f"{COMMUNITIES}/{slug}"

    def tried(asker: httpx.Client) -> list[int]:
        return [
            asker.get(path).status_code,
            asker.put(path, json=body(slug, title=fresh("title"))).status_code,
            asker.put(f"{path}/logo", content=b"tin").status_code,
            asker.delete(f"{path}/logo").status_code,
            asker.post(f"{path}/rename", json={"id": slug}).status_code,
        ]

    assert tried(nobody) == [200, 403, 403, 403, 403]
    assert tried(bob.client) == [200, 403, 403, 403, 403]
    roles: tuple[Role, ...] = ("reader", "member")
    for role in roles:
        join(server, ada, slug, bob, role)
        assert tried(bob.client) == [200, 403, 403, 403, 403]
    join(server, ada, slug, bob, "manager")
    assert tried(bob.client) == [200, 200, 200, 204, 403]
    assert bob.client.delete(path).status_code == 403
    join(server, ada, slug, bob, "owner")
    assert tried(bob.client) == [200, 200, 200, 204, 200]
    owners = [each["user"] for each in nobody.get(path).json()["access"]["owned_by"]]
    assert owners == sorted((number(ada), number(bob)))
    assert bob.client.delete(path).status_code == 204
    assert nobody.post(COMMUNITIES, json=body(fresh("a"))).json() == DENIED


def test_a_restricted_community_is_for_its_members(
    server: Running, ada: User, bob: User, admin: User, nobody: httpx.Client
) -> None:
    """403 to others, administrators too, also at an address that it had before."""
    old = community(ada.client, RESTRICTED)["id"]
    slug = ada.client.post(f"{COMMUNITIES}/{old}/rename", json={"id": fresh("closed")}).json()["id"]
    path = f"{COMMUNITIES}/{slug}"

    for asker in (nobody, bob.client, admin.client):
        for at in (path, f"{path}/logo", f"{COMMUNITIES}/{old}", f"{COMMUNITIES}/{old}/logo"):
            answer = asker.get(at)
            assert (answer.status_code, answer.json()) == (403, DENIED)
    join(server, ada, slug, bob, "reader")
    assert bob.client.get(path).status_code == 200
    assert bob.client.get(f"{path}/logo").status_code == 404


def test_a_policy_that_is_not_said_stays(ada: User) -> None:
    """A client that knows of fewer opens nothing by leaving them out; a new community is open."""
    closed = {"visibility": "restricted", "member_policy": "closed", "record_policy": "closed"}
    slug = community(ada.client, closed)["id"]

    changed = ada.client.put(f"{COMMUNITIES}/{slug}", json=body(slug, {"member_policy": "open"}))
    made = community(ada.client, {"record_policy": "restricted"})

    assert changed.json()["access"] | closed | {"member_policy": "open"} == changed.json()["access"]
    assert made["access"] | OPEN | {"record_policy": "restricted"} == made["access"]


def test_a_put_does_not_rename(ada: User) -> None:
    """Another identifier in it is refused, for it would be dropped in silence."""
    slug = community(ada.client)["id"]

    refused = ada.client.put(f"{COMMUNITIES}/{slug}", json=body(fresh("other")))

    assert refused.status_code == 400
    assert [each["field"] for each in refused.json()["errors"]] == ["id"]


def test_a_stale_writer_loses_nothing(ada: User) -> None:
    """If-Match names the tag or the revision; another one is 412, and nothing is done."""
    slug = community(ada.client)["id"]
    path = f"{COMMUNITIES}/{slug}"
    put = body(slug, title="Tin")

    for tag in ('"7-r"', '"7"', "7", '"tin"'):
        header = {"If-Match": tag}
        assert ada.client.put(path, json=put, headers=header).status_code == 412
        assert ada.client.delete(path, headers=header).status_code == 412
        renamed = ada.client.post(f"{path}/rename", json={"id": fresh("a")}, headers=header)
        assert renamed.status_code == 412
    changed = ada.client.put(path, json=put, headers={"If-Match": '"1-r"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2-r"')
    known = ada.client.get(path, headers={"If-None-Match": '"2-r"'})
    assert (known.status_code, known.content) == (304, b"")
    bare = ada.client.get(path, headers={"If-None-Match": '"2"'})
    assert bare.status_code == 200  # it may be from when tags counted something else
    assert ada.client.delete(path, headers={"If-Match": "2"}).status_code == 204


def test_of_eight_changes_on_one_revision_one_lands(ada: User) -> None:
    """The others are told 412."""
    slug = community(ada.client)["id"]

    def change(at: int) -> int:
        sent = body(slug, title=f"Tin {at}")
        header = {"If-Match": '"1"'}
        return ada.client.put(f"{COMMUNITIES}/{slug}", json=sent, headers=header).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(change, range(8))) == [200, *[412] * 7]


def test_its_revision_moves_when_what_it_shows_does(ada: User, bob: User) -> None:
    """With its owners, who are shown; not with other members, whom not everybody sees."""
    slug = community(ada.client)["id"]
    path = f"{COMMUNITIES}/{slug}"
    first = ada.client.get(path)

    for role in ("reader", "curator", "manager", None):
        give(ada, slug, bob, role)
        now = ada.client.get(path)
        assert (now.json(), now.headers["ETag"]) == (first.json(), first.headers["ETag"])
    give(ada, slug, bob, "owner")
    owned = ada.client.get(path).json()
    give(ada, slug, bob, None)

    left = ada.client.get(path).json()
    assert [owned["revision_id"], left["revision_id"]] == [2, 3]
    assert first.json()["updated"] < owned["updated"] < left["updated"]


def give(owner: User, slug: str, member: User, role: str | None) -> None:
    """Give somebody a role in a community; None: none any more."""
    path, named = gathering.members(slug), gathering.named(member.client)
    if role is None:
        answer = owner.client.request("DELETE", path, json=named)
    else:
        method = "PUT" if member.name in owner.client.get(path).text else "POST"
        answer = owner.client.request(method, path, json=named | {"role": role})
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("changed", [False, True])
def test_a_first_answer_to_a_rename_is_given_again(ada: User, bob: User, changed: bool) -> None:
    """As it was, whoever came before or went since, and whatever the community says by now."""
    slug, new, key = fresh("old"), fresh("new"), {"Idempotency-Key": fresh("key")}
    community(ada.client, slug=slug)
    give(ada, slug, bob, "reader")
    url = f"{COMMUNITIES}/{slug}/rename"
    first = ada.client.post(url, json={"id": new}, headers=key)
    give(ada, new, bob, None)
    if changed:
        ada.client.put(f"{COMMUNITIES}/{new}", json=body(new, title="Lead"))

    again = ada.client.post(url, json={"id": new}, headers=key)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["ETag"] == first.headers["ETag"] == '"2-r"'


def test_a_first_answer_with_a_tag_of_another_form_is_given_again(
    server: Running, ada: User, bob: User
) -> None:
    """Bare numbers were those of events, once: the second rename was the fourth."""
    slug, new, key = fresh("old"), fresh("new"), {"Idempotency-Key": fresh("key")}
    community(ada.client, slug=slug)
    give(ada, slug, bob, "reader")
    ada.client.post(f"{COMMUNITIES}/{slug}/rename", json={"id": fresh("between")})
    url = f"{COMMUNITIES}/{slug}/rename"
    first = ada.client.post(url, json={"id": new}, headers=key)
    ada.client.put(f"{COMMUNITIES}/{new}", json=body(new, title="Lead"))
    was, then = (
        first.headers["ETag"],
        "UPDATE view.answers SET etag = %s WHERE key = %s RETURNING 1",
    )
    asking.query(server, then, '"4"', key["Idempotency-Key"])

    again = ada.client.post(url, json={"id": new}, headers=key)

    asking.query(server, TAGGED, was, *key.values())
    assert (was, again.headers["ETag"]) == ('"3-r"', '"4"')
    assert (again.status_code, again.content) == (200, first.content)


def test_a_first_answer_is_given_again_as_it_was(ada: User) -> None:
    """Whatever became of the community meanwhile: what it said then, under the name it had."""
    slug, key = fresh("again"), {"Idempotency-Key": fresh("key")}
    first = ada.client.post(COMMUNITIES, json=body(slug), headers=key)
    ada.client.post(f"{COMMUNITIES}/{slug}/rename", json={"id": fresh("moved")})

    again = ada.client.post(COMMUNITIES, json=body(slug), headers=key)

    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (201, first.content)


def test_what_is_none_is_404(ada: User) -> None:
    """A slug that nobody has, an id of something else, an address of nothing."""
    for name in ("no-such", str(uuid4()), "%00", "x" * 5_000, "%F0%9F%A5%AB", "a%2Fb"):
        for answer in (
            ada.client.get(f"{COMMUNITIES}/{name}"),
            ada.client.put(f"{COMMUNITIES}/{name}", json=body("a")),
            ada.client.delete(f"{COMMUNITIES}/{name}"),
            ada.client.get(f"{COMMUNITIES}/{name}/logo"),
        ):
            assert answer.status_code == 404, name
            assert answer.json()["status"] == 404


def test_both_media_types_are_answered(ada: User) -> None:
    """With the same body; a third is 406."""
    path = f"{COMMUNITIES}/{community(ada.client)['id']}"

    answers = [
        ada.client.get(path, headers={"Accept": each})
        for each in ("application/json", V1, "text/csv")
    ]

    assert [each.status_code for each in answers] == [200, 200, 406]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["Content-Type"] == V1
