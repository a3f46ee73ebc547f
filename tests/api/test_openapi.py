"""/openapi.json: valid, and the same as the routes in both directions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from falcon.inspect import inspect_routes
from openapi_spec_validator import validate

from api.cap.media import OWN
from api.openapi import answers
from domain import errors
from scripts.application import application
from scripts.settings import Settings
from tests.api.inveniordm.exporting import FORMS
from tests.api.inveniordm.making import V1
from tests.running import ROOT, Running

SHOWN = {"GET", "POST", "PUT", "PATCH", "DELETE"}
ANY_WAY = {"Damaged", "Conflict"}  # 503 is everywhere, 409 wherever there is an Idempotency-Key
EMPTY = re.compile("204|3..")  # statuses of which the answer has no body
READERS = {"req": 0, "query": 1, "paging": 1}  # whose first or second argument is a name
ANYWHERE = {  # headers that HTTP has for every request
    *("accept-language", "authorization", "content-digest"),
    *("content-encoding", "content-md5", "content-range", "host", "sec-fetch-site"),
}


@pytest.fixture(scope="module")
def document(server: Running) -> dict[str, Any]:
    """The document as the service gives it."""
    found: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each path, method and operation."""
    for path, found in document["paths"].items():
        for method in SHOWN & {each.upper() for each in found}:
            yield path, method, found[method.lower()]


def parameters(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each path and parameter, of the path or of one of its operations."""
    for path, found in document["paths"].items():
        yield from ((path, each) for each in found.get("parameters", ()))
    for path, _, operation in operations(document):
        yield from ((path, each) for each in operation.get("parameters", ()))


def told(parameter: dict[str, Any]) -> bool:
    """Whether a parameter says what it is."""
    return bool(parameter["description"] and parameter["schema"])


def referred(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer is, or refers to."""
    if "$ref" not in answer:
        return answer
    found: dict[str, Any] = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found


def asked_for(module: ast.Module) -> Iterator[str]:
    """The names of parameters and headers that a module reads, as far as they stand in it."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=reader)), args=args) if (
                reader in READERS
            ):
                for each in args[READERS[reader] :][:1]:
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value


def refusals(route: ast.AsyncFunctionDef) -> set[str]:
    """The domain's refusals that a route raises itself."""
    raised = {
        each.exc.func.id
        for each in ast.walk(route)
        if isinstance(each, ast.Raise)
        and isinstance(each.exc, ast.Call)
        and isinstance(each.exc.func, ast.Name)
    }
    return {name for name in raised if hasattr(errors, name)}


def kinds(name: str) -> set[str]:
    """A refusal and what it is a kind of."""
    return {each.__name__ for each in getattr(errors, name).__mro__}


def said(route: ast.AsyncFunctionDef) -> set[str]:
    """The refusals that the docstring of a route names."""
    named = answers.RAISES.findall(ast.get_docstring(route) or "")
    return {name for each in named for name in answers.NAME.findall(each)}


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """By the OpenAPI 3.1 schema itself."""
    validate(document)


def test_every_documented_operation_is_served(server: Running, document: dict[str, Any]) -> None:
    """No path of the document is unknown, no method of it refused as such."""
    admin = {"Authorization": f"Bearer {server.admin_token}"}
    with httpx.Client(base_url=server.url, headers=admin) as client:
        for path, operations in document["paths"].items():
            url = re.sub(r"{\w+}", "999999999", path)
            for method in SHOWN & {each.upper() for each in operations}:
                answer = client.request(method, url)
                assert answer.status_code != 405, f"{method} {path}"
                assert "There is nothing here." not in answer.text, f"{method} {path}"


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    """In paths, queries and headers: each says what it is, and has a schema."""
    bare = [f"{path}: {each['name']}" for path, each in parameters(document) if not told(each)]

    assert bare == []


def test_every_answer_has_a_schema(document: dict[str, Any]) -> None:
    """What is JSON says of what shape, all else of what type; and something always succeeds."""
    bare = []
    for path, method, operation in operations(document):
        assert any(each[0] in "23" for each in operation["responses"]), f"{method} {path}"
        for status, answer in operation["responses"].items():
            content = referred(document, answer).get("content", {})
            if not EMPTY.fullmatch(status) and not content and "Location" not in str(answer):
                bare.append(f"{method} {path}: {status} of no type")
            for kind, each in content.items():
                if "json" in kind and not each.get("schema"):
                    bare.append(f"{method} {path}: {status} {kind}")

    assert bare == []


def test_every_parameter_that_is_read_is_documented(document: dict[str, Any]) -> None:
    """Each that the code asks a request for by name."""
    known = {each["name"].lower() for _, each in parameters(document)} | ANYWHERE
    unknown = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in (ROOT / "api").rglob("*.py")
        for name in asked_for(ast.parse(file.read_text()))
        if name.lower() not in known
    }

    assert unknown == set()


def test_what_a_route_refuses_with_is_said_beside_it() -> None:
    """Each refusal that it raises is in its docstring, of which the document makes responses."""
    unsaid = {
        f"{file.relative_to(ROOT)}:{each.lineno}: {name}"
        for file in (ROOT / "api").rglob("*.py")
        for each in ast.walk(ast.parse(file.read_text()))
        if isinstance(each, ast.AsyncFunctionDef) and each.name.startswith("on_")
        for name in refusals(each)
        if not kinds(name) & (said(each) | ANY_WAY)
    }

    assert unsaid == set()


def test_what_any_write_may_be_refused_with_is_documented(document: dict[str, Any]) -> None:
    """In the shape of its door, the limits and the Idempotency-Key included."""
    responses = document["paths"]["/api/v1/objects/"]["post"]["responses"]

    assert {"400", "401", "403", "408", "409", "413", "415", "422", "429", "503", "507"} <= set(
        responses
    )
    refused = document["components"]["responses"]["sampledb-413"]
    assert responses["413"] == {"$ref": "#/components/responses/sampledb-413"}
    assert refused["content"]["application/json"]["schema"]["required"] == ["message"]


def test_the_forms_of_a_record_are_documented(document: dict[str, Any]) -> None:
    """Each media type that it is given in, those of the other door at its path too."""
    answer = document["paths"]["/api/records/{pid}/"]["get"]["responses"]["200"]

    assert set(answer["content"]) == {"application/json", V1, *FORMS, *OWN}


def test_where_and_by_what_credentials_it_is_used_is_documented(
    server: Running, document: dict[str, Any]
) -> None:
    """At the address that was asked; by tokens as two words, passwords, and a device login."""
    assert document["servers"] == [{"url": server.url}]
    schemes = document["components"]["securitySchemes"]
    told = {each.get("scheme", each["type"]) for each in schemes.values()}
    assert told == {"bearer", "Token", "basic", "openIdConnect", "apiKey"}
    for scheme in ("Bearer", "Token"):
        asked = {"Authorization": f"{scheme} {server.admin_token}"}
        assert httpx.get(f"{server.url}/api/v1/users/me", headers=asked).status_code == 200
    discovered = httpx.get(f"{server.url}{schemes['login']['openIdConnectUrl']}").json()
    assert "device_authorization_endpoint" in discovered


def test_every_door_is_documented(document: dict[str, Any]) -> None:
    """By a tag that says what it is, which each of its operations has."""
    tags = {each["name"]: each["description"] for each in document["tags"]}

    assert {"sampledb", "inveniordm", "cap", "iceprod", "divio", "oauth"} <= set(tags)
    assert all(tags.values())
    assert {tag for _, _, each in operations(document) for tag in each["tags"]} == set(tags)


def test_where_access_links_open_something_is_documented(document: dict[str, Any]) -> None:
    """Below a record, and on its pages: nowhere else."""
    taking = {
        path
        for path, operations in document["paths"].items()
        if "token" in {each["name"] for each in operations.get("parameters", ())}
    }
    below = {path for path in document["paths"] if path.startswith("/api/records/{pid}")}

    assert taking == {*below, "/records/{pid}", "/records/{pid}/latest", "/uploads/{pid}"}


def test_every_route_is_documented_with_each_of_its_methods(
    document: dict[str, Any], data: Path
) -> None:
    """The document has the paths and methods that Falcon's own inspection of the app finds."""
    data.mkdir()
    app = application(Settings(data=data, database_url="postgresql://nowhere"))
    served = {
        route.path: {each.method for each in route.methods if not each.internal} & SHOWN
        for route in inspect_routes(app)
    }
    documented = {
        path: {each.upper() for each in operations if each.upper() in SHOWN}
        for path, operations in document["paths"].items()
    }
    unslashed = {path.rstrip("/"): operations for path, operations in documented.items()}
    assert documented | unslashed == served


def test_answers_say_which_headers_they_have(document: dict[str, Any]) -> None:
    """Every wait has its Retry-After, every POST that takes a key says that it is given again."""
    for path, method, operation in operations(document):
        named = {each["name"] for each in operation.get("parameters", ())}
        for status, answer in operation["responses"].items():
            given = set(referred(document, answer).get("headers", {}))
            if status == "429" or (status == "503" and "$ref" in answer):
                assert "Retry-After" in given, f"{method} {path} {status}"
            if status == "403" and operation["tags"][0] in ("iceprod", "oauth"):
                assert "Retry-After" in given, f"{method} {path} {status}"
            if status < "300" and "Idempotency-Key" in named:
                assert "Idempotent-Replayed" in given, f"{method} {path} {status}"
            if status == "304":
                assert "ETag" in given, f"{method} {path} {status}"
