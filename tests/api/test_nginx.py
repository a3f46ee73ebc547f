"""scripts/deploy/nginx.conf before the service, run by Debian's nginx."""

from __future__ import annotations

import getpass
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User
from tests.hard.writers import free_port
from tests.running import ROOT, Running

NAME = "data.example.org"
PATIENCE = 30.0  # seconds

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="no nginx here: the example of a proxy is not tried"
)


class Proxied(httpx.Client):
    """A client that reaches the service through nginx, as the name in the example."""

    def __init__(self, port: str, trust: ssl.SSLContext, token: str = "") -> None:
        headers = {"Host": NAME} | ({"Authorization": f"Bearer {token}"} if token else {})
        super().__init__(
            base_url=f"https://127.0.0.1:{port}", verify=trust, headers=headers, timeout=30
        )


@pytest.fixture(scope="module")
def ports() -> tuple[str, str]:
    """Where nginx listens: without TLS, and with it."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def trust(
    server: Running, ports: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ssl.SSLContext]:
    """Run nginx with the example before the session's service; give who trusts its certificate."""
    folder = tmp_path_factory.mktemp("nginx")
    certificate = _certificate(folder)
    example = (ROOT / "scripts" / "deploy" / "nginx.conf").read_text()
    place = server.url.removeprefix("http://")
    for here, there in {
        r"server 127\.0\.0\.1:8080": f"server {place}",
        r"/etc/ssl/muniment": str(folder),
        r"/var/cache/nginx": str(folder),
        r"listen \[::\].*\n": "",
        r"listen 80;": f"listen 127.0.0.1:{ports[0]};",
        r"listen 443": f"listen 127.0.0.1:{ports[1]}",
    }.items():
        example, found = re.subn(here, there, example)
        assert found, here
    (folder / "muniment.conf").write_text(example)
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"user {getpass.getuser()};\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"daemon off;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}"
        f"include {folder}/muniment.conf;\n}}\n"
    )
    nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"])
    trust = ssl.create_default_context(cafile=certificate)
    trust.check_hostname = False  # it is asked by its address
    try:
        _until(lambda: nginx.poll() is not None or _answers(f"http://127.0.0.1:{ports[0]}"))
        assert nginx.poll() is None, (folder / "error.log").read_text()
        yield trust
    finally:
        nginx.terminate()
        nginx.wait(PATIENCE)


@pytest.fixture
def stranger(ports: tuple[str, str], trust: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Nobody, through nginx."""
    with Proxied(ports[1], trust) as stranger:
        yield stranger


@pytest.fixture
def proxied(ports: tuple[str, str], trust: ssl.SSLContext, ada: User) -> Iterator[httpx.Client]:
    """ada, through nginx."""
    with Proxied(ports[1], trust, ada.token) as proxied:
        yield proxied


@pytest.fixture
def public(server: Running, ada: User, action: int) -> int:
    """The number of an object of hers that everybody may see."""
    number = asking.new_object(ada.client, action)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, '{"name":"open"}')
    return number


def test_a_version_that_everybody_may_see_comes_from_the_cache(
    stranger: httpx.Client, public: int
) -> None:
    """The same bytes and ETag; asked again later, the service sends no body."""
    path = f"/objects/{public}/versions/1"

    answers = [stranger.get(path) for _ in range(8)]

    assert {each.status_code for each in answers} == {200}
    assert len({(each.content, each.headers["ETag"]) for each in answers}) == 1
    assert answers[0].headers["X-Cache"] == "MISS"
    assert {"HIT", "REVALIDATED"} & {each.headers["X-Cache"] for each in answers}


def test_a_version_that_is_closed_is_not_given_from_the_cache(
    server: Running, stranger: httpx.Client, ada: User, public: int
) -> None:
    """A second later the service is asked."""
    path = f"/objects/{public}/versions/1"
    assert stranger.get(path).status_code == 200

    asking.close(server, ada.name, public)

    _until(lambda: stranger.get(path).status_code in (401, 403, 404))


def test_what_is_shown_to_one_is_not_kept_for_others(
    stranger: httpx.Client, proxied: httpx.Client, ada: User, action: int
) -> None:
    """An answer to somebody who signs in goes past the cache."""
    path = f"/objects/{asking.new_object(ada.client, action)}/versions/0"

    shown = [proxied.get(path) for _ in range(2)]

    assert [(each.status_code, each.headers["X-Cache"]) for each in shown] == [(200, "BYPASS")] * 2
    assert stranger.get(path).status_code in (401, 403, 404)
    assert stranger.get(path, params={"access_token": "x"}).status_code == 401


def test_links_have_the_scheme_of_the_proxy(proxied: httpx.Client) -> None:
    """The service believes nginx that it was asked by TLS; the name is `base_url`'s to say."""
    links = proxied.get("/api/user/records").json()["links"]

    assert links["self"].startswith("https://")


def test_without_tls_one_is_led_to_it(ports: tuple[str, str], trust: ssl.SSLContext) -> None:
    """Nothing goes in the clear."""
    answer = httpx.get(f"http://127.0.0.1:{ports[0]}/objects/1", headers={"Host": NAME})

    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{NAME}/objects/1")


def test_a_json_body_arrives_whole_and_a_file_as_it_comes(
    ports: tuple[str, str], trust: ssl.SSLContext, stranger: httpx.Client
) -> None:
    """Half a body in, a service that refuses at once has been asked for the file alone."""
    with (
        _half(ports[1], trust, "POST /api/v1/objects/") as document,
        _half(ports[1], trust, "PUT /api/records/none/draft/files/a/content") as file,
    ):
        assert file.recv(100).startswith(b"HTTP/1.1 4")
        assert stranger.get("/health").status_code == 200
        document.settimeout(0.1)
        with pytest.raises(TimeoutError):
            document.recv(1)
        document.settimeout(PATIENCE)
        document.sendall(b"}")
        assert document.recv(100).startswith(b"HTTP/1.1 401")


@contextmanager
def _half(port: str, trust: ssl.SSLContext, what: str) -> Iterator[ssl.SSLSocket]:
    """Give a connection on which all of a request but its last byte was sent."""
    head = f"{what} HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n"
    with (
        socket.create_connection(("127.0.0.1", int(port)), PATIENCE) as plain,
        trust.wrap_socket(plain) as connection,
    ):
        connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{".encode())
        yield connection


def test_a_stream_is_not_held_back(
    server: Running, ports: tuple[str, str], trust: ssl.SSLContext
) -> None:
    """An event comes while the stream goes on."""
    with (
        Proxied(ports[1], trust, server.admin_token) as admin,
        admin.stream("GET", "/api/events", headers={"Accept": "text/event-stream"}) as stream,
    ):
        assert next(stream.iter_bytes())


def _certificate(folder: Path) -> str:
    made = f"{folder}/fullchain.pem"
    words = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -out {made}"
    words += f" -keyout {folder}/key.pem -subj /CN={NAME}"
    subprocess.run(["openssl", *words.split()], check=True, capture_output=True)
    return made


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code > 0
    except httpx.HTTPError:
        return False


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)
