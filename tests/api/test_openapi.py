"""/openapi.json: valid, and the same as the routes in both directions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from falcon.inspect import inspect_routes
from openapi_spec_validator import validate

from api.cap.media import OWN
from scripts.application import application
from scripts.settings import Settings
from tests.api.inveniordm.exporting import FORMS
from tests.api.inveniordm.making import V1
from tests.running import Running

SHOWN = {"GET", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def document(server: Running) -> dict[str, Any]:
    """The document as the service gives it."""
    found: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()
    return found


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
    answer = document["paths"]["/api/records/{pid}"]["get"]["responses"]["200"]

    assert set(answer["content"]) == {"application/json", V1, *FORMS, *OWN}


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
