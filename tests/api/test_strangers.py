"""A stranger's token at every route of every door, with everything that is somebody else's.

One person makes one of each thing there is, restricted, with something secret in each of its parts.
Each route of the application is then asked by a stranger for each of those things by each of its
ids, fitting or not, in the path or in the body. Nothing of it is in any answer, and nothing becomes
of what would change it. A route with a thing in its path that is not made here fails, and so does
one that makes something and has no line here. The matrix (test_access_matrix.py) asks more of what
it knows; here nothing else has to be known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from domain.commands import dataset_groups
from tests.api import asking, logging_in
from tests.api.asking import Join, User
from tests.api.cap import making as deposits
from tests.api.divio import deploying, hosting
from tests.api.iceprod import submitting
from tests.api.inveniordm import communing, filing, gathering, making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.matrix.operations import NONE, READING, operations, served
from tests.api.matrix.wire import Answer, Request, answers
from tests.running import Running

KEY = "a.txt"
NAME = re.compile(r"{(\w+)[^}]*}")
# What is made for whoever has signed in, and says nothing of anybody's things.
EVERYBODYS = frozenset({"type_id", "vocabulary", "term", "version", "other", "level", "name"})
INSIDE = frozenset({"index", "file", "comment", "n1", "n2", "n3", "n4"})  # numbers within a thing
# What makes something of one's own, and names nothing of anybody's.
OWN = frozenset(
    {
        *("/api/communities", "/api/deposits", "/api/jsonschemas", "/api/records", "/objects"),
        *(
            "/api/me/tokens",
            "/api/webhooks",
            "/actions/submit",
            "/datasets",
            "/iam/v3/organisations",
        ),
        *(f"/api/v1/{each}" for each in ("access_tokens", "actions", "groups", "instruments")),
        *(f"/api/v1/{each}" for each in ("location_types", "locations", "objects", "projects")),
    }
)


def changes(action: str) -> dict[str, Any]:
    """Return the body that asks for something to be done with a dataset."""
    return {"dataset_id": "dataset", "action": action}


# What names another's thing in its body, by a text that stands for its id; to OAI-PMH as a form.
NAMING: dict[str, dict[str, Any]] = {
    "/actions/dataset_status": changes("suspend"),
    "/actions/edit_config": {"dataset_id": "dataset", "config": json.dumps(submitting.CONFIG)},
    "/actions/job_status": changes("suspend"),
    "/actions/task_status": changes("suspend"),
    "/actions/materialization": {"dataset_id": "dataset", "num": 10},
    "/apps/v3/applications": hosting.body("organisation"),
    "/apps/v3/environments": {"application": "application", "slug": "tin", "branch": "main"},
    "/apps/v3/environment-variables": {"environment": "environment", "name": "TIN", "value": "1"},
    "/apps/v3/deployments": {"environment": "environment"},
    "/oai2d": {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": "identifier"},
}
# What lists those of another's thing.
FILTERED = {
    "/apps/v3/applications": {"organisation": "organisation"},
    "/apps/v3/environments": {"application": "application"},
    "/apps/v3/environment-variables": {"environment": "environment"},
    "/apps/v3/deployments": {"environment": "environment"},
    "/oai2d": NAMING["/oai2d"],
}


class Things:
    """Things of one person: by what they are called in paths, and what is secret in them."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}  # by the name that fits them in a path
        self.links: list[str] = []
        self.owner = ""  # a token of theirs
        self.secrets: list[str] = []
        self.once: set[str] = set()  # of these what nobody is told again
        self.said: dict[str, str] = {}  # by what stands for them in bodies

    def name(self, name: str, *ids: str) -> None:
        """Keep what something is called."""
        self.ids.setdefault(name, []).extend(ids)

    def named(self, told: dict[str, Any]) -> dict[str, Any]:
        """Return a body with ids where texts stand for them."""
        return {name: self.said.get(value, value) for name, value in told.items()}

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
    upload = {"Tus-Resumable": "1.0.0", "Upload-Length": "3"}
    if publish:
        making.publish(owner.client, pid)
        things.said["identifier"] = f"oai:localhost:{pid}"
    else:
        filing.start(owner.client, pid, "b.txt")
        started = owner.client.post(filing.content(pid, "b.txt"), headers=upload)
        assert started.status_code == 201, started.text
        things.name("upload", started.headers["Location"].rpartition("/")[2])
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
    done = {"dataset_id": id_, "config": json.dumps(config)}
    done_at = owner.client.post("/actions/edit_config", json=done).headers["Location"]
    things.name("action_id", done_at.rpartition("/")[2])
    things.name("dataset_id", id_)
    things.said["dataset"] = id_


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
    things.once.add(sealed := things.secret())
    sensitive = deploying.variable(owner.client, first, "TOKEN", sealed, is_sensitive=True)
    deployment = deploying.deployed(owner.client, first, build_mode=things.secret())
    things.name("uuid", organisation, made["uuid"], first["uuid"])
    things.name("uuid", *(each["uuid"] for each in (variable, sensitive, deployment)))
    things.name("member", member["uuid"])
    things.said |= {"organisation": organisation, "application": made["uuid"]}
    things.said["environment"] = first["uuid"]


def gathered(things: Things, owner: User, admin: User) -> None:
    """A community that is closed to others, a group and a project."""
    closed = communing.RESTRICTED
    made = communing.community(owner.client, closed, description=things.secret())
    things.name("community", made["id"], made["slug"])
    for kind in ("groups", "projects"):
        answer = admin.client.post(f"/api/v1/{kind}/", json={"name": asking.fresh("tin")})
        assert answer.status_code == 201, answer.text
        things.name("number", answer.headers["Location"].rpartition("/")[2])
    things.name("group_id", things.ids["number"][0])
    things.name("user_id", gathering.number(owner.client))


def instrument(things: Things, owner: User, admin: User) -> None:
    """An instrument whose log is for its scientists, and a place."""
    path = "/api/v1"

    def made(asker: User, kind: str, name: str, body: dict[str, Any]) -> str:
        answer = asker.client.post(f"{path}/{kind}/", json=body)
        assert answer.status_code == 201, answer.text
        number: str = answer.headers["Location"].rpartition("/")[2]
        things.name(name, number)
        return number

    closed: dict[str, Any] = {
        "name": asking.fresh("balance"),
        "instrument_scientists": [int(things.ids["user_id"][0])],
        "users_can_create_log_entries": False,
        "users_can_view_log_entries": False,
    }
    number = made(admin, "instruments", "instrument_id", closed)
    category = {"title": asking.fresh("tin")}
    made(admin, f"instruments/{number}/log_categories", "category_id", category)
    attached = {"file_name": things.secret(), "base64_content": "dGlu"}
    entry = {"content": things.secret(), "file_attachments": [attached]}
    made(owner, f"instruments/{number}/log_entries", "entry_id", entry)
    made(admin, "location_types", "location_type_id", {"name": asking.fresh("shelf")})
    made(admin, "locations", "location_id", {"name": asking.fresh("shelf")})


@contextmanager
def told_of_events(things: Things, admin: User) -> Iterator[None]:
    """A program that is told of events, as long as this lasts."""
    url = f"http://127.0.0.1:9/{things.secret()}"
    made = admin.client.post("/api/webhooks/", json={"url": url, "kinds": ["group.logo-removed"]})
    assert made.status_code == 201, made.text
    things.secrets.append(made.json()["key"])
    things.once.add(made.json()["key"])
    things.name("id", made.json()["id"])
    yield
    admin.client.delete(f"/api/webhooks/{made.json()['id']}")


@pytest.fixture(scope="module")
def things(
    server: Running, join: Join, admin: User, nobody: httpx.Client, action: int
) -> Iterator[Things]:
    """One of each, made through each door."""
    owner, things = join("owner"), Things()
    things.owner = owner.token
    for publish in (False, True):
        record(things, owner, publish=publish)
        deposit(things, owner, publish=publish)
    sample(things, owner, action)
    dataset(things, server, owner)
    hosted(things, owner)
    gathered(things, owner, admin)
    instrument(things, owner, admin)
    things.name("action_id", str(action))
    token = owner.client.post("/api/me/tokens", json={"name": things.secret()}).json()
    things.secrets.append(token["token"])
    things.once.add(token["token"])
    logging_in.tokens(nobody, owner.name)
    [login] = owner.client.get("/api/me/logins").json()["hits"]["hits"]
    things.name("id", token["id"], login["id"])
    for path in ("/objects/", "/api/records", "/api/deposits", "/api/me/tokens"):
        assert any(each in owner.client.get(path).text for each in things.secrets), path
    with told_of_events(things, admin):
        yield things


def test_each_kind_of_thing_in_a_path_is_made(things: Things) -> None:
    """One that is new in a path fails here until somebody makes one of it that is secret."""
    names = {name for _method, path in served() for name in NAME.findall(path)}

    assert names - EVERYBODYS - INSIDE - {"key", "link"} == things.ids.keys()


def test_of_each_route_that_makes_something_it_is_said_whether_it_names_things() -> None:
    """One that is new has a line of its own, or makes what names nothing of anybody's."""
    makes = {path for method, path in served() if _makes(method, path)}

    assert OWN.isdisjoint(NAMING)
    assert makes == OWN | NAMING.keys()


def _makes(method: str, path: str) -> bool:
    """Whether a route names no thing in its path and changes something."""
    [operation] = operations(method, path)
    return (
        operation.scope != NONE
        and method not in READING
        and not set(NAME.findall(path)) - EVERYBODYS
    )


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
        if _makes(method, path) and path in OWN:
            continue
        if path in (NAMING if method not in READING else FILTERED):
            yield _naming(things, headers, method, path)
        if _makes(method, path):
            continue
        choices = [_choices(things, name, whole=whole) for name in names]
        for chosen in product(*choices):
            where = NAME.sub("{}", path).format(*chosen)
            yield Request(method, where, headers, None if method in READING else b"{}")


def _naming(things: Things, headers: dict[str, str], method: str, path: str) -> Request:
    """Return a request that names another's thing beside its path."""
    if method in READING:
        return Request(method, f"{path}?{urlencode(things.named(FILTERED[path]))}", headers, None)
    body = things.named(NAMING[path])
    if operations(method, path)[0].scope == "read":
        form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
        return Request(method, path, form, urlencode(body).encode())
    return Request(method, path, headers, json.dumps(body).encode())


def _choices(things: Things, name: str, *, whole: bool) -> list[str]:
    if name == "key":
        return [KEY]
    if name == "link":
        return things.links
    if whole and name not in EVERYBODYS | INSIDE:
        return [id_ for ids in things.ids.values() for id_ in ids]
    if name in ("version", "other"):
        return ["0", "1"]
    return ["1"] if name in EVERYBODYS | INSIDE else things.ids[name]


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
        or (request.method not in READING and answer.status < 400 and request.path != "/oai2d")
    )


def test_who_made_it_all_is_told_all_of_it(server: Running, admin: User, things: Things) -> None:
    """By the same reads, or what they ask for would be nothing to be told of."""
    reads = [
        request
        for token in (things.owner, admin.token)
        for request in requests(things, token, whole=False)
        if request.method in READING
    ]
    found = {secret for _, answer in answers(server.url, reads) for secret in told(things, answer)}

    assert set(things.secrets) - found == things.once


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
