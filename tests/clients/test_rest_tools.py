"""wipac-rest-tools, IceProd's published client: unmodified, against a real service.

Source: the snippets of IceProd's manual, "REST API Interface".
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_tools.client import OpenIDRestClient, SavedDeviceGrantAuth

from tests.api import asking, logging_in
from tests.api.asking import PASSWORD, User
from tests.api.iceprod import submitting
from tests.running import Running

CLIENT = logging_in.CLIENT


@pytest.fixture(scope="module")
def user(server: Running) -> Iterator[User]:
    """Whoever uses the client."""
    made = asking.user(server, "rest-tools")
    with made.client:
        yield made


@pytest.fixture
def approving(server: Running, user: User, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Somebody who approves what the client shows, as soon as it does; counts the times."""
    approvals: list[int] = []

    def show(told: dict[str, str]) -> None:
        with asking.client(server) as browser:
            page = logging_in.decided(browser, told["user_code"], user.name, PASSWORD)
            approvals.append(page.status_code)

    monkeypatch.setattr("rest_tools.client.device_client._print_qrcode", show)
    return approvals


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Where the client keeps its refresh token."""
    return str(tmp_path / ".iceprod-auth")


def connected(server: Running, file: str) -> OpenIDRestClient:
    """The client, as the manual makes it."""
    return SavedDeviceGrantAuth(
        address=server.url,
        token_url=f"{server.url}/oauth",
        filename=file,
        client_id=CLIENT,
    )


def test_the_synchronous_snippet(
    server: Running, user: User, approving: list[int], file: str
) -> None:
    """It logs in once, keeps the refresh token, and lists the datasets."""
    dataset = submitting.made(user.client)

    api = connected(server, file)
    result = api.request_seq("GET", "/datasets", {})
    said = {dataset: metadata["description"] for dataset, metadata in result.items()}

    assert approving == [200]
    assert Path(file).read_text() == api.refresh_token
    assert said[dataset] == "neutrinos"


def test_the_asynchronous_snippet(
    server: Running, user: User, approving: list[int], file: str
) -> None:
    """In the same way."""
    dataset = submitting.made(user.client)

    async def described() -> dict[str, str]:
        api = connected(server, file)
        result: dict[str, Any] = await api.request("GET", "/datasets", {})
        return {dataset: metadata["description"] for dataset, metadata in result.items()}

    assert asyncio.run(described())[dataset] == "neutrinos"
    assert approving == [200]


def test_the_next_program_needs_no_login(server: Running, approving: list[int], file: str) -> None:
    """Nor does one that began before it: what refreshes stays good."""
    first = connected(server, file)
    second = connected(server, file)

    for each in (second, first, second):
        each._openid_token()
        assert isinstance(each.request_seq("GET", "/dataset_summaries/status", {}), dict)
    assert approving == [200]


def test_it_submits_and_changes_datasets(server: Running, approving: list[int], file: str) -> None:
    """With JSON objects as bodies, empty ones included."""
    api = connected(server, file)

    dataset = api.request_seq("POST", "/datasets", submitting.body())["result"]
    api.request_seq("PUT", f"/config/{dataset}", submitting.CONFIG)
    api.request_seq("PUT", f"/datasets/{dataset}/status", {"status": "suspended"})
    api.request_seq("POST", f"/datasets/{dataset}/dataset_actions/hard_reset", {})

    assert api.request_seq("GET", f"/config/{dataset}") == submitting.CONFIG
    assert api.request_seq("GET", f"/datasets/{dataset}")["status"] == "processing"
    assert api.request_seq("GET", "/datasets", {"keys": "status"})[dataset] == {
        "dataset_id": dataset,
        "status": "processing",
    }
    with pytest.raises(Exception, match="400"):
        api.request_seq("PUT", f"/datasets/{dataset}/status", {"status": "fine"})


def test_a_refused_login_is_told(
    server: Running, user: User, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the client words it."""

    def show(told: dict[str, str]) -> None:
        with asking.client(server) as browser:
            logging_in.decided(browser, told["user_code"], user.name, PASSWORD, "no")

    monkeypatch.setattr("rest_tools.client.device_client._print_qrcode", show)

    with pytest.raises(RuntimeError, match="access_denied"):
        connected(server, file)


# Does what the script does that the manual has people download, in the same steps of the client.
HELPER = """
import sys
from rest_tools.client import SavedDeviceGrantAuth

client, _, issuer = sys.argv[1:]
api = SavedDeviceGrantAuth("", token_url=issuer, filename="device-refresh-token", client_id=client)
print("access token:", api._openid_token())
"""


def test_the_helper_script_gives_a_token_for_curl(
    server: Running, user: User, tmp_path: Path
) -> None:
    """As the manual's script does: shown a code, approved elsewhere, good as a `bearer` header."""
    script = tmp_path / "get_token.py"
    script.write_text(HELPER)
    words = [sys.executable, str(script), CLIENT, "--address", f"{server.url}/oauth"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as program:
        assert program.stdout is not None
        said = ""
        for line in program.stdout:
            said += line
            shown = re.search(r"\b[A-Z]{5}-[A-Z]{5}\b", line)
            if shown:
                with asking.client(server) as browser:
                    logging_in.decided(browser, shown[0], user.name, PASSWORD)
        assert program.wait(30) == 0, said
    found = re.search(r"access token: (\S+)", said)
    assert found is not None, said

    curl = ["curl", "-s", "-XGET", "-H", f"Authorization: bearer {found[1]}"]
    answer = subprocess.run(
        [*curl, "-w", "%{http_code}", "-o", "/dev/null", f"{server.url}/datasets"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "200"
