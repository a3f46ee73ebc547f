"""What each route of Divio's door needs, asked about what is in no organisation of the asker's.

Whatever that is, and whoever asks, there is no such thing. Who may what in an organisation is in
tests/api/divio.
"""

from __future__ import annotations

from typing import Any

from tests.api.matrix.lines import Line, once
from tests.api.matrix.states import signed_in

APPS, IAM, BILLING = "/apps/v3", "/iam/v3", "/billing/v3"
JSON = {"Content-Type": "application/json"}
NAMES = {"uuid": "none", "member": "none"}
KEPT = ("applications", "environments")  # collections of what is made
BESIDE = "environment-variables"  # listed of an environment or an application alone
DEPLOYMENTS = "deployments"
FIXED = (
    *("app-templates", "services", "repositories", "domains", "patches", "builds", "backups"),
    *("serviceinstances", "service-instances", "service-instance-backups", "regions"),
)
ORGANISATION = f"{IAM}/organisations/{{uuid}}"
MEMBER = f"{ORGANISATION}/members/{{member}}"


def _none(**more: Any) -> Line:
    return once(signed_in, 404, names=NAMES, headers=JSON, **more)


def _wrong() -> Line:
    return once(signed_in, 400, body={}, headers=JSON)


ON_HOSTING = {
    f"GET {APPS}": once(signed_in),
    f"GET {APPS}/schema.json": once(signed_in),
    **{f"GET {APPS}/{each}": once(signed_in) for each in (*KEPT, *FIXED)},
    f"GET {APPS}/{DEPLOYMENTS}": once(signed_in),
    f"GET {APPS}/{BESIDE}": once(signed_in, 400),
    **{f"GET {APPS}/{each}/{{uuid}}": _none() for each in (*KEPT, BESIDE, DEPLOYMENTS, *FIXED)},
    **{f"POST {APPS}/{each}": _wrong() for each in (*KEPT, BESIDE, DEPLOYMENTS)},
    **{f"PATCH {APPS}/{each}/{{uuid}}": _none(body={}) for each in (*KEPT, BESIDE)},
    **{f"DELETE {APPS}/{each}/{{uuid}}": _none() for each in (*KEPT, BESIDE)},
    f"GET {APPS}/{DEPLOYMENTS}/{{uuid}}/logs": _none(),
    f"GET {APPS}/{DEPLOYMENTS}/{{uuid}}/{BESIDE}": _none(),
    f"POST {APPS}/environments/{{uuid}}/copy": _none(body={}),
    f"GET {APPS}/environments/{{uuid}}/logs": _none(),
    f"GET {BILLING}/application-plan-groups": once(signed_in),
    f"GET {BILLING}/application-plan-groups/{{uuid}}": _none(),
    f"GET {IAM}/me": once(signed_in),
    f"GET {IAM}/organisations": once(signed_in),
    f"POST {IAM}/organisations": _wrong(),
    f"GET {ORGANISATION}": _none(),
    f"PATCH {ORGANISATION}": _none(body={}),
    f"GET {ORGANISATION}/members": _none(),
    f"POST {ORGANISATION}/members": _none(body={}),
    f"GET {MEMBER}": _none(),
    f"PATCH {MEMBER}": _none(body={}),
    f"DELETE {MEMBER}": _none(),
}
