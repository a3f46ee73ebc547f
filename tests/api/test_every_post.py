"""Every POST of every door takes an Idempotency-Key: what is sent again is carried out once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from falcon.inspect import inspect_routes

from api.pages.routes import TOKENS
from scripts.application import application
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import API, User, fresh
from tests.api.cap.making import DEPOSITS, act, change, deposit, published
from tests.api.divio import deploying, hosting
from tests.api.iceprod import submitting
from tests.api.inveniordm import communing, filing, gathering, making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

TUS = {"Tus-Resumable": "1.0.0"}
JSON_SCHEMA = {"type": "sample", "schema_language": "json-schema", "schema": {}}
SHOWN_ONCE = ("/api/v1/access_tokens", "/api/me/tokens", "/api/webhooks")
HOOK = {"url": "https://hooks.invalid/", "kinds": ["term.retired"]}
READING = "/oai2d"  # a GET whose arguments come as a form
FORMS = {route.rstrip("/") for route in TOKENS}  # on pages; each is its own key (test_token_pages)
# OAuth's own, to whom nobody signs in: what they give is worth something once.
OAUTH = {f"/oauth/{each}" for each in ("device", "device_authorization", "token", "revoke")}

Sent = tuple[str, dict[str, Any]]  # where, and what else httpx is told


def key() -> dict[str, str]:
    """A header with a key that nobody used."""
    return {"Idempotency-Key": fresh("key")}


def object_(admin: httpx.Client) -> str:
    """The path of a new object with one version."""
    number = asking.new_object(admin, asking.action(admin))
    return f"/objects/{number}"


def file(admin: httpx.Client) -> Sent:
    """A file for an object."""
    digest = {"algorithm": "sha256", "hexdigest": sha256(b"tin").hexdigest()}
    data = b64encode(b"tin").decode()
    body = {"storage": "database", "original_file_name": "a", "base64_content": data}
    return f"{object_(admin)}/files/", {"json": body | {"hash": digest}}


def made(admin: httpx.Client, path: str, **body: Any) -> str:
    """The path of something new in one of SampleDB's collections."""
    answer = admin.post(f"{API}/{path}/", json={"name": fresh("name")} | body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def member(admin: httpx.Client, of: str, **role: str) -> Sent:
    """A user for a group or project: any but who made it."""
    me = admin.get(f"{API}/users/me").json()["user_id"]
    users = [each["user_id"] for each in admin.get(f"{API}/users/").json()]
    other = next(each for each in users if each != me)
    return f"{made(admin, of)}/member_users/", {"json": {"user_id": other, **role}}


def joining(admin: httpx.Client) -> Sent:
    """A user for a community: any but who made it."""
    me = admin.get(f"{API}/users/me").json()["user_id"]
    users = [each["user_id"] for each in admin.get(f"{API}/users/").json()]
    other = next(each for each in users if each != me)
    members = [{"type": "user", "id": str(other)}]
    path = gathering.members(gathering.community(admin))
    return path, {"json": {"members": members, "role": "reader"}}


def member_group(admin: httpx.Client) -> Sent:
    """A group for a project."""
    group = int(made(admin, "groups").rpartition("/")[2])
    return f"{made(admin, 'projects')}/member_groups/", {
        "json": {"group_id": group, "permissions": "read"}
    }


def assigned(admin: httpx.Client) -> Sent:
    """A place for an object."""
    room = int(made(admin, "locations").rpartition("/")[2])
    return f"{object_(admin)}/locations/", {"json": {"location_id": room}}


def instrument(admin: httpx.Client) -> str:
    """The path of a new instrument in whose log everybody writes."""
    return made(
        admin, "instruments", users_can_create_log_entries=True, users_can_view_log_entries=True
    )


def log_entry(admin: httpx.Client) -> Sent:
    """A new version of an entry in an instrument's log."""
    written = admin.post(f"{instrument(admin)}/log_entries/", json={"content": "tin"})
    assert written.status_code == 201, written.text
    return f"{written.headers['Location']}/versions/", {"json": {"content": "lead"}}


def draft(admin: httpx.Client) -> str:
    """The path of a new draft that may be published."""
    return f"{RECORDS}/{making.draft(admin)['id']}/draft"


def record(admin: httpx.Client) -> str:
    """The path of a new record."""
    return f"{RECORDS}/{making.record(admin)['id']}"


def imported(admin: httpx.Client) -> str:
    """The path of a new version's draft, which may import files."""
    following = admin.post(f"{RECORDS}/{filing.filed(admin, 'a')}/versions").json()
    return f"{RECORDS}/{following['id']}/draft"


def received(admin: httpx.Client) -> str:
    """The path of a file whose bytes came."""
    pid = filing.begun(admin, "a/b c")
    admin.put(filing.content(pid, "a/b c"), content=b"tin")
    return filing.file(pid, "a/b c")


def upload(admin: httpx.Client) -> Sent:
    """A piece of an upload, as who can send nothing but POST sends it."""
    where = filing.content(filing.begun(admin, "a"), "a")
    begun = admin.post(where, headers=TUS | {"Upload-Length": "6"})
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    headers = TUS | sent | {"X-HTTP-Method-Override": "PATCH"}
    return begun.headers["Location"], {"headers": headers, "content": b"tin"}


def deposited(action: str) -> Callable[[httpx.Client], Sent]:
    """An action on a new deposit."""
    return lambda admin: (f"{DEPOSITS}/{deposit(admin)['id']}/actions/{action}", {})


def told(admin: httpx.Client) -> dict[str, Any]:
    """Any user but who asks."""
    me = admin.get(f"{API}/users/me").json()["user_id"]
    users: list[dict[str, Any]] = admin.get(f"{API}/users/").json()
    return next(each for each in users if each["user_id"] != me)


def hosted(admin: httpx.Client) -> str:
    """The id of a new application."""
    return str(hosting.application(admin, hosting.organisation(admin))["uuid"])


def environment(admin: httpx.Client) -> str:
    """The id of a new environment."""
    return str(hosting.environments(admin, hosted(admin))[0]["uuid"])


def hook(admin: httpx.Client) -> str:
    """The path of a new webhook."""
    made = admin.post("/api/webhooks/", json=HOOK)
    assert made.status_code == 201, made.text
    return f"/api/webhooks/{made.json()['id']}"


POSTS: dict[str, Callable[[httpx.Client], Sent]] = {
    "/api/webhooks": lambda _: ("/api/webhooks", {"json": HOOK}),
    "/api/webhooks/{id}/redeliver": lambda admin: (f"{hook(admin)}/redeliver", {}),
    "/api/v1/actions": lambda _: (f"{API}/actions/", {"json": JSON_SCHEMA | {"name": "a"}}),
    "/api/v1/actions/{action_id}": lambda admin: (
        f"{API}/actions/{asking.action(admin)}",
        {"json": {"name": "b"}},
    ),
    "/api/v1/access_tokens": lambda _: (f"{API}/access_tokens/", {"json": {"description": "a"}}),
    "/api/me/tokens": lambda _: ("/api/me/tokens", {"json": {"name": "a"}}),
    "/api/v1/groups": lambda _: (f"{API}/groups/", {"json": {"name": fresh("group")}}),
    "/api/v1/groups/{number}/member_users": lambda admin: member(admin, "groups"),
    "/api/v1/projects": lambda _: (f"{API}/projects/", {"json": {"name": fresh("project")}}),
    "/api/v1/projects/{number}/member_users": lambda admin: member(
        admin, "projects", permissions="read"
    ),
    "/api/v1/projects/{number}/member_groups": member_group,
    "/api/v1/location_types": lambda _: (f"{API}/location_types/", {"json": {"name": "a"}}),
    "/api/v1/locations": lambda _: (f"{API}/locations/", {"json": {"name": "a"}}),
    "/api/v1/instruments": lambda _: (f"{API}/instruments/", {"json": {"name": "a"}}),
    "/api/v1/instruments/{instrument_id}/log_categories": lambda admin: (
        f"{instrument(admin)}/log_categories/",
        {"json": {"title": "Repair"}},
    ),
    "/api/v1/instruments/{instrument_id}/log_entries": lambda admin: (
        f"{instrument(admin)}/log_entries/",
        {"json": {"content": "tin"}},
    ),
    "/api/v1/instruments/{instrument_id}/log_entries/{entry_id}/versions": log_entry,
    "/objects": lambda admin: (
        "/objects",
        {"json": {"action_id": asking.action(admin), "data": {}}},
    ),
    "/objects/{object_id}/versions": lambda admin: (
        f"{object_(admin)}/versions",
        {"json": {"data": {}}},
    ),
    "/objects/{object_id}/comments": lambda admin: (
        f"{object_(admin)}/comments/",
        {"json": {"content": "a"}},
    ),
    "/objects/{object_id}/files": file,
    "/objects/{object_id}/locations": assigned,
    "/objects/{object_id}/erasures": lambda admin: (
        f"{object_(admin)}/erasures",
        {"json": {"reason": "tin"}},
    ),
    "/objects/{object_id}/restore": lambda admin: (
        f"{object_(admin)}/restore",
        {"json": {"version": 0}},
    ),
    "/api/records": lambda _: (RECORDS, {"json": making.body()}),
    "/api/records/{pid}/access/links": lambda admin: (
        f"{record(admin)}/access/links",
        {"json": {"permission": "view"}},
    ),
    "/api/records/{pid}/communities": lambda admin: (
        f"{record(admin)}/communities",
        {"json": gathering.called(gathering.community(admin), gathering.community(admin))},
    ),
    "/api/communities/{community}/members": joining,
    "/api/records/{pid}/versions": lambda admin: (f"{record(admin)}/versions", {}),
    "/api/records/{pid}/draft": lambda admin: (f"{record(admin)}/draft", {}),
    "/api/records/{pid}/draft/actions/publish": lambda admin: (
        f"{draft(admin)}/actions/publish",
        {},
    ),
    "/api/records/{pid}/draft/actions/files-import": lambda admin: (
        f"{imported(admin)}/actions/files-import",
        {},
    ),
    "/api/records/{pid}/draft/files": lambda admin: (
        filing.files(filing.begun(admin, "b")),
        {"json": [{"key": "a"}, {"key": "c"}]},
    ),
    "/api/records/{pid}/draft/files/{key}/content": lambda admin: (
        filing.content(filing.begun(admin, "a"), "a"),
        {"headers": TUS | {"Upload-Length": "6"}},
    ),
    "/api/records/{pid}/draft/files/{key}/commit": lambda admin: (f"{received(admin)}/commit", {}),
    "/api/records/{pid}/draft/uploads/{upload}": upload,
    "/datasets": lambda _: ("/datasets", {"json": submitting.body()}),
    "/actions/submit": lambda _: ("/actions/submit", {"json": submitting.submission()}),
    "/actions/dataset_status": lambda admin: (
        "/actions/dataset_status",
        {"json": {"dataset_id": submitting.made(admin), "action": "suspend"}},
    ),
    "/actions/edit_config": lambda admin: (
        "/actions/edit_config",
        {
            "json": {
                "dataset_id": submitting.made(admin),
                "config": submitting.submission()["config"],
            }
        },
    ),
    "/actions/job_status": lambda admin: (
        "/actions/job_status",
        {"json": {"dataset_id": submitting.made(admin), "action": "suspend"}},
    ),
    "/actions/task_status": lambda admin: (
        "/actions/task_status",
        {"json": {"dataset_id": submitting.made(admin), "action": "suspend"}},
    ),
    "/actions/materialization": lambda admin: (
        "/actions/materialization",
        {"json": {"dataset_id": submitting.made(admin)}},
    ),
    "/iam/v3/organisations": lambda _: (hosting.ORGANISATIONS, {"json": {"name": "Tin"}}),
    "/iam/v3/organisations/{uuid}/members": lambda admin: (
        f"{hosting.ORGANISATIONS}{hosting.organisation(admin)}/members/",
        {"json": {"email": told(admin)["name"], "role": "MEMBER"}},
    ),
    "/apps/v3/applications": lambda admin: (
        hosting.APPLICATIONS,
        {"json": hosting.body(hosting.organisation(admin))},
    ),
    "/apps/v3/environments": lambda admin: (
        hosting.ENVIRONMENTS,
        {"json": {"application": hosted(admin), "slug": "stage"}},
    ),
    "/apps/v3/environments/{uuid}/copy": lambda admin: (
        f"{hosting.ENVIRONMENTS}{environment(admin)}/copy/",
        {"json": {"new_slug": "stage"}},
    ),
    "/apps/v3/environment-variables": lambda admin: (
        deploying.VARIABLES,
        {
            "json": {
                "environment": environment(admin),
                "name": "TOKEN",
                "value": "tin",
                "is_sensitive": True,
            }
        },
    ),
    "/apps/v3/deployments": lambda admin: (
        deploying.DEPLOYMENTS,
        {"json": {"environment": environment(admin)}},
    ),
    "/api/communities": lambda _: (
        communing.COMMUNITIES,
        {"json": communing.body(fresh("community"))},
    ),
    "/api/communities/{community}/rename": lambda admin: (
        f"{communing.COMMUNITIES}/{communing.community(admin)['id']}/rename",
        {"json": {"id": fresh("renamed")}},
    ),
}


def changed(step: str) -> Callable[[httpx.Client], Sent]:
    """What may be done with a dataset."""
    return lambda admin: (f"/datasets/{submitting.made(admin)}/{step}", {})


for _step in (
    *("dataset_actions/truncate", "dataset_actions/hard_reset"),
    *("job_actions/bulk_suspend", "job_actions/bulk_reset", "job_actions/bulk_hard_reset"),
    *("task_actions/bulk_suspend", "task_actions/bulk_reset", "task_actions/bulk_hard_reset"),
):
    POSTS[f"/datasets/{{dataset_id}}/{_step}"] = changed(_step)
for _action in ("publish", "clone", "upload", "disconnect_webhook"):
    POSTS[f"/api/deposits/{{depid}}/actions/{_action}"] = deposited(_action)
POSTS |= {
    "/api/jsonschemas": lambda _: (
        "/api/jsonschemas",
        {"json": {"name": fresh("type"), "version": "1.0.0", "deposit_schema": {}}},
    ),
    "/api/deposits": lambda _: (DEPOSITS, {"json": {"$ana_type": "generic", "title": "Tin"}}),
    "/api/deposits/{depid}/actions/edit": lambda admin: (
        f"{DEPOSITS}/{published(admin)['id']}/actions/edit",
        {},
    ),
    "/api/deposits/{depid}/actions/discard": lambda admin: (
        f"{DEPOSITS}/{act(admin, published(admin)['id'], 'edit')['id']}/actions/discard",
        {},
    ),
    "/api/deposits/{depid}/actions/permissions": lambda admin: (
        f"{DEPOSITS}/{deposit(admin)['id']}/actions/permissions",
        {"json": [change(told(admin)["name"], "read")]},
    ),
}


def send(asker: httpx.Client, sent: Sent, **headers: str) -> httpx.Response:
    """Send a POST, with headers beside its own."""
    path, told = sent
    return asker.post(path, **told | {"headers": told.get("headers", {}) | headers})


def test_there_is_no_other_post(data: Path) -> None:
    """In the routing table, with a slash at the end or without; objects are below /api/v1 too."""
    data.mkdir()
    app = application(Settings(data=data, database_url="postgresql://nowhere"))
    served = {
        route.path.rstrip("/").replace(f"{API}/objects", "/objects")
        for route in inspect_routes(app)
        if any(each.method == "POST" and not each.internal for each in route.methods)
    }

    assert served - {READING} - FORMS - OAUTH == set(POSTS)


@pytest.mark.parametrize("route", POSTS)
def test_sent_again_it_is_answered_as_the_first_time(
    server: Running, admin: User, ada: User, route: str
) -> None:
    """With the same status, body and headers, and nothing more is stored. 400 for a long key."""
    sent, header = POSTS[route](admin.client), key()

    refused = send(admin.client, sent, **{"Idempotency-Key": "x" * 256})
    first = send(admin.client, sent, **header)
    stored = asking.stored(server)
    again = [send(admin.client, sent, **header) for _ in range(2)]

    assert refused.status_code == 400
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    assert asking.stored(server) == stored
    for answer in again:
        if route in SHOWN_ONCE:
            assert answer.status_code == 409
            continue
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert (answer.status_code, answer.content) == (first.status_code, first.content)
        for name in ("Location", "ETag", "Content-Type", "Upload-Offset", "Tus-Resumable"):
            assert answer.headers.get(name) == first.headers.get(name), name
