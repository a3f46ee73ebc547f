"""Downloads: ranges, conditions, and headers that keep what anybody uploaded inert."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5, sha256

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.asking import User
from tests.api.inveniordm.filing import add, begun, content, filed
from tests.running import Running

DATA = bytes(range(256)) * 20
TAG = f'"md5:{md5(DATA, usedforsecurity=False).hexdigest()}"'


@pytest.fixture(scope="module")
def path(ada: User) -> str:
    """The content of a draft's file that has DATA."""
    pid = begun(ada.client)
    add(ada.client, pid, "data.bin", DATA)
    return content(pid, "data.bin")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.none(), st.integers(0, 6000)),
    st.one_of(st.none(), st.integers(0, 6000)),
)
def test_a_range_is_what_was_asked_for(
    ada: User, path: str, first: int | None, last: int | None
) -> None:
    """206 with these bytes; 416 where there are none; all for what is no range."""
    asked = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    answer = ada.client.get(path, headers={"Range": asked})
    size = len(DATA)
    if first is None and last is None:
        wanted = None
    elif first is None:
        wanted = range(max(size - (last or 0), 0), size)
    elif last is not None and last < first:
        wanted = None
    else:
        wanted = range(first, size if last is None else min(last + 1, size))
    if wanted is None:
        assert (answer.status_code, answer.content) == (200, DATA)
    elif not wanted:
        assert answer.status_code == 416
        assert answer.headers["Content-Range"] == f"bytes */{size}"
    else:
        assert answer.status_code == 206
        assert answer.content == DATA[wanted.start : wanted.stop]
        said = f"bytes {wanted.start}-{wanted.stop - 1}/{size}"
        assert answer.headers["Content-Range"] == said
        assert answer.headers["ETag"] == TAG


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=7-9"}])
def test_a_download_says_the_sha_256_of_the_whole_file(
    ada: User, path: str, headers: dict[str, str]
) -> None:
    """So that who puts ranges together can check them."""
    answer = ada.client.get(path, headers=headers)
    digest = b64encode(sha256(DATA).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes", "bytes=1"])
def test_what_is_no_single_range_is_ignored(ada: User, path: str, asked: str) -> None:
    """As RFC 9110 allows: all of the file."""
    answer = ada.client.get(path, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, DATA)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": TAG}, 304),
        ({"If-None-Match": f'"x", W/{TAG}'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"md5:0"'}, 200),
        ({"If-Modified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Wed, 01 Jan 2070 00:00:00 GMT"}, 304),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"x"', "If-Modified-Since": "Wed, 01 Jan 2070 00:00:00 GMT"}, 200),
        ({"If-Match": TAG}, 200),
        ({"If-Match": '"x"'}, 412),
        ({"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}, 412),
        ({"If-Unmodified-Since": "Wed, 01 Jan 2070 00:00:00 GMT"}, 200),
        ({"If-Range": TAG, "Range": "bytes=0-9"}, 206),
        ({"If-Range": '"x"', "Range": "bytes=0-9"}, 200),
        ({"If-Range": "Wed, 01 Jan 2020 00:00:00 GMT", "Range": "bytes=0-9"}, 200),
    ],
)
def test_a_condition_is_heeded(ada: User, path: str, headers: dict[str, str], status: int) -> None:
    """RFC 9110, 13: by tag or by instant, the tag first."""
    answer = ada.client.get(path, headers=headers)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert answer.headers["ETag"] == TAG
    if status == 200:
        assert answer.content == DATA


def test_head_says_what_get_would(ada: User, path: str) -> None:
    """The same headers, no byte."""
    answer = ada.client.head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert answer.headers["ETag"] == TAG
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("key", "media_type", "way"),
    [
        ("a.png", "image/png", "inline"),
        ("a.pdf", "application/pdf", "inline"),
        ("a.csv", "text/csv", "inline"),
        ("a.txt", "text/plain", "inline"),
        ("a.html", "text/plain; charset=utf-8", "inline"),
        ("a.svg", "text/plain; charset=utf-8", "inline"),
        ("a.xml", "text/plain; charset=utf-8", "inline"),
        ("a.js", "text/plain; charset=utf-8", "inline"),
        ("a.zip", "application/zip", "attachment"),
        ("a.bin", "application/octet-stream", "attachment"),
        ("a", "application/octet-stream", "attachment"),
    ],
)
def test_nothing_that_was_uploaded_runs_in_a_browser(
    ada: User, key: str, media_type: str, way: str
) -> None:
    """Active types are text; what is not shown safely is saved; scripts have no rights."""
    pid = begun(ada.client)
    entry = add(ada.client, pid, key, b"<script>alert(1)</script>")
    answer = ada.client.get(content(pid, key))
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"].partition(";")[0] == way
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert entry["mimetype"].partition("/")[0]


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("Römäns.txt", "filename*=UTF-8''R%C3%B6m%C3%A4ns.txt"),
        ('a"b\\c.txt', "filename*=UTF-8''a%22b%5Cc.txt"),
        ("x/y/plain.txt", 'filename="plain.txt"'),
        ("100%.txt", "filename*=UTF-8''100%25.txt"),
    ],
)
def test_a_file_is_saved_under_its_name(ada: User, key: str, wanted: str) -> None:
    """In the form that every browser reads; of a path its last part."""
    pid = begun(ada.client)
    add(ada.client, pid, key)
    disposition = ada.client.get(content(pid, key)).headers["Content-Disposition"]
    assert disposition.endswith(wanted)


def test_lost_bytes_are_not_given_as_a_whole_file(server: Running, ada: User) -> None:
    """A blob that was cut short: the answer breaks off, so that the client hears of it."""
    pid = filed(ada.client, "lost bytes")
    [blob] = [
        each
        for each in (server.data / "blobs").rglob("*")
        if each.is_file() and each.read_bytes() == b"lost bytes"
    ]
    try:
        blob.write_bytes(b"lost")
        with pytest.raises(httpx.RemoteProtocolError):
            ada.client.get(content(pid, "lost bytes", published=True))
    finally:
        blob.write_bytes(b"lost bytes")
