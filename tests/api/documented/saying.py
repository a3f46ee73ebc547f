"""What requests say of what there is: members of bodies, and of queries, that no chance would hit.

LEFT_OUT is left out. A body that is no object is said whole.
"""

from __future__ import annotations

import json
from typing import Any

from api.sampledb.places import RULES
from tests.api.asking import API, fresh
from tests.api.documented.places import Places
from tests.api.iceprod.submitting import CONFIG
from tests.api.inveniordm import making
from tests.api.logging_in import CLIENT

LEFT_OUT: Any = object()
TEXT = json.dumps(CONFIG)
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # Source: RFC 7636, appendix B


def said(places: Places, method: str, path: str) -> Any:
    """Return what a request says, by its members: nothing where chance may say all."""
    for_all = _of_objects(places) if path.startswith(("/objects/", f"{API}/objects/")) else {}
    known = for_all | _of_numbers(places) | _of_records(places) | _of_others(places)
    return known.get(f"{method} {path.removeprefix(API)}", {})


def _of_objects(places: Places) -> dict[str, Any]:
    one, room = places["/objects/"], places[f"{API}/locations/"]["location_id"]
    there = "/objects/{object_id}"
    number, user = int(one["object_id"]), int(places[f"{API}/groups/"]["user_id"])
    none = dict.fromkeys(("schema", "data_diff", "version_id"), LEFT_OUT)
    return {
        "POST /objects/": {
            **none,
            "action_id": int(places[f"{API}/actions/"]["action_id"]),
            "data": {"name": "tin"},
        },
        f"POST {there}/versions/": {
            **none,
            "object_id": number,
            "action_id": LEFT_OUT,
            "data": {"name": "lead"},
        },
        f"POST {there}/comments/": {"object_id": number},
        f"POST {there}/files/": {
            **dict.fromkeys(("original_file_name", "base64_content", "hash"), LEFT_OUT),
            **dict.fromkeys(("base64_preview_image", "preview_image_mime_type"), LEFT_OUT),
            "object_id": number,
            "storage": "url",
            "url": "https://example.org/tin",
        },
        f"POST {there}/locations/": {
            "object_id": number,
            "location_id": int(room),
            "responsible_user_id": user,
        },
    }


def _of_numbers(places: Places) -> dict[str, Any]:
    group = int(places[f"{API}/groups/"]["number"])
    user = int(places[f"{API}/groups/"]["user_id"])
    project = int(places[f"{API}/projects/"]["number"])
    instrument = int(places[f"{API}/instruments/"]["instrument_id"])
    entry = int(places[f"{API}/instruments/"]["entry_id"])
    room = int(places[f"{API}/locations/"]["location_id"])
    kind = int(places[f"{API}/location_types/"]["location_type_id"])
    one = int(places["/objects/"]["object_id"])
    log, of_user = "/instruments/{instrument_id}", {"user_id": user}
    rules = dict.fromkeys(RULES, True)
    as_they_are = ("action_id", "instrument_id", "user_id", "type", "type_id")
    return {
        "POST /actions/": {
            "schema_language": "json-schema",
            "schema": SCHEMA,
            "instrument_id": LEFT_OUT,
            "type": "sample",
        },
        "POST /actions/{action_id}": {
            **dict.fromkeys(as_they_are, LEFT_OUT),
            "schema": LEFT_OUT,
            "is_hidden": False,
        },
        "PUT /groups/{number}": {"group_id": group},
        "POST /groups/{number}/member_users/": of_user,
        "PUT /groups/{number}/member_users/{user_id}": of_user,
        "PUT /projects/{number}": {"project_id": project},
        "POST /projects/{number}/member_users/": of_user,
        "PUT /projects/{number}/member_users/{user_id}": of_user,
        "POST /projects/{number}/member_groups/": {"group_id": group},
        "PUT /projects/{number}/member_groups/{group_id}": {"group_id": group},
        "POST /locations/": {"parent_location_id": room, "type_id": kind},
        "POST /location_types/": rules,
        "PUT /locations/{location_id}": {
            "location_id": room,
            "parent_location_id": None,
            "type_id": kind,
            "is_hidden": False,
            "enable_object_assignments": True,
        },
        "PUT /location_types/{location_type_id}": {**rules, "location_type_id": kind},
        "POST /instruments/": {"location_id": room, "instrument_scientists": [user]},
        f"PUT {log}": {
            "instrument_id": instrument,
            "location_id": room,
            "instrument_scientists": [user],
            "users_can_view_log_entries": True,
            "users_can_create_log_entries": True,
        },
        f"PUT {log}/log_categories/{{category_id}}": {"category_id": 1},
        f"POST {log}/log_entries/": {
            "category_ids": [1],
            "event_utc_datetime": None,
            "file_attachments": LEFT_OUT,
            "object_attachments": [{"object_id": one}],
        },
        f"POST {log}/log_entries/{{entry_id}}/versions/": {
            "log_entry_id": entry,
            "version_id": LEFT_OUT,
            "category_ids": [1],
            "event_utc_datetime": None,
        },
    }


def _of_records(places: Places) -> dict[str, Any]:
    record, community = "/api/records/{pid}", "/api/communities/{community}"
    included = {"communities": [{"id": places["/api/communities/"]["community"]}]}
    members = {"members": [{"type": "user", "id": places[f"{API}/groups/"]["user_id"]}]}
    records = {"records": [{"id": places["/api/records/"]["pid"]}]}
    deposit = "/api/deposits/{depid}"
    right = {"type": "user", "op": "add", "action": "deposit-read"}
    return {
        f"PUT {record}/draft": making.body(),
        f"POST {record}/draft/files/": [{"key": fresh("file")}],
        f"POST {record}/communities/": included,
        f"DELETE {record}/communities/": included,
        f"POST {community}/rename": {"id": places["/api/communities/"]["community"]},
        f"POST {community}/members/": members,
        f"PUT {community}/members/": members,
        f"DELETE {community}/members/": members,
        f"DELETE {community}/records": records,
        "POST /api/deposits/": {"$ana_type": places["/api/jsonschemas/"]["name"]},
        f"PATCH {deposit}/": [{"op": "add", "path": "/title", "value": "Lead"}],
        f"POST {deposit}/actions/permissions/": [{"email": places["who"]["name"], **right}],
        "POST /api/jsonschemas/": {
            "name": fresh("type"),
            "fullname": "Tin",
            "deposit_schema": SCHEMA,
            "record_schema": SCHEMA,
        },
    }


def _of_others(places: Places) -> dict[str, Any]:
    dataset = {"dataset_id": places["/datasets/"]["dataset_id"]}
    organisation = {"organisation": places["/iam/v3/organisations/"]["uuid"]}
    environment = {"environment": places["/apps/v3/environments/"]["uuid"]}
    application = {"application": places["/apps/v3/applications/"]["uuid"]}
    no_jobs = dict.fromkeys(("job_ids", "task_ids"), LEFT_OUT)
    object_ = dict.fromkeys(("object", "version", "size"), LEFT_OUT)
    return {
        "POST /actions/submit": {
            "config": TEXT,
            "group": "users",
            "jobs_submitted": 5,
            "username": LEFT_OUT,
            "extra_submit_fields": '{"priority": 1}',
        },
        "POST /actions/edit_config": {**dataset, "config": TEXT},
        "POST /actions/dataset_status": dataset,
        "POST /actions/job_status": dataset | no_jobs,
        "POST /actions/task_status": dataset | no_jobs,
        "POST /actions/materialization": dataset,
        "POST /datasets": {
            "group": "users",
            "username": LEFT_OUT,
            "jobs_submitted": 2,
            "tasks_per_job": 3,
            "tasks_submitted": 6,
        },
        "PUT /datasets/{dataset_id}/jobs_submitted": {"jobs_submitted": 11},
        "POST /apps/v3/applications/": {
            **organisation,
            "slug": fresh("tin"),
            "repository": LEFT_OUT,
            "app_template": LEFT_OUT,
        },
        "POST /apps/v3/environments/": {**application, "slug": fresh("tin")},
        "POST /apps/v3/environments/{uuid}/copy/": {"new_slug": fresh("tin")},
        "POST /apps/v3/deployments/": environment,
        "GET /apps/v3/environment-variables/": {**environment, "application": LEFT_OUT},
        "POST /apps/v3/environment-variables/": {**environment, "name": fresh("TIN")},
        "PATCH /apps/v3/environment-variables/{uuid}/": {**environment, "name": fresh("TIN")},
        "POST /iam/v3/organisations/{uuid}/members/": {"email": places["who"]["name"]},
        "POST /oauth/device_authorization": {
            "client_id": CLIENT,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "scope": LEFT_OUT,
        },
        "POST /oauth/revoke": {"client_id": CLIENT},
        "GET /log/proof/inclusion": {**object_, "index": 0},
        "GET /log/proof/consistency": {"from": 1, "to": 1},
    }
