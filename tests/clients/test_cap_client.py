"""cap-client, CAP's published client: unmodified, against a real service."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from domain.commands import egroups
from tests.api import asking
from tests.api.asking import User
from tests.api.cap.making import new_type
from tests.running import Running

with warnings.catch_warnings():  # of what it is made with, it says what its makers do not mind
    warnings.simplefilter("ignore", DeprecationWarning)
    from cap_client.cli import cli  # type: ignore[import-untyped]

Cap = Callable[..., str]


@pytest.fixture(scope="module")
def owner(server: Running) -> User:
    """Whose token the client has."""
    return asking.user(server, "cap")


@pytest.fixture
def cap(server: Running, owner: User) -> Cap:
    """The command, with its words; what it says. `refused` says that it must end with an error."""

    def run(*words: str, refused: bool = False) -> str:
        env = {"CAP_SERVER_URL": server.url, "CAP_ACCESS_TOKEN": owner.token}
        done = CliRunner().invoke(cli, words, env=env)
        assert (done.exit_code != 0) == refused, done.output
        said: str = done.output
        return said

    return run


@pytest.fixture
def draft(cap: Cap) -> str:
    """The id of a deposit of the generic type."""
    made = cap("analysis", "create", "--type", "generic", "--json", '{"title": "Tin", "runs": [1]}')
    pid: str = json.loads(made)["pid"]
    return pid


def test_a_deposit_is_made_read_and_listed(cap: Cap, draft: str) -> None:
    """Made in the client's two calls, an empty one too."""
    shown = json.loads(cap("analysis", "get", "--pid", draft))
    listed = json.loads(cap("analysis", "get", "--type", "generic", "--query", "tin"))
    empty = json.loads(cap("analysis", "create", "--type", "generic", "--json", "{}"))

    assert (shown["pid"], shown["metadata"]) == (draft, {"title": "Tin", "runs": [1]})
    assert draft in [each["pid"] for each in listed]
    assert empty["metadata"] == {}


def test_metadata_is_read_and_changed_field_by_field(cap: Cap, draft: str) -> None:
    """All of it, or what a path leads to."""
    of = ("--pid", draft)

    assert json.loads(cap("metadata", "get", *of, "--field", "runs.0")) == 1
    cap("metadata", "update", *of, "--field", "title", "--text", "Lead")
    cap("metadata", "update", *of, "--field", "runs.0", "--num", "2.5")
    assert json.loads(cap("metadata", "get", *of)) == {"title": "Lead", "runs": [2.5]}
    assert json.loads(cap("metadata", "remove", *of, "--field", "title")) == {"runs": [2.5]}
    cap("metadata", "update", *of, "--json", '{"all": {"new": true}}')
    assert json.loads(cap("metadata", "get", *of, "--field", "all.new")) is True


def test_files_go_up_and_come_down_as_they_are(cap: Cap, draft: str, tmp_path: Path) -> None:
    """Empty ones, whose body has no length, as well; what is removed is there no more."""
    of = ("--pid", draft)
    for name, content in (("a.root", b"\0tin" * 9999), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        cap("files", "upload", *of, str(tmp_path / name))
        down = tmp_path / f"{name}.down"
        cap("files", "download", *of, name, "--output-file", str(down))
        assert down.read_bytes() == content
    (tmp_path / "folder").mkdir()
    cap("files", "upload", *of, str(tmp_path / "folder"), "--yes-i-know")

    listed = json.loads(cap("files", "get", *of))
    assert {each["filename"] for each in listed} == {"a.root", "empty", "folder.tar.gz"}
    cap("files", "remove", *of, "empty")
    assert len(json.loads(cap("files", "get", *of))) == 2


def test_a_deposit_is_published(cap: Cap, draft: str) -> None:
    """And read as a record; it is no draft any more."""
    said = cap("analysis", "publish", "--pid", draft)
    recid = said.split()[-1]

    record = json.loads(cap("analysis", "get-published", "--pid", recid))
    assert record["metadata"]["title"] == "Tin"
    assert record["recid"] == recid
    every = json.loads(cap("analysis", "get-published", "--all", "--size", "100"))
    assert recid in [each["recid"] for each in every]
    drafts = json.loads(cap("analysis", "get", "--size", "100"))
    assert draft not in [each["pid"] for each in drafts]


def test_a_deposit_is_shared(server: Running, cap: Cap, draft: str) -> None:
    """By the address of a user, several rights at a time; and no more."""
    friend = asking.user(server, "friend")
    address = f"{friend.name}@local.invalid"
    rights = ("--pid", draft, "--user", address, "-r", "read", "-r", "update")

    added = json.loads(cap("permissions", "add", *rights))
    assert address in added["update"]["users"]
    assert address not in added["admin"]["users"]
    assert json.loads(cap("permissions", "get", "--pid", draft)) == added
    left = json.loads(cap("permissions", "remove", *rights))
    assert address not in left["read"]["users"]
    unknown = ("--pid", draft, "--user", "unknown", "-r", "read")
    assert "There is no user unknown." in cap("permissions", "add", *unknown, refused=True)


def test_a_deposit_is_shared_with_an_e_group(server: Running, cap: Cap, draft: str) -> None:
    """By its address; and no more."""
    group = f"{asking.fresh('group')}@tin.example"
    asking.operate(server, egroups.create, group)
    rights = ("--pid", draft, "--egroup", group, "-r", "read")

    assert json.loads(cap("permissions", "add", *rights))["read"]["roles"] == [group]
    assert json.loads(cap("permissions", "remove", *rights))["read"]["roles"] == []


def test_lists_are_narrowed_ordered_and_paged(server: Running, cap: Cap) -> None:
    """By each option that the client has, of drafts and of what is published."""
    word = asking.fresh("zinnober").replace("-", "")
    with asking.client(server, server.admin_token) as admin:
        kind = new_type(admin)
    made = ("analysis", "create", "--type", kind, "--json")
    first, second = (
        json.loads(cap(*made, json.dumps({"title": f"{word} {each}"})))["pid"] for each in "ab"
    )

    def listed(command: str, *options: str) -> list[str]:
        return [each["pid"] for each in json.loads(cap("analysis", command, *options))]

    def orders(command: str, newest: list[str]) -> None:
        assert listed(command, "--type", kind, "--sort", "mostrecent") == newest
        assert listed(command, "--search", f"type={kind}", "--all") == newest
        assert set(listed(command, "--query", word, "--sort", "bestmatch")) == set(newest)
        paged = [
            listed(command, "--type", kind, "--size", "1", "--page", str(page))
            for page in (1, 2, 3)
        ]
        assert paged == [newest[:1], newest[1:], []]

    orders("get", [second, first])
    recids = [cap("analysis", "publish", "--pid", each).split()[-1] for each in (first, second)]
    orders("get-published", recids[::-1])


def test_types_and_their_schemas_are_read(server: Running, cap: Cap) -> None:
    """The generic one is the first; a version, and the schema of what is published."""
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
    with asking.client(server, server.admin_token) as admin:
        name = new_type(admin, schema, record_schema={**schema, "required": ["a"]})

    types = json.loads(cap("analysis", "types"))
    assert types[0] == "generic"
    assert name in types
    assert json.loads(cap("analysis", "schema", name, "--version", "1.0.0")) == schema
    published = json.loads(cap("analysis", "schema", name, "--for-published"))
    assert published["required"] == ["a"]


def test_what_is_wrong_is_told_by_its_field(server: Running, cap: Cap) -> None:
    """As the client words it: the path, then what is wrong there."""
    with asking.client(server, server.admin_token) as admin:
        name = new_type(admin)

    said = cap(
        *("analysis", "create", "--type", name),
        *("--json", '{"runs": [{"year": 1}, {"year": "x"}]}'),
        refused=True,
    )
    assert "runs.1.year" in said


def test_there_are_no_repositories(cap: Cap, draft: str) -> None:
    """An empty list; what is elsewhere is neither fetched nor followed, and the client says so."""
    of = ("--pid", draft)

    assert json.loads(cap("repositories", "get", *of)) == []
    for words in (("upload",), ("connect", "--event", "push")):
        said = cap("repositories", *words, *of, "https://tin.example/a/b", refused=True)
        assert "Nothing is fetched from elsewhere" in said


def test_a_deposit_is_deleted(cap: Cap, draft: str) -> None:
    """And is gone."""
    cap("analysis", "delete", "--pid", draft)

    assert "This deposit was deleted." in cap("analysis", "get", "--pid", draft, refused=True)
