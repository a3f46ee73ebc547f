"""wipac-rest-tools, IceProd's published client: unmodified, against a real service.

Source: the snippets of IceProd's manual, "REST API Interface".
"""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from rest_tools.client import OpenIDRestClient, SavedDeviceGrantAuth

from tests.api import asking, logging_in
from tests.api.asking import PASSWORD, User
from tests.api.iceprod import submitting
from tests.running import ROOT, Running

CLIENT = logging_in.CLIENT
SEEDS = ROOT.parent / "shared" / "seeds"  # beside the repository, not in it
HOSTS = {
    "https://api.iceprod.wisc.edu": "",
    "https://iceprod2-api.icecube.wisc.edu": "",
    "https://keycloak.icecube.wisc.edu/auth/realms/IceCube": "/oauth",
}
# Its line breaks are lost, and a character of it is: this puts them back.
LINES = {
    " api = ": "\napi = ",
    " # get a list of datasets ": "\n# get a list of datasets\n",
    " for dataset": "\nfor dataset",
    " # do something with the dataset": "\n    said[dataset] = metadata['description']",
    "client_id'": "client_id='",
}


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


@pytest.fixture(scope="module")
def seed(server: Running) -> str:
    """The manual's text, with this service's addresses in the place of its own."""
    found = sorted(SEEDS.glob("001*"))
    if not found:
        pytest.skip(f"{SEEDS} has no manual of IceProd's: its own text is not run")
    text = found[0].read_text()
    for theirs, path in HOSTS.items():
        assert theirs in text
        text = text.replace(theirs, f"{server.url}{path}")
    return text


@pytest.mark.parametrize(("begins", "ends"), [("Sync:: ", " Async:: "), ("Async:: ", "\n")])
def test_the_snippets_of_the_manual_itself(
    user: User,
    approving: list[int],
    seed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begins: str,
    ends: str,
) -> None:
    """Word for word, beside the file that they name."""
    dataset = submitting.made(user.client)
    monkeypatch.chdir(tmp_path)
    _, found, snippet = f"{seed.rstrip()}\n".partition(begins)
    snippet = snippet.partition(ends)[0]
    assert found
    for lost, line in LINES.items():
        assert snippet.count(lost) == 1
        snippet = snippet.replace(lost, line)
    said: dict[str, str] = {}

    program = compile(snippet, begins, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run() -> None:
        running = eval(program, {"said": said})  # noqa: S307 - the manual's own
        if running is not None:
            await running

    asyncio.run(run())
    assert said[dataset] == "neutrinos"
    assert (approving, Path(".iceprod-auth").exists()) == ([200], True)


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

    token = given(server, user, script, CLIENT)

    assert listed(f"curl -XGET -H 'Authorization: bearer {token}' {server.url}/datasets") == 200


@pytest.mark.soak
def test_the_helper_script_itself_and_the_manuals_curl(
    server: Running, user: User, seed: str, tmp_path: Path
) -> None:
    """The script as it is published with the client, called as the manual does.

    Its default is the issuer of IceProd's, so that ours is named too.
    """
    published = f"wipac-rest-tools=={version('wipac-rest-tools')}"
    words = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "wipac-rest-tools"]
    got = subprocess.run(
        [sys.executable, *words, published], cwd=tmp_path, capture_output=True, check=False
    )
    if got.returncode != 0:
        pytest.skip(f"the source of {published} is not to be had: its script is not run")
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as packed:
        packed.extractall(tmp_path, filter="data")
    called = re.search(r"python (get_\w+\.py) (\S+)", seed)
    asked = re.search(r"curl -XGET -H '[^']*' \S+/datasets", seed)
    assert called is not None
    assert asked is not None
    (script,) = tmp_path.glob(f"*/examples/{called[1]}")

    token = given(server, user, script, called[2])

    assert listed(asked[0].replace("XXXXXXXX-your-token-here-XXXXX", token)) == 200
    assert listed(asked[0]) == 401


def given(server: Running, user: User, script: Path, client: str) -> str:
    """The token that a script prints, when somebody has approved the code that it shows."""
    words = [sys.executable, str(script), client, "--address", f"{server.url}/oauth"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        text=True,
        cwd=script.parent,
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
    return found[1]


def listed(curl: str) -> int:
    """The status of what a command asks for."""
    words = [*shlex.split(curl), "-s", "-w", "%{http_code}", "-o", "/dev/null"]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
