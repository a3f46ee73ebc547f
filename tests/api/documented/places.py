"""What there is in a service that is tried by its document: so much that most paths lead somewhere.

A place is how paths begin, and what stands in their parts there. The longest that fits counts.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

import httpx

from domain.hosted import PLAN_GROUP, REGION
from domain.identifiers import base32_of
from tests.api import asking
from tests.api.asking import API, User, fresh
from tests.api.cap import making as depositing
from tests.api.divio import deploying, hosting
from tests.api.iceprod import submitting
from tests.api.inveniordm import filing, gathering
from tests.api.inveniordm.making import RECORDS

Places = dict[str, dict[str, str]]
TUS = {"Tus-Resumable": "1.0.0"}


def there(admin: httpx.Client, user: User) -> Places:
    """Make some of everything, and return where it is; `who` is somebody it may be shared with."""
    number = str(user.client.get(f"{API}/users/me").json()["user_id"])
    return {
        **_objects(admin, number),
        **_records(admin),
        **_deposits(admin),
        **_hosted(admin),
        "who": {"name": user.name},
    }


def part(places: Places, path: str, name: str) -> str | None:
    """Return what a part of a path is called, where something is there."""
    begins = max((each for each in places if path.startswith(each)), key=len, default=None)
    return None if begins is None else places[begins].get(name)


def _made(admin: httpx.Client, path: str, **body: Any) -> str:
    """Make something, and return the last step of its Location."""
    answer = admin.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.headers["Location"].rstrip("/").rpartition("/")[2]


def _objects(admin: httpx.Client, user: str) -> Places:
    action = asking.action(admin)
    one = asking.new_object(admin, action)
    asking.new_version(admin, one, '{"name":"lead"}')
    objects = f"{API}/objects/{one}"
    _made(admin, f"{objects}/comments/", content="tin")
    data, digest = b64encode(b"tin").decode(), sha256(b"tin").hexdigest()
    _made(
        admin,
        f"{objects}/files/",
        storage="database",
        original_file_name="a",
        base64_content=data,
        hash={"algorithm": "sha256", "hexdigest": digest},
    )
    room = _made(admin, f"{API}/locations/", name=fresh("room"))
    kind = _made(admin, f"{API}/location_types/", name=fresh("kind"))
    _made(admin, f"{objects}/locations/", location_id=int(room))
    log = {"users_can_create_log_entries": True, "users_can_view_log_entries": True}
    instrument = _made(admin, f"{API}/instruments/", name=fresh("instrument"), **log)
    _made(admin, f"{API}/instruments/{instrument}/log_categories/", title="Repair")
    entry = _made(
        admin,
        f"{API}/instruments/{instrument}/log_entries/",
        content="tin",
        file_attachments=[{"file_name": "a", "base64_content": data}],
        object_attachments=[{"object_id": one}],
    )
    group = _made(admin, f"{API}/groups/", name=fresh("group"))
    project = _made(admin, f"{API}/projects/", name=fresh("project"))
    _made(
        admin, f"{API}/projects/{project}/member_groups/", group_id=int(group), permissions="read"
    )
    of_object = {
        "object_id": str(one),
        "version": "0",
        "other": "1",
        "comment": "1",
        "file": "0",
        "index": "0",
        "user_id": user,
    }
    within = {"instrument_id": instrument, "category_id": "1", "entry_id": entry, "number": "1"}
    return {
        "/objects/": of_object,
        f"{API}/objects/": of_object,
        "/objects/{object_id}/permissions/groups/": {**of_object, "number": group},
        "/objects/{object_id}/permissions/projects/": {**of_object, "number": project},
        f"{API}/objects/{{object_id}}/permissions/groups/": {**of_object, "number": group},
        f"{API}/objects/{{object_id}}/permissions/projects/": {**of_object, "number": project},
        f"{API}/actions/": {"action_id": str(action)},
        f"{API}/action_types/": {"type_id": "-99"},
        f"{API}/groups/": {"number": group, "user_id": user},
        f"{API}/projects/": {"number": project, "user_id": user, "group_id": group},
        f"{API}/instruments/": {**within, "version": "1"},
        f"{API}/locations/": {"location_id": room},
        f"{API}/location_types/": {"location_type_id": kind},
        f"{API}/users/": {"user_id": user},
        "/log/tile/": {"level": "0", "n1": "000"},
        "/log/tile/{level}/{n1}/{n2}": {"level": "0", "n1": "000.p", "n2": "1"},
        "/log/tile/entries/{n1}/{n2}": {"n1": "000.p", "n2": "1"},
        **{
            f"/log/tile/{tile}/{{n1}}/{{n2}}/{{n3}}": {"n1": "x000", "n2": "000"}
            for tile in ("{level}", "entries")
        },
    }


def _records(admin: httpx.Client) -> Places:
    published = filing.filed(admin, "a")
    admin.post(f"{RECORDS}/{published}/draft")
    link = admin.post(f"{RECORDS}/{published}/access/links", json={"permission": "view"}).json()
    slug = gathering.community(admin)
    gathering.include(admin, published, slug)
    drafted = filing.begun(admin, "a", "b")
    filing.add(admin, drafted, "c")
    begun = admin.post(filing.content(drafted, "b"), headers=TUS | {"Upload-Length": "6"})
    upload = begun.headers["Location"].rpartition("/")[2]
    draft = {"pid": drafted, "upload": upload}
    return {
        f"{RECORDS}/": {"pid": published, "key": "a", "link": link["id"]},
        f"{RECORDS}/{{pid}}/draft": {**draft, "key": "c"},
        f"{RECORDS}/{{pid}}/draft/files/{{key}}/content": {**draft, "key": "a"},
        "/records/": {"pid": published},
        "/uploads/": {"pid": drafted},
        "/api/communities/": {"community": slug},
        "/communities/": {"community": slug},
        "/api/vocabularies/": {"vocabulary": "languages", "term": "eng"},
    }


def _deposits(admin: httpx.Client) -> Places:
    deposit = depositing.deposit(admin, title="Tin")
    depositing.put(admin, deposit, "a", b"tin")
    dataset = submitting.made(admin)
    done = {
        "dataset_status": {"action": "reset"},
        "edit_config": {"config": submitting.submission()["config"]},
        "job_status": {"action": "reset"},
        "materialization": {},
        "task_status": {"action": "reset"},
    }
    carried_out = {
        f"/actions/{kind}/": {"action_id": _made(admin, f"/actions/{kind}", **body)}
        for kind, body in (
            ("submit", submitting.submission()),
            *((kind, {"dataset_id": dataset, **said}) for kind, said in done.items()),
        )
    }
    bucket = deposit["links"]["bucket"].rpartition("/")[2]
    token = admin.post("/api/me/tokens", json={"name": fresh("token")}).json()["id"]
    return {
        "/api/deposits/": {"depid": deposit["id"]},
        "/api/files/": {"bucket": bucket, "key": "a"},
        "/api/jsonschemas/": {"name": depositing.new_type(admin), "version": "1.0.0"},
        "/datasets/": {"dataset_id": dataset},
        "/config/": {"dataset_id": dataset},
        **carried_out,
        "/api/me/tokens/": {"id": token},
    }


def _hosted(admin: httpx.Client) -> Places:
    organisation = hosting.organisation(admin)
    application = hosting.application(admin, organisation)["uuid"]
    environment = hosting.environments(admin, application)[0]
    variable = deploying.variable(admin, environment, "TIN", "lead")
    deployment = deploying.deployed(admin, environment)
    [member] = admin.get(f"{hosting.ORGANISATIONS}{organisation}/members/").json()["results"]
    return {
        f"{hosting.APPS}/regions/": {"uuid": base32_of(REGION)},
        "/billing/v3/application-plan-groups/": {"uuid": base32_of(PLAN_GROUP)},
        hosting.APPLICATIONS: {"uuid": application},
        hosting.ENVIRONMENTS: {"uuid": environment["uuid"]},
        deploying.VARIABLES: {"uuid": variable["uuid"]},
        deploying.DEPLOYMENTS: {"uuid": deployment["uuid"]},
        hosting.ORGANISATIONS: {"uuid": organisation, "member": member["uuid"]},
    }
