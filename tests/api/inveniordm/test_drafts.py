"""Drafts over HTTP: saved whatever is wrong with them, published when nothing is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import Join, User
from tests.api.inveniordm import making
from tests.api.inveniordm.making import METADATA, RECORDS
from tests.running import Running

MISSING = {
    "metadata.title",
    "metadata.creators",
    "metadata.resource_type",
    "metadata.publication_date",
}
WRONG: dict[str, Any] = {
    "publication_date": "2020-13-01",
    "resource_type": {"id": "no-such-type"},
    "title": "No",
}


def _fields(answer: httpx.Response) -> set[str]:
    assert all(each["messages"] for each in answer.json()["errors"])
    return {each["field"] for each in answer.json()["errors"]}


def test_an_empty_body_makes_a_draft_that_names_all_it_lacks(ada: User) -> None:
    """And a later read names it too."""
    made = ada.client.post(RECORDS)
    read = ada.client.get(made.headers["Location"])

    assert (made.status_code, read.status_code) == (201, 200)
    assert _fields(made) == _fields(read) == MISSING
    assert made.json() == read.json()


def test_what_is_wrong_is_named_and_what_is_right_is_kept(ada: User) -> None:
    """A save never fails on metadata."""
    made = ada.client.post(RECORDS, json=making.body(**WRONG))

    assert made.status_code == 201
    assert set(made.json()["metadata"]) == {"creators"}
    assert _fields(made) >= {"metadata.publication_date", "metadata.title"}
    assert any(field.startswith("metadata.resource_type") for field in _fields(made))


def test_publishing_what_is_wrong_names_all_of_it_and_loses_nothing(ada: User) -> None:
    """400, and the draft is what it was."""
    draft = making.draft(ada.client, making.body(**WRONG))
    path = f"{RECORDS}/{draft['id']}/draft"

    refused = ada.client.post(f"{path}/actions/publish")

    assert refused.status_code == 400
    assert refused.json()["message"] == "A validation error occurred."
    assert refused.json()["status"] == 400
    assert refused.json()["errors"] == draft["errors"]
    assert ada.client.get(path).json() == draft


def test_a_draft_takes_what_it_gave(ada: User) -> None:
    """Links, parent, versions and titles of terms are read past; nothing moves."""
    draft = making.draft(ada.client)
    path = f"{RECORDS}/{draft['id']}/draft"

    put = ada.client.put(path, json=ada.client.get(path).json())

    assert (put.status_code, put.json()) == (200, draft)


def test_a_replacement_takes_away_what_it_does_not_say(ada: User) -> None:
    """All metadata is replaced."""
    draft = making.draft(ada.client, making.body(description="Once upon a time"))
    path = f"{RECORDS}/{draft['id']}/draft"

    put = ada.client.put(path, json=making.body()).json()

    assert "description" in draft["metadata"]
    assert "description" not in put["metadata"]


def test_of_two_who_change_one_revision_one_is_refused(ada: User) -> None:
    """412, and nothing of it is kept."""
    draft = making.draft(ada.client)
    path, tag = f"{RECORDS}/{draft['id']}/draft", f'"{draft["revision_id"]}"'

    first = ada.client.put(path, json=making.body(title="First"), headers={"If-Match": tag})
    second = ada.client.put(path, json=making.body(title="Second"), headers={"If-Match": tag})
    bare = {"If-Match": str(first.json()["revision_id"])}
    third = ada.client.put(path, json=making.body(title="Third"), headers=bare)

    assert [each.status_code for each in (first, second, third)] == [200, 412, 200]
    assert first.headers["ETag"] == f'"{first.json()["revision_id"]}"'
    assert ada.client.get(path).json()["metadata"]["title"] == "Third"


def test_of_eight_who_change_one_revision_at_once_one_does(ada: User) -> None:
    """The others are told so; the draft is as the one was answered."""
    draft = making.draft(ada.client)
    path, tag = f"{RECORDS}/{draft['id']}/draft", f'"{draft["revision_id"]}"'

    def put(each: int) -> httpx.Response:
        body = making.body(title=f"Number {each}")
        return ada.client.put(path, json=body, headers={"If-Match": tag})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(put, range(8)))

    assert sorted(each.status_code for each in answers) == [200] + [412] * 7
    [done] = [each.json() for each in answers if each.status_code == 200]
    assert ada.client.get(path).json() == done


def test_each_of_eight_who_save_at_once_is_answered_with_what_he_saved(ada: User) -> None:
    """Under a revision of its own, whatever another has saved since."""
    path = f"{RECORDS}/{making.draft(ada.client)['id']}/draft"

    def put(each: int) -> httpx.Response:
        return ada.client.put(path, json=making.body(title=f"Number {each}"))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(put, range(40)))

    titles = [each.json()["metadata"]["title"] for each in answers]
    assert titles == [f"Number {each}" for each in range(40)]
    assert len({each.headers["ETag"] for each in answers}) == 40


def test_the_revision_moves_with_access_alone(ada: User) -> None:
    """Not when a save says what is said already."""
    draft = making.draft(ada.client)
    path = f"{RECORDS}/{draft['id']}/draft"

    closed = [ada.client.put(path, json=making.body(access=making.CLOSED)) for _ in range(2)]

    assert closed[0].json()["revision_id"] > draft["revision_id"]
    assert closed[0].headers["ETag"] == closed[1].headers["ETag"]
    assert closed[0].json()["access"]["record"] == "restricted"


@pytest.mark.parametrize("shown", ["other", '"9999999999999999999999"'])
def test_a_tag_of_nothing_here_is_refused(ada: User, shown: str) -> None:
    """412 for what no revision is called."""
    path = f"{RECORDS}/{making.draft(ada.client)['id']}/draft"

    assert ada.client.delete(path, headers={"If-Match": shown}).status_code == 412
    assert ada.client.get(path).status_code == 200


def test_eight_who_publish_at_once_make_one_version(ada: User) -> None:
    """One is answered 202, the others that there is no draft any more."""
    pid = making.draft(ada.client)["id"]
    path = f"{RECORDS}/{pid}/draft/actions/publish"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ada.client.post(path), range(8)))

    assert sorted(each.status_code for each in answers) == [202] + [404] * 7
    versions = ada.client.get(f"/objects/{pid}/versions").json()
    assert len(versions) == 1


def test_a_publish_that_happened_changes_nothing_again(ada: User) -> None:
    """404 in the door's words."""
    record = making.record(ada.client)
    path = f"{RECORDS}/{record['id']}"

    again = ada.client.post(f"{path}/draft/actions/publish")

    assert again.json() == {
        "status": 404,
        "message": "The persistent identifier does not exist.",
    }
    assert ada.client.get(path).json() == record


def test_an_open_draft_is_returned_as_it_is(ada: User) -> None:
    """To edit twice is to edit once."""
    pid = making.record(ada.client)["id"]

    first = ada.client.post(f"{RECORDS}/{pid}/draft")
    second = ada.client.post(f"{RECORDS}/{pid}/draft")

    assert first.json() == second.json()
    assert first.headers["ETag"] == second.headers["ETag"]


def test_what_was_edited_is_published_as_the_next_version(ada: User) -> None:
    """The record shows it, under a higher revision; until then it shows what was published."""
    record = making.record(ada.client)
    path = f"{RECORDS}/{record['id']}"
    ada.client.post(f"{path}/draft")
    ada.client.put(f"{path}/draft", json=making.body(title="Edited"))
    before = ada.client.get(path).json()

    after = making.publish(ada.client, record["id"])

    assert before == record
    assert after["metadata"]["title"] == "Edited"
    assert after["revision_id"] > record["revision_id"]
    assert (after["id"], after["versions"]["index"]) == (record["id"], 1)
    assert ada.client.get(path).json() == after


def test_revisions_grow_over_discarded_edits(ada: User) -> None:
    """The next edit begins from the record, at a higher revision."""
    record = making.record(ada.client)
    path = f"{RECORDS}/{record['id']}/draft"
    ada.client.post(path)
    lost = ada.client.put(path, json=making.body(title="Never to be seen")).json()
    ada.client.delete(path)

    edited = ada.client.post(path).json()

    assert edited["metadata"] == record["metadata"]
    assert edited["revision_id"] > lost["revision_id"]


def test_a_discarded_first_draft_leaves_nothing(ada: User) -> None:
    """Neither draft nor record are there."""
    pid = making.draft(ada.client)["id"]

    gone = ada.client.delete(f"{RECORDS}/{pid}/draft")

    assert (gone.status_code, gone.content) == (204, b"")
    for path in (f"{RECORDS}/{pid}/draft", f"{RECORDS}/{pid}"):
        assert ada.client.get(path).status_code == 404
    assert ada.client.delete(f"{RECORDS}/{pid}/draft").status_code == 404


@pytest.mark.parametrize("sent", [b"{", b"[]", b'{"metadata":{},"metadata":{}}', b'"\xff"'])
def test_what_is_no_json_object_is_refused(ada: User, sent: bytes) -> None:
    """400 in the door's words, and no draft."""
    refused = ada.client.post(RECORDS, content=sent)

    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Unable to decode JSON data in request body.")


def test_parts_of_any_shape_are_no_reason_to_fail(ada: User) -> None:
    """Each is named among the errors; what nobody asked for is dropped."""
    sent: dict[str, Any] = {"metadata": [], "access": 1, "files": "x", "pids": 0, "color": "red"}

    made = ada.client.post(RECORDS, json=sent)

    assert made.status_code == 201
    assert {"metadata", "access", "files"} <= {field.split(".")[0] for field in _fields(made)}
    assert "color" not in made.json()


def test_a_large_draft_is_kept_and_shown_whole(ada: User) -> None:
    """Half a megabyte of metadata."""
    cited = [{"reference": f"{number}. {'Rome ' * 30}".strip()} for number in range(3_000)]

    made = making.draft(ada.client, making.body(references=cited))
    read = making.publish(ada.client, made["id"])

    assert made["metadata"]["references"] == read["metadata"]["references"] == cited
    assert read["metadata"]["resource_type"]["title"] == {"en": "Photo"}


def test_publishing_needs_the_scope_of_actions(server: Running, join: Join) -> None:
    """And nothing but it."""
    writer = join("writer")
    pid = making.draft(writer.client)["id"]
    path = f"{RECORDS}/{pid}/draft/actions/publish"
    tokens = [asking.token(server, writer.name, scope) for scope in ("write", "actions")]

    statuses = [
        httpx.post(server.url + path, headers={"Authorization": f"Bearer {each}"}).status_code
        for each in tokens
    ]

    assert statuses == [403, 202]


def test_a_draft_is_closed_to_all_but_its_owner(
    ada: User, bob: User, nobody: httpx.Client, server: Running
) -> None:
    """403 to strangers and to who shows nothing, in the same words; 401 to a bad token."""
    path = f"{RECORDS}/{making.draft(ada.client)['id']}/draft"
    denied = {"status": 403, "message": "Permission denied."}
    bad = {"Authorization": "Bearer not-a-token"}

    for asker in (bob.client, nobody):
        for method, at in (
            ("GET", path),
            ("PUT", path),
            ("POST", path),
            ("DELETE", path),
            ("POST", f"{path}/actions/publish"),
        ):
            answer = asker.request(method, at, json={} if method == "PUT" else None)
            assert (answer.status_code, answer.json()) == (403, denied), f"{method} {at}"
    assert nobody.post(RECORDS, json={}).json() == denied
    assert httpx.get(server.url + path, headers=bad).status_code == 401
    assert httpx.get(f"{server.url}{path}?access_token={ada.token}").status_code == 200


def test_metadata_may_say_what_the_vocabularies_say(ada: User) -> None:
    """What is read of a reference is its id: its title is theirs."""
    sent = METADATA | {"resource_type": {"id": "image-photo", "title": {"en": "Painting"}}}

    made = making.draft(ada.client, {"metadata": sent})

    assert made["metadata"]["resource_type"]["title"] == {"en": "Photo"}


def test_nobody_else_is_told_whether_a_published_record_is_being_edited(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """The same refusals with a draft as without, and the same way from its page."""
    pid = making.record(ada.client)["id"]
    paths = (f"{RECORDS}/{pid}/draft", f"{RECORDS}/{pid}/draft/files", f"/uploads/{pid}")

    def told() -> list[tuple[int, str, str | None]]:
        answers = [each.get(path) for each in (bob.client, nobody) for path in paths]
        return [(each.status_code, each.text, each.headers.get("Location")) for each in answers]

    before = told()
    assert ada.client.get(paths[0]).status_code == 404
    assert ada.client.post(paths[0]).status_code == 200

    assert told() == before
    assert [status for status, *_ in before] == [403, 403, 302] * 2
