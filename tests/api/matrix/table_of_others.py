"""What the routes need that are about no record and no community, and which list records.

Administrators make and lead all of it here, and write the log. It is asked in this order, one by
one, by who has not signed in, by who has, and by an administrator: what that makes is made.
"""

from __future__ import annotations

from tests.api.matrix.lines import ALL, Line, once
from tests.api.matrix.states import administrator, anyone, signed_in
from tests.api.matrix.table_of_datasets import ON_DATASETS
from tests.api.matrix.table_of_hosting import ON_HOSTING

LOG = "/api/v1/instruments/{instrument_id}/log_entries"
ENTRY = f"{LOG}/{{entry_id}}"
ACTION = {"name": "a", "type": "sample", "schema_language": "json-schema", "schema": {}}
NONE = {"user_id": "none", "group_id": "none"}  # no member of anything


def _groups(kind: str, *members: str) -> dict[str, Line]:
    """Return the lines of groups of a kind, which may have such members."""
    path = f"/api/v1/{kind}s"
    names = NONE | {"number": kind}
    found = {
        f"GET {path}": once(signed_in),
        f"POST {path}": once(administrator, 201, body={"name": "tin"}),
        f"GET {path}/{{number}}": once(signed_in, names=names),
        f"PUT {path}/{{number}}": once(administrator, 400, body=[], names=names),
        f"DELETE {path}/{{number}}": once(administrator, names={"number": f"spare {kind}"}),
    }
    for each in members:
        path = f"/api/v1/{kind}s/{{number}}/member_{each}s"
        one = f"{path}/{{{each}_id}}"
        found |= {
            f"GET {path}": once(signed_in, names=names),
            f"POST {path}": once(administrator, 400, body={}, names=names),
            f"GET {one}": once(signed_in, 404, names=names),
            f"PUT {one}": once(administrator, 404, body={}, names=names),
            f"DELETE {one}": once(administrator, 404, names=names),
        }
    return found


ON_OTHERS = {
    **ON_DATASETS,
    **ON_HOSTING,
    "GET /health": once(anyone),
    "GET /ready": once(anyone),
    "GET /metrics": once(administrator),
    "GET /log/checkpoint": once(anyone),
    "GET /log/key": once(anyone),
    "GET /log/proof/consistency": once(anyone, 400),
    **{
        f"GET /log/tile/{of}/{'/'.join(f'{{n{at}}}' for at in range(1, parts + 1))}": once(
            who, 404, names={f"n{at}": "none" for at in range(1, parts + 1)} | {"level": "0"}
        )
        for of, who in (("{level}", anyone), ("entries", administrator))
        for parts in range(1, 5)
    },
    "GET /openapi.json": once(anyone),
    "GET /api/events": once(administrator),
    "GET /api/webhooks": once(administrator),
    "POST /api/webhooks": once(administrator, 400, body={}),
    **{
        f"{method} /api/webhooks/{{id}}{of}": once(administrator, 404, names={"id": "none"})
        for method, of in (("GET", ""), ("DELETE", ""), ("GET", "/dead"), ("POST", "/redeliver"))
    },
    "GET /oauth/.well-known/openid-configuration": once(anyone),
    "GET /oauth/jwks": once(anyone),
    "GET /oauth/device": once(anyone),
    "POST /oauth/device": once(anyone, 400, scope="read"),
    "POST /oauth/device_authorization": once(anyone, 401, scope="read"),
    "POST /oauth/token": once(anyone, 400, scope="read"),
    "POST /oauth/revoke": once(anyone, 401, scope="read"),
    "POST /oai2d": once(anyone, scope="read"),
    "POST /api/records": once(signed_in, 400, body=[]),
    "POST /objects": once(signed_in, 400, body={}),
    "POST /api/v1/access_tokens": once(signed_in, 201, body={"description": "tin"}, scope=ALL),
    **{
        f"{method} {path}": once(anyone, said, scope="read")  # a form says itself who sends it
        for path in (
            "/account/settings/applications",
            "/account/settings/applications/tokens/new",
            "/app/account/settings/applications/tokens/new",
            "/account/desktop-app/access-token",
        )
        for method, said in (("GET", 200), ("POST", 403))
    },
    "GET /api/me": once(signed_in),
    "POST /api/deposits": once(signed_in, 400, body={}),
    "GET /api/jsonschemas": once(signed_in),
    "POST /api/jsonschemas": once(administrator, 422, body={}),
    "GET /api/jsonschemas/{name}": once(signed_in, names={"name": "generic"}),
    "GET /api/jsonschemas/{name}/{version}": once(
        signed_in, names={"name": "generic", "version": "1.0.0"}
    ),
    "GET /api/me/tokens": once(signed_in),
    "POST /api/me/tokens": once(signed_in, 201, body={"name": "tin"}, scope=ALL),
    "DELETE /api/me/tokens/{id}": once(signed_in, 404, names={"id": "token of another"}, scope=ALL),
    "GET /api/me/logins": once(signed_in),
    "DELETE /api/me/logins/{id}": once(signed_in, 404, names={"id": "token of another"}, scope=ALL),
    "GET /api/v1/users": once(signed_in),
    "GET /api/v1/users/{user_id}": once(signed_in),
    **{
        f"GET /api/v1/{path}": once(signed_in)
        for path in (
            *("actions", "actions/{action_id}", "action_types", "action_types/{type_id}"),
            *("location_types", "location_types/{location_type_id}"),
            *("locations", "locations/{location_id}"),
            *("instruments", "instruments/{instrument_id}"),
            "instruments/{instrument_id}/log_categories",
            "instruments/{instrument_id}/log_categories/{category_id}",
        )
    },
    "POST /api/v1/actions": once(administrator, 201, body=ACTION),
    "POST /api/v1/actions/{action_id}": once(administrator, 400, body={"type": "none"}),
    "POST /api/v1/location_types": once(administrator, 400, body={}),
    "PUT /api/v1/location_types/{location_type_id}": once(administrator, 400, body={}),
    "POST /api/v1/locations": once(administrator, 400, body={}),
    "PUT /api/v1/locations/{location_id}": once(administrator, 400, body={}),
    "POST /api/v1/instruments": once(administrator, 400, body={}),
    "PUT /api/v1/instruments/{instrument_id}": once(administrator, 400, body={}),
    "POST /api/v1/instruments/{instrument_id}/log_categories": once(administrator, 400, body={}),
    "PUT /api/v1/instruments/{instrument_id}/log_categories/{category_id}": once(
        administrator, 400, body={}
    ),
    **_groups("group", "user"),
    **_groups("project", "user", "group"),
    f"GET {LOG}": once(signed_in),
    f"POST {LOG}": once(signed_in, 400, body={}),
    f"GET {ENTRY}": once(signed_in),
    f"GET {ENTRY}/versions": once(signed_in),
    f"GET {ENTRY}/versions/{{version}}": once(signed_in),
    f"POST {ENTRY}/versions": once(administrator, 201, body={"content": "tin"}),  # its author
    f"GET {ENTRY}/file_attachments": once(signed_in),
    f"GET {ENTRY}/file_attachments/{{number}}": once(signed_in, 404, names={"number": "none"}),
    f"GET {ENTRY}/object_attachments": once(signed_in),
    f"GET {ENTRY}/object_attachments/{{number}}": once(signed_in, 404, names={"number": "none"}),
    "GET /api/communities": once(anyone),
    "GET /api/user/communities": once(signed_in),
    "POST /api/communities": once(signed_in, 400, body={}),
    "GET /api/vocabularies/{vocabulary}": once(anyone),
    "GET /api/vocabularies/{vocabulary}/{term}": once(anyone),
    "GET /api/affiliations": once(anyone),
    "GET /api/affiliations/{term}": once(anyone, 404, names={"term": "none"}),
    "GET /api/subjects": once(anyone),
    "GET /api/subjects/{term}": once(anyone, 404, names={"term": "none"}),
}

# What lists records, and is asked about all of them at once.
LISTS = (
    "GET /api/communities/{community}/records",
    "GET /api/deposits",
    "GET /api/records",
    "GET /api/user/records",
    "GET /api/v1/object_log_entries",
    "GET /oai2d",
    "GET /objects",
)
