"""A stranger's token at every route of every door, with everything that is somebody else's.

One person makes one of each thing there is, restricted, with something secret in each of its parts.
Each route of the application is then asked by a stranger for each of those things by each of its
ids, fitting or not. Nothing of it is in any answer, and nothing becomes of what would change it.
The matrix (test_access_matrix.py) asks more of what it knows; here nothing has to be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import uuid4

import pytest

from domain.commands import dataset_groups
from tests.api import asking
from tests.api.asking import Join, User
from tests.api.cap import making as deposits
from tests.api.divio import deploying, hosting
from tests.api.iceprod import submitting
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.matrix.operations import NONE, READING, operations, served
from tests.api.matrix.wire import Answer, Request, answers
from tests.running import Running

KEY = "a.txt"
NAME = re.compile(r"{(\w+)[^}]*}")
# What is made for whoever has signed in, and says nothing of anybody's things.
EVERYBODYS = frozenset({"action_id", "type_id", "vocabulary", "term", "version", "other", "level"})

INSIDE = frozenset({"index", "file", "comment", "n1", "n2", "n3", "n4"})  # numbers within a thing


class Things:
    """Things of one person: by what they are called in paths, and what is secret in them."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}  # by the name that fits them in a path
        self.links: list[str] = []
        self.secrets: list[str] = []

    def name(self, name: str, *ids: str) -> None:
        """Keep what something is called."""
        self.ids.setdefault(name, []).extend(ids)

    def secret(self) -> str:
        """A text that is nowhere else."""
        self.secrets.append(f"x{uuid4().hex}")
        return self.secrets[-1]


def record(things: Things, owner: User, *, publish: bool) -> None:
    """A record or a draft with a file and a link that opens it."""
    metadata = making.METADATA | {"title": things.secret()}
    body = filing.with_files(CLOSED) | {"metadata": metadata}
    pid = making.draft(owner.client, body)["id"]
    filing.add(owner.client, pid, KEY, things.secret().encode())
    link = owner.client.post(f"{RECORDS}/{pid}/access/links", json={"permission": "edit"}).json()
    things.secrets.append(link["token"])
    things.links.append(link["id"])
    if publish:
        making.publish(owner.client, pid)
    things.name("pid", pid)


def sample(things: Things, owner: User, action: int) -> None:
    """An object with two versions, a comment and a file."""
    number = asking.new_object(owner.client, action, f'{{"name":"{things.secret()}"}}')
    asking.new_version(owner.client, number, f'{{"name":"{things.secret()}"}}')
    for path, said in (
        ("comments", {"content": things.secret()}),
        ("files", {"storage": "url", "url": f"https://tin.example/{things.secret()}"}),
    ):
        assert owner.client.post(f"/objects/{number}/{path}/", json=said).status_code == 201
    things.name("object_id", str(number))


def deposit(things: Things, owner: User, *, publish: bool) -> None:
    """A deposit, or what was published of one, with a file."""
    made = deposits.deposit(owner.client, title=things.secret())
    deposits.put(owner.client, made, KEY, things.secret().encode())
    things.name("depid", made["id"])
    things.name("bucket", made["links"]["bucket"].rpartition("/")[2])
    if publish:
        things.name("pid", deposits.act(owner.client, made["id"], "publish")["recid"])


def dataset(things: Things, running: Running, owner: User) -> None:
    """A dataset of a team that the stranger is not in, with its configuration."""
    asking.operate(running, dataset_groups.add, "simprod", owner.name)
    body: dict[str, Any] = {"jobs_submitted": 1, "tasks_submitted": 1, "tasks_per_job": 1}
    body |= {"group": "simprod", "auth_groups_read": []}
    made = owner.client.post("/datasets", json=body | {"description": things.secret()})
    assert made.status_code == 201, made.text
    id_ = str(made.json()["result"])
    [task] = submitting.CONFIG["tasks"]
    config = submitting.CONFIG | {"tasks": [task | {"name": things.secret()}]}
    assert owner.client.put(f"/config/{id_}", json=config).is_success
    things.name("dataset_id", id_)


def hosted(things: Things, owner: User) -> None:
    """An organisation with an application."""
    answer = owner.client.post(hosting.ORGANISATIONS, json={"name": things.secret()})
    organisation = str(answer.json()["uuid"])
    made = hosting.application(
        owner.client, organisation, slug=things.secret(), branch=things.secret()
    )
    [first, _] = hosting.environments(owner.client, made["uuid"])
    owner.client.patch(f"{hosting.ENVIRONMENTS}{first['uuid']}/", json={"branch": things.secret()})
    [member] = owner.client.get(f"{hosting.ORGANISATIONS}{organisation}/members/").json()["results"]
    variable = deploying.variable(owner.client, first, "NAME", things.secret())
    sensitive = deploying.variable(owner.client, first, "TOKEN", things.secret(), is_sensitive=True)
    deployment = deploying.deployed(owner.client, first, build_mode=things.secret())
    things.name("uuid", organisation, made["uuid"], first["uuid"])
    things.name("uuid", *(each["uuid"] for each in (variable, sensitive, deployment)))
    things.name("member", member["uuid"])


@pytest.fixture(scope="module")
def things(server: Running, join: Join, action: int) -> Things:
    """One of each, made through each door."""
    owner, things = join("owner"), Things()
    for publish in (False, True):
        record(things, owner, publish=publish)
        deposit(things, owner, publish=publish)
    sample(things, owner, action)
    dataset(things, server, owner)
    hosted(things, owner)
    token = owner.client.post("/api/me/tokens", json={"name": things.secret()}).json()
    things.secrets.append(token["token"])
    things.name("id", token["id"])
    for path in ("/objects/", "/api/records", "/api/deposits", "/api/me/tokens"):
        assert any(each in owner.client.get(path).text for each in things.secrets), path
    return things


def requests(things: Things, token: str, *, whole: bool) -> Iterator[Request]:
    """Every route: for things where it names one, and as it is where it lists.

    `whole`: for each of all things, by ids that do not fit too.
    """
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for method, path in served():
        [operation] = operations(method, path)
        names = NAME.findall(path)
        if operation.scope == NONE or method == "HEAD":
            continue
        if method not in READING and not set(names) - EVERYBODYS:
            continue  # it makes something, of one's own
        choices = [_choices(things, name, whole=whole) for name in names]
        for chosen in product(*choices):
            where = NAME.sub("{}", path).format(*chosen)
            yield Request(method, where, headers, None if method in READING else b"{}")


def _choices(things: Things, name: str, *, whole: bool) -> list[str]:
    if name == "key":
        return [KEY]
    if name == "link":
        return things.links
    if whole and name not in EVERYBODYS | INSIDE:
        return [id_ for ids in things.ids.values() for id_ in ids]
    return things.ids.get(name, ["1"])


def told(things: Things, answer: Answer) -> list[str]:
    """What an answer tells."""
    said = answer.headers + answer.body
    return [each for each in things.secrets if each in said]


def wrong(server: Running, things: Things, token: str, *, whole: bool) -> str:
    """Ask; return what is not as it must be, line by line."""
    asked = requests(things, token, whole=whole)
    return "\n".join(
        f"{request.method} {request.path}: {answer.status}"
        for request, answer in answers(server.url, asked)
        if told(things, answer)
        or answer.status >= 500
        or (request.method not in READING and answer.status < 400)
    )


def test_a_stranger_is_told_nothing_and_changes_nothing(
    server: Running, bob: User, things: Things
) -> None:
    """Neither by a read, nor by a list, nor by what a change is refused with."""
    before = asking.stored(server)

    assert wrong(server, things, bob.token, whole=False) == ""
    assert asking.stored(server) == before


@pytest.mark.soak
def test_a_stranger_is_told_nothing_by_ids_that_do_not_fit(
    server: Running, bob: User, things: Things
) -> None:
    """The long form: each route with each id of each thing."""
    assert wrong(server, things, bob.token, whole=True) == ""
