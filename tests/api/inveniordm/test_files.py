"""Files of drafts and records over HTTP: beyond what the reference's examples show."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm.filing import (
    DATA,
    add,
    begun,
    commit,
    content,
    file,
    filed,
    files,
    start,
    with_files,
)
from tests.api.inveniordm.making import CLOSED, RECORDS, draft, publish
from tests.running import Running

ODD = [
    "two words.txt",
    "Römäns.txt",
    "Ro\u0308ma\u0308ns.txt",  # the same to the eye, not to us
    "100%.txt",
    "100%25.txt",
    "%2F",
    "a/b/c.txt",
    "a/content",
    "commit",
    "content",
    "?q=1#f.txt",
    "+plus&and=is;.txt",
    " lead and trail ",
    "𝄞.wav",
    "k" * 255,
]


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return how a refusal is worded, once it is seen to be one."""
    assert answer.status_code == status, answer.text
    said: dict[str, Any] = answer.json()
    assert said["status"] == status
    assert said["message"]
    return said


@pytest.mark.parametrize("key", ODD)
def test_a_key_is_kept_code_point_by_code_point(ada: User, nobody: httpx.Client, key: str) -> None:
    """Through upload, commit, metadata, download and publish, by the links that are given."""
    pid = begun(ada.client)
    [entry] = start(ada.client, pid, key)["entries"]
    assert entry["key"] == key
    assert ada.client.put(entry["links"]["content"], content=DATA).status_code == 200
    assert ada.client.post(entry["links"]["commit"]).json()["key"] == key
    assert ada.client.get(entry["links"]["self"]).json()["key"] == key
    publish(ada.client, pid)
    [entry] = nobody.get(files(pid, published=True)).json()["entries"]
    assert entry["key"] == key
    assert nobody.get(entry["links"]["content"]).content == DATA
    assert nobody.get(entry["links"]["self"]).json() == entry


def test_keys_that_look_alike_are_different_files(ada: User) -> None:
    """None of them is normalised, decoded twice or trimmed."""
    pid = begun(ada.client)
    for each in ODD:
        add(ada.client, pid, each, each.encode())
    for each in ODD:
        assert ada.client.get(content(pid, each)).content == each.encode()


def test_a_slash_in_a_key_need_not_be_encoded(ada: User) -> None:
    """As InvenioRDM has it: what stands between files/ and /content is the key."""
    pid = begun(ada.client, "a/b c.txt")
    plain = f"{files(pid)}/a/b%20c.txt"
    assert ada.client.put(f"{plain}/content", content=DATA).status_code == 200
    assert ada.client.post(f"{plain}/commit").status_code == 200
    assert ada.client.get(plain).json()["key"] == "a/b c.txt"
    assert ada.client.get(f"{plain}/content").content == DATA


def test_a_key_that_is_no_utf_8_is_refused(ada: User) -> None:
    """It is not guessed at."""
    pid = begun(ada.client)
    refused(ada.client.get(f"{files(pid)}/%FF"), 400)


@pytest.mark.parametrize(
    "body",
    [
        {"key": "a"},
        [],
        [{}],
        [{"name": "a"}],
        [{"key": 1}],
        [{"key": None}],
        ["a"],
        [{"key": ""}],
        [{"key": "k" * 256}],
        [{"key": "a\nb"}],
        [{"key": "a/../b"}],
        [{"key": "a"}, {"key": "a"}],
        [{"key": "new"}, {"key": "old"}],
        "a",
        None,
    ],
)
def test_a_start_that_makes_no_sense_starts_nothing(ada: User, body: Any) -> None:
    """400, and none of the files that it names is there."""
    pid = begun(ada.client, "old")
    refused(ada.client.post(files(pid), json=body), 400)
    assert [each["key"] for each in ada.client.get(files(pid)).json()["entries"]] == ["old"]


def test_a_missing_key_is_named(ada: User) -> None:
    """By its place in the array."""
    answer = ada.client.post(files(begun(ada.client)), json=[{"key": "a"}, {}])
    assert refused(answer, 400)["errors"] == [
        {"field": "1.key", "messages": ["Missing data for required field."]}
    ]


def test_a_key_that_is_there_is_named(ada: User) -> None:
    """In InvenioRDM's words."""
    pid = begun(ada.client, "a.txt")
    answer = ada.client.post(files(pid), json=[{"key": "a.txt"}])
    assert refused(answer, 400)["message"] == "File with key a.txt already exists."


def test_an_empty_file_is_a_file(ada: User) -> None:
    """With the digests of nothing."""
    pid = begun(ada.client)
    entry = add(ada.client, pid, "empty.txt", b"")
    assert (entry["size"], entry["checksum"]) == (0, "md5:d41d8cd98f00b204e9800998ecf8427e")
    answer = ada.client.get(content(pid, "empty.txt"))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT content", "POST commit", "GET content"])
def test_a_file_that_is_not_there_is_404(ada: User, method: str) -> None:
    """Whatever is done with it."""
    verb, _, what = method.partition(" ")
    path = f"{file(begun(ada.client), 'none')}/{what}".removesuffix("/")
    refused(ada.client.request(verb, path), 404)


@pytest.mark.parametrize("key", ["a%00b", "a%0Ab", ".%2F..", "x" * 300])
@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT content", "POST commit", "GET content"])
def test_what_can_be_no_key_is_404(ada: User, key: str, method: str) -> None:
    """In a draft and in a record alike."""
    verb, _, what = method.partition(" ")
    draft = begun(ada.client, "a")
    record = filed(ada.client, "a")
    of_record = "/content" if what else ""
    refused(
        ada.client.request(verb, f"{RECORDS}/{draft}/draft/files/{key}/{what}".rstrip("/")), 404
    )
    refused(ada.client.get(f"{RECORDS}/{record}/files/{key}{of_record}"), 404)


def test_a_file_without_content_cannot_be_committed(ada: User) -> None:
    """409, and it is pending still."""
    pid = begun(ada.client, "a")
    refused(ada.client.post(f"{file(pid, 'a')}/commit"), 409)
    assert ada.client.get(file(pid, "a")).json()["status"] == "pending"


def test_a_pending_file_is_not_given(ada: User) -> None:
    """Its bytes are not final."""
    pid = begun(ada.client, "a")
    ada.client.put(content(pid, "a"), content=DATA)
    refused(ada.client.get(content(pid, "a")), 404)


def test_a_commit_may_be_repeated(ada: User) -> None:
    """The same answer again, and no event more."""
    pid = begun(ada.client)
    first = add(ada.client, pid, "a")
    revision = ada.client.get(f"{RECORDS}/{pid}/draft").json()["revision_id"]
    assert commit(ada.client, pid, "a") == first
    assert ada.client.get(f"{RECORDS}/{pid}/draft").json()["revision_id"] == revision


def test_files_move_the_revision(ada: User) -> None:
    """Started, received, committed, removed: each changes the draft's ETag."""
    pid = begun(ada.client)
    seen = []
    for step in (
        lambda: start(ada.client, pid, "a"),
        lambda: ada.client.put(content(pid, "a"), content=DATA),
        lambda: commit(ada.client, pid, "a"),
        lambda: ada.client.delete(file(pid, "a")),
    ):
        step()
        seen.append(int(ada.client.get(f"{RECORDS}/{pid}/draft").headers["ETag"].strip('"')))
    assert seen == sorted(set(seen))


def test_deleting_a_file_takes_it_from_the_preview(ada: User) -> None:
    """default_preview names it no more, and it can be sent anew."""
    pid = begun(ada.client)
    add(ada.client, pid, "a.txt")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=with_files(default_preview="a.txt"))
    assert ada.client.get(files(pid)).json()["default_preview"] == "a.txt"
    assert ada.client.delete(file(pid, "a.txt")).status_code == 204
    assert ada.client.get(files(pid)).json()["default_preview"] is None
    assert add(ada.client, pid, "a.txt", b"other")["size"] == 5


def test_order_and_preview_are_shown_with_the_list(ada: User, nobody: httpx.Client) -> None:
    """As the draft says them; the record too."""
    pid = begun(ada.client)
    for key in ("a", "b"):
        add(ada.client, pid, key)
    options: dict[str, Any] = {"order": ["b", "a"], "default_preview": "b"}
    saved = ada.client.put(f"{RECORDS}/{pid}/draft", json=with_files(**options)).json()
    assert "errors" not in saved
    publish(ada.client, pid)
    said = nobody.get(files(pid, published=True)).json()
    assert (said["order"], said["default_preview"]) == (["b", "a"], "b")


def test_a_removed_file_has_no_place_in_the_order(ada: User) -> None:
    """An order of too many keys is an error of the draft, which is saved without it."""
    pid = begun(ada.client, "a", "b", "c")
    path = f"{RECORDS}/{pid}/draft"
    ada.client.put(path, json=with_files(order=["c", "a", "b"]))

    ada.client.delete(file(pid, "a"))

    assert ada.client.get(path).json()["files"]["order"] == ["c", "b"]
    long = ada.client.put(path, json=with_files(order=["a"] * 501)).json()
    assert [each["field"] for each in long["errors"]] == ["files.order"]
    assert long["files"]["order"] == []


def test_a_preview_that_is_no_file_is_an_error_of_the_draft(ada: User) -> None:
    """The draft is saved, and says so."""
    pid = begun(ada.client)
    saved = ada.client.put(f"{RECORDS}/{pid}/draft", json=with_files(default_preview="none"))
    assert saved.status_code == 200
    assert [each["field"] for each in saved.json()["errors"]] == ["files.default_preview"]


def test_a_draft_that_is_to_have_no_files_takes_none(ada: User) -> None:
    """409; its list says that they are off."""
    pid = draft(ada.client)["id"]
    refused(ada.client.post(files(pid), json=[{"key": "a"}]), 409)
    said = ada.client.get(files(pid)).json()
    assert (said["enabled"], said["entries"]) == (False, [])


def test_files_are_not_switched_off_while_there_are_some(ada: User) -> None:
    """200 with an error on the field, and they are on still."""
    pid = begun(ada.client, "a")
    saved = ada.client.put(
        f"{RECORDS}/{pid}/draft", json=with_files() | {"files": {"enabled": False}}
    )
    assert saved.status_code == 200
    assert [each["field"] for each in saved.json()["errors"]] == ["files.enabled"]
    assert ada.client.get(files(pid)).json()["enabled"] is True


@pytest.mark.parametrize(("keys", "field"), [((), "files.enabled"), (("pending",), "files")])
def test_publish_wants_the_files_complete(ada: User, keys: tuple[str, ...], field: str) -> None:
    """Wanted but none there, or one pending: 400 on the field."""
    pid = begun(ada.client, *keys)
    answer = ada.client.post(f"{RECORDS}/{pid}/draft/actions/publish")
    assert [each["field"] for each in refused(answer, 400)["errors"]] == [field]


def test_the_files_of_a_published_record_are_frozen(ada: User) -> None:
    """Its edit draft shows them; whatever would change them is 403, and they are as they were."""
    pid = filed(ada.client, "a.txt")
    assert ada.client.post(f"{RECORDS}/{pid}/draft").status_code in (200, 201)
    before = ada.client.get(files(pid, published=True)).json()
    assert [each["key"] for each in ada.client.get(files(pid)).json()["entries"]] == ["a.txt"]
    refused(ada.client.post(files(pid), json=[{"key": "b"}]), 403)
    refused(ada.client.put(content(pid, "a.txt"), content=b"other"), 403)
    refused(ada.client.post(f"{file(pid, 'a.txt')}/commit"), 403)
    refused(ada.client.delete(file(pid, "a.txt")), 403)
    refused(ada.client.post(f"{RECORDS}/{pid}/draft/actions/files-import"), 403)
    assert ada.client.get(files(pid, published=True)).json() == before
    assert ada.client.get(content(pid, "a.txt")).content == b"a.txt"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["", "/a.txt", "/a.txt/content"])
def test_nothing_is_written_below_a_records_files(ada: User, method: str, path: str) -> None:
    """405 for everybody."""
    refused(ada.client.request(method, f"{files('00000-00000', published=True)}{path}"), 405)


def test_a_correction_of_the_metadata_keeps_the_files(ada: User, nobody: httpx.Client) -> None:
    """Published again with another title: the same entries, of the same instants."""
    pid = filed(ada.client, "a.txt", "b.txt")
    before = nobody.get(files(pid, published=True)).json()
    sent = ada.client.post(f"{RECORDS}/{pid}/draft").json()
    sent["metadata"]["title"] = "Another title"
    assert ada.client.put(f"{RECORDS}/{pid}/draft", json=sent).status_code == 200
    publish(ada.client, pid)
    assert nobody.get(files(pid, published=True)).json() == before


@pytest.mark.parametrize(
    "access",
    [
        CLOSED,
        {"record": "public", "files": "restricted"},
        {
            "record": "public",
            "files": "restricted",
            "embargo": {
                "active": True,
                "until": "2999-12-31",
            },
        },
    ],
)
def test_restricted_files_are_for_those_who_were_granted_something(
    ada: User, bob: User, nobody: httpx.Client, access: dict[str, Any]
) -> None:
    """403 for others, in the list, the metadata and the content."""
    pid = filed(ada.client, "a.txt", access=access)
    paths = [
        files(pid, published=True),
        file(pid, "a.txt", published=True),
        content(pid, "a.txt", published=True),
        file(pid, "none", published=True),  # what there is, is not told either
    ]
    for path in paths:
        for stranger in (bob.client, nobody):
            assert refused(stranger.get(path), 403)["message"] == "Permission denied."
    assert [ada.client.get(path).status_code for path in paths] == [200, 200, 200, 404]


def test_a_drafts_files_are_its_editors_affair(ada: User, bob: User, nobody: httpx.Client) -> None:
    """Everybody else gets 403, whatever they try, and nothing is changed."""
    pid = begun(ada.client)
    add(ada.client, pid, "a.txt")
    for stranger in (bob.client, nobody):
        refused(stranger.get(files(pid)), 403)
        refused(stranger.get(file(pid, "a.txt")), 403)
        refused(stranger.get(content(pid, "a.txt")), 403)
        refused(stranger.post(files(pid), json=[{"key": "b"}]), 403)
        refused(stranger.put(content(pid, "a.txt"), content=b"x"), 403)
        refused(stranger.post(f"{file(pid, 'a.txt')}/commit"), 403)
        refused(stranger.delete(file(pid, "a.txt")), 403)
    assert ada.client.get(content(pid, "a.txt")).content == DATA


def test_a_token_that_only_reads_uploads_nothing(ada: User, join: asking.Join) -> None:
    """The scope is asked for before a byte is taken in."""
    reader = join("reader", "read")
    refused(reader.client.put(content(begun(ada.client, "a"), "a"), content=b"x"), 403)


def test_equal_bytes_are_stored_once(server: Running, ada: User) -> None:
    """Two keys of two drafts, one blob."""
    data = b"the same in two places " * 999
    digest = sha256(data).hexdigest()
    for _ in range(2):
        entry = add(ada.client, begun(ada.client), "a.txt", data)
        assert entry["sha256"] == digest
    assert len(list((server.data / "blobs").rglob(digest))) == 1


def test_a_list_may_be_indented(ada: User) -> None:
    """prettyprint=1: the same JSON on many lines, at any length."""
    pid = begun(ada.client, "a", "b")
    plain, pretty = (ada.client.get(f"{files(pid)}{end}") for end in ("", "?prettyprint=1"))
    assert pretty.json() == plain.json()
    lines = pretty.text.splitlines()
    assert '      "key": "a",' in lines
    assert lines[-1] == "}"


def test_the_answer_comes_in_the_media_type_asked_for(ada: User) -> None:
    """InvenioRDM's own is taken on every endpoint."""
    accept = {"Accept": "application/vnd.inveniordm.v1+json"}
    pid = begun(ada.client, "a")
    for path in (files(pid), file(pid, "a")):
        assert ada.client.get(path, headers=accept).headers["Content-Type"] == accept["Accept"]


def test_a_start_and_a_commit_are_repeated_by_their_key(ada: User) -> None:
    """The first answer again: the list with what was started pending, the file as committed."""
    pid = begun(ada.client)
    again = {"Idempotency-Key": asking.fresh("start")}
    first = ada.client.post(files(pid), json=[{"key": "a"}], headers=again)
    assert first.status_code == 201
    ada.client.put(content(pid, "a"), content=DATA)
    key = {"Idempotency-Key": asking.fresh("commit")}
    done = ada.client.post(f"{file(pid, 'a')}/commit", headers=key)
    second = ada.client.post(files(pid), json=[{"key": "a"}], headers=again)
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"
    publish(ada.client, pid)
    repeated = ada.client.post(f"{file(pid, 'a')}/commit", headers=key)
    assert (repeated.status_code, repeated.json()) == (200, done.json())


def test_discarding_a_draft_takes_its_files_away(ada: User) -> None:
    """404 from then on."""
    pid = begun(ada.client)
    add(ada.client, pid, "a")
    assert ada.client.delete(f"{RECORDS}/{pid}/draft").status_code == 204
    refused(ada.client.get(files(pid)), 404)
    refused(ada.client.get(content(pid, "a")), 404)
