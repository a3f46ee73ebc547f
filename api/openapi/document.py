"""The OpenAPI document, made from the routes themselves.

Each method's docstring begins with what success is and ends with what it raises; both become the
operation's responses, so the document and the code are one statement. What is the same behind a
door follows from its dialect; the shapes of what comes and goes stand beside each resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from inspect import getdoc
from typing import Any

from api.door import JSON, Resource, methods
from api.openapi import answers, parameters
from api.openapi.shapes import Shapes

SHOWN = ("GET", "POST", "PUT", "PATCH", "DELETE")
OWN = "muniment"  # the tag of what belongs to no dialect
TAGS = {
    "account": "One's own tokens.",
    "cap": "Deposits, their types and files, as in CERN Analysis Preservation.",
    "divio": "Organisations, applications and deployments, as in Divio.",
    "iceprod": "Datasets, configurations and actions, as in IceProd.",
    "inveniordm": "Records, drafts, files, communities and vocabularies, as in InvenioRDM.",
    OWN: "The feed of events, webhooks, evidence, health, and this document.",
    "oai": "OAI-PMH, for harvesters.",
    "oauth": "The issuer of access tokens: discovery, device authorization, refresh, revocation.",
    "pages": "Pages for people.",
    "sampledb": "Objects, actions and what goes with them, as in SampleDB, and their history.",
}
ABOUT = """A headless, event-sourced, versioned object store for research data.

Each tag is a door: one way to speak to the same store, with its own paths, shapes and refusals.
Any path answers a method that it does not have with 405, and one that is not here is 404, in the
shape of its door's refusals. GET answers HEAD too. Every answer has an X-Request-Id, those of
resumable uploads Tus-Resumable; of what HTTP has for every answer, and tells browsers, nothing is
said at each."""
QUERY = "query"
CREDENTIALS = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of one's own, or one of the issuer at /oauth.",
    },
    "Token": {
        "type": "http",
        "scheme": "Token",
        "description": "The same, as Divio's clients write it. OAuth2 is understood in its place.",
    },
    "login": {
        "type": "openIdConnect",
        "openIdConnectUrl": "/oauth/.well-known/openid-configuration",
        "description": "A device login (RFC 8628), of which the access token is a Bearer's.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "A name with a password, or with one of that account's own tokens.",
    },
    QUERY: {"type": "apiKey", "in": "query", "name": "access_token"},
}
SIGNED_IN: list[dict[str, list[str]]] = [{each: []} for each in CREDENTIALS]


def served(document: dict[str, Any], base: str) -> dict[str, Any]:
    """Return a document that says where its paths are: below `base`."""
    return document | {"servers": [{"url": base}]}


def document(routes: Mapping[str, object]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these routes, wherever they are."""
    shapes = Shapes()
    paths = {path: _path(path, resource, shapes) for path, resource in sorted(routes.items())}
    tags = sorted({tag_of(each) for each in routes.values()})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Muniment",
            "version": version("muniment"),
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "tags": [{"name": each, "description": TAGS[each]} for each in tags],
        "paths": paths,
        "components": {
            "securitySchemes": CREDENTIALS,
            "schemas": shapes.schemas,
            "responses": shapes.responses,
        },
        "security": SIGNED_IN,
    }


def tag_of(resource: object) -> str:
    """Return which door a resource is behind."""
    return resource.dialect.name if isinstance(resource, Resource) else OWN


def _path(path: str, resource: object, shapes: Shapes) -> dict[str, Any]:
    shown = (*SHOWN, "OPTIONS") if isinstance(resource, Resource) and resource.options else SHOWN
    operations: dict[str, Any] = {
        method.lower(): _operation(path, method, resource, shapes)
        for method in shown
        if method in methods(resource)
    }
    shared = parameters.of_path(path, resource)
    return operations | ({"parameters": shared} if shared else {})


def _operation(path: str, method: str, resource: object, shapes: Shapes) -> dict[str, Any]:
    said = getdoc(getattr(resource, f"on_{method.lower()}")) or ""
    summary, _, description = said.partition("\n")
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
        "tags": [tag_of(resource)],
        "summary": summary,
        "responses": answers.of(path, method, said, resource, shapes),
    }
    if description.strip():
        operation["description"] = description.strip()
    taken = parameters.of_operation(method, resource, operation["responses"])
    if taken:
        operation["parameters"] = taken
    body = getattr(resource, "request", {}).get(method)
    if body is not None:
        operation["requestBody"] = _body(method, resource, body, shapes)
    if not isinstance(resource, Resource) or not resource.asks_who:
        operation["security"] = []
    else:
        ways = [each for each in SIGNED_IN if resource.token_in_query or QUERY not in each]
        operation["security"] = ways if resource.needs_login else [{}, *ways]
    return operation


def _body(method: str, resource: object, schema: Any, shapes: Shapes) -> dict[str, Any]:
    """Return what a body may be; `request_types` says what is no JSON, and `may_be_empty`."""
    named: Any = getattr(resource, "request_types", {}).get(method)
    kind = named or getattr(resource, "request_type", JSON)
    required = method not in getattr(resource, "may_be_empty", ())
    kinds = (kind,) if isinstance(kind, str) else kind
    content = {each: {"schema": shapes.named(schema)} for each in kinds}
    return {"required": required, "content": content}
