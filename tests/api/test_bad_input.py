"""Bad input: always a 4xx that says what is wrong and where, and nothing is stored."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api import asking, raw
from tests.api.asking import API, User
from tests.running import Running

LIMIT = 10 << 20
DONE_TO_IT = ("\\ndomain.errors.Damaged: ", '"error":"QueryCanceled: canceling')


@pytest.fixture(scope="module")
def stored(server: Running) -> Iterator[Callable[[], tuple[int, int]]]:
    """How many events and objects there are."""
    with asking.watched(server) as count:
        yield count


@pytest.fixture(autouse=True)
def nothing_is_stored(
    stored: Callable[[], tuple[int, int]], action: int, number: int
) -> Iterator[None]:
    """No test of this module leaves an event or an object."""
    before = stored()
    yield
    assert stored() == before


@pytest.fixture(scope="module")
def number(ada: User, action: int) -> int:
    """An object that every new version is refused for."""
    return asking.new_object(ada.client, action)


DATA = {
    "empty": ("", "JSON"),
    "cut off": ('{"a":', "JSON"),
    "a trailing comma": ('{"a":1,}', "line 1"),
    "single quotes": ("{'a':1}", "line 1"),
    "a comment": ('{"a":1 /* no */}', "line 1"),
    "a leading zero": ("[01]", "line 1"),
    "a plus sign": ("[+1]", "line 1"),
    "hexadecimal": ("[0x1]", "line 1"),
    "two values": ("1 2", "line 1"),
    "NaN": ('{"a":NaN}', "NaN"),
    "Infinity": ('{"a":[Infinity]}', "Infinity"),
    "minus Infinity": ('{"a":-Infinity}', "Infinity"),
    "a number beyond doubles": ('{"a":1e999}', "line 1"),
    "an integer of 65 bits": ('{"a":18446744073709551616}', "64 bits"),
    "a negative integer of 65 bits": ('{"a":-9223372036854775809}', "64 bits"),
    "an integer of 5,000 digits": ('{"a":' + "9" * 5000 + "}", "line 1"),
    "repeated keys": ('{"a":1,"a":2}', '"a"'),
    "repeated keys deep inside": ('{"x":[{"a":{"b":1,"c":2,"b":1}}]}', "data -> x -> 0 -> a -> b"),
    "keys repeated by an escape": (r'{"a":1,"\u0061":2}', '"a"'),
    "a lone high surrogate": (r'{"a":"\ud800"}', "surrogate"),
    "a lone low surrogate": (r'{"a":"x\udc00y"}', "surrogate"),
    "a lone surrogate in a key": (r'{"\udfff":1}', "surrogate"),
    "NUL in text": (r'{"a":"x\u0000y"}', "NUL"),
    "NUL in a key": (r'{"x\u0000y":1}', "NUL"),
    "a raw control character": ('{"a":"\x01"}', "line 1"),
    "a raw line feed in text": ('{"a":"\n"}', "line 1"),
    "a raw NUL": ("\x00", "line 1"),
    "null": ("null", "data"),
}


def _refused(answer: httpx.Response, said: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert said in answer.json()["message"]
    assert set(answer.json()) <= {"message", "error_paths"}


@pytest.mark.parametrize(("data", "said"), DATA.values(), ids=DATA.keys())
def test_a_document_that_is_not_sound_json_is_refused(
    ada: User, action: int, number: int, data: str, said: str
) -> None:
    """As a new object and as a version, with what is wrong and where."""
    _refused(asking.post(ada.client, f"{API}/objects/", data, action_id=action), said)
    _refused(asking.post(ada.client, f"{API}/objects/{number}/versions/", data), said)


@pytest.mark.parametrize("byte", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
def test_bytes_that_are_not_utf8_are_refused(ada: User, action: int, byte: bytes) -> None:
    """Overlong forms and encoded surrogates too."""
    answer = asking.post(ada.client, f"{API}/objects/", b'"' + byte + b'"', action_id=action)

    _refused(answer, "UTF-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_json_in_another_encoding_is_refused(ada: User, action: int, encoding: str) -> None:
    """UTF-8 without a byte order mark, as RFC 8259 has it."""
    body = f'{{"action_id":{action},"data":{{}}}}'.encode(encoding)

    _refused(ada.client.post(f"{API}/objects/", content=body), "JSON")


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_nesting_past_a_hundred_levels_is_refused(
    ada: User, action: int, opening: str, depth: int
) -> None:
    """The body is the first level, so a hundred inside it are one too many."""
    data = opening * depth + "1" + {"[": "]"}.get(opening, "}") * depth

    _refused(asking.post(ada.client, f"{API}/objects/", data, action_id=action), "")


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null", "true", "", " "])
@pytest.mark.parametrize("path", ["/objects/", "/objects/{}/versions/"])
def test_a_body_that_is_no_object_is_refused(ada: User, number: int, path: str, body: str) -> None:
    """Whatever other JSON it is, or none."""
    _refused(ada.client.post(API + path.format(number), content=body.encode()), "JSON")


@pytest.mark.parametrize("body", ["[]", "1", "null", "{}", '{"name":"x","name":"y"}', ""])
def test_a_body_that_is_no_action_is_refused(admin: User, body: str) -> None:
    """The same for administrators."""
    _refused(admin.client.post(f"{API}/actions/", content=body.encode()), "")


@pytest.mark.parametrize(
    "members",
    [
        '"action_id":1,"action_id":{}',
        '"action_id":{},"data":1',
        '"action_id":{},"\\u0064ata":1',
    ],
)
def test_a_member_that_comes_twice_is_refused(ada: User, action: int, members: str) -> None:
    """Nobody can say which one was meant."""
    body = "{" + members.replace("{}", str(action)) + ',"data":{}}'

    _refused(ada.client.post(f"{API}/objects/", content=body.encode()), "repeated")


@pytest.mark.parametrize(
    "action_id",
    ["999999", "0", "-1", "true", "null", '"1"', "1.0", "[1]", "{}", str(2**63), str(2**64 - 1)],
)
def test_an_action_that_is_none_is_refused(ada: User, action_id: str) -> None:
    """Of the wrong type, unknown, or beyond what a database counts."""
    body = f'{{"action_id":{action_id},"data":{{}}}}'.encode()

    _refused(ada.client.post(f"{API}/objects/", content=body), "action")


@pytest.mark.parametrize("member", ["version_id", "object_id", "action_id"])
@pytest.mark.parametrize("value", [str(2**63), str(2**64 - 1), str(-(2**63)), "1e300", "{}"])
def test_an_expectation_of_any_size_is_only_refused(
    ada: User, number: int, member: str, value: str
) -> None:
    """It is compared, never counted with."""
    body = f'{{"{member}":{value},"data":{{}}}}'.encode()

    _refused(ada.client.post(f"{API}/objects/{number}/versions/", content=body), "")


# Schemas.


def _bomb() -> dict[str, Any]:
    """Ten definitions, each of which refers ten times to the next."""
    each = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 10} for n in range(10)}
    return {"$ref": "#/$defs/d0", "$defs": {**each, "d10": {"type": "object"}}}


SCHEMAS: dict[str, tuple[Any, str]] = {
    "a type that is none": ({"type": "thing"}, "thing"),
    "a keyword of the wrong type": ({"properties": []}, "properties"),
    "a remote reference": ({"$ref": "http://127.0.0.1:1/schema.json"}, "$ref"),
    "a reference to a file": ({"$ref": "file:///etc/passwd"}, "$ref"),
    "a relative reference": ({"properties": {"a": {"$ref": "other.json"}}}, "$ref"),
    "a reference to nothing": ({"$ref": "#/$defs/none"}, "$ref"),
    "a reference to itself": ({"$ref": "#"}, "refers to itself"),
    "a draft that nobody knows": ({"$schema": "http://127.0.0.1:1/draft"}, "$schema"),
    "look-ahead": ({"pattern": "^(?=a)b"}, "pattern"),
    "look-behind": ({"pattern": "(?<!a)b"}, "pattern"),
    "a back-reference": ({"pattern": r"(a)\1"}, "pattern"),
    "a pattern that does not end": ({"pattern": "("}, "pattern"),
    "a pattern that counts too far": ({"pattern": "(((a{99}){99}){99}){99}"}, "pattern"),
    "a bomb": (_bomb(), "100,000"),
}


@pytest.mark.parametrize(("schema", "said"), SCHEMAS.values(), ids=SCHEMAS.keys())
def test_a_schema_that_cannot_be_used_is_refused(admin: User, schema: Any, said: str) -> None:
    """With the reason; nothing is fetched."""
    body = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": schema}

    _refused(admin.client.post(f"{API}/actions/", json=body), said)


def test_a_schema_past_a_mebibyte_is_refused_with_the_limit(admin: User) -> None:
    """413."""
    body = {
        "name": "x",
        "type": "sample",
        "schema_language": "json-schema",
        "schema": {"description": "x" * (1 << 20)},
    }

    _refused(admin.client.post(f"{API}/actions/", json=body), "1,048,576", 413)


def test_text_that_no_database_keeps_is_refused_in_an_action(admin: User) -> None:
    """NUL in the name, in the description and in the schema."""
    body = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": {}}

    for field in ({"name": "a\0b"}, {"description": "\0"}, {"schema": {"title": "\0"}}):
        _refused(admin.client.post(f"{API}/actions/", json=body | field), "NUL")


# Sizes and framing.


def test_a_body_past_the_limit_is_refused_and_the_refusal_is_heard(ada: User, action: int) -> None:
    """413 with the limit, and the connection serves the next request."""
    with httpx.Client(base_url=ada.client.base_url, headers=ada.client.headers) as client:
        body = b'{"action_id":%d,"data":"%b"}' % (action, b"x" * LIMIT)
        _refused(client.post(f"{API}/objects/", content=body), str(LIMIT), 413)
        assert client.get(f"{API}/users/me").status_code == 200


def test_a_chunked_body_past_the_limit_is_refused_and_the_refusal_is_heard(
    ada: User, action: int
) -> None:
    """The same where no length is said beforehand."""

    def pieces() -> Iterator[bytes]:
        yield b'{"action_id":%d,"data":"' % action
        for _ in range(LIMIT >> 16):
            yield b"x" * (1 << 16)
        yield b'"}'

    with httpx.Client(base_url=ada.client.base_url, headers=ada.client.headers) as client:
        _refused(client.post(f"{API}/objects/", content=pieces()), str(LIMIT), 413)
        assert client.get(f"{API}/users/me").status_code == 200


@pytest.mark.parametrize("path", [f"{API}/objects/", f"{API}/nothing", f"{API}/users/me"])
def test_a_refusal_that_needs_no_body_is_heard_all_the_same(
    nobody: httpx.Client, path: str
) -> None:
    """401, 404 and 405 come before 9 MiB are read: no reset in their place."""
    refused = nobody.post(path, content=b"x" * (9 << 20))

    assert refused.status_code in {401, 404, 405}
    assert list(refused.json()) == ["message"]


def test_a_body_that_claims_far_more_than_the_limit_is_refused(server: Running, ada: User) -> None:
    """Without waiting for what may never come."""
    request = raw.request("POST", f"{API}/objects/", ada.token, f"Content-Length: {1 << 40}")

    answer = raw.send(server, request + b"x" * 1000)

    assert answer.status == 413


DOCUMENT = b'{"action_id":%d,"data":{}}'
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n"
# How a whole, right document of LENGTH bytes is framed: headers, and how it is sent.
FRAMING = {
    "a length that is negative": ("Content-Length: -1", b"%b"),
    "a length that is no number": ("Content-Length: LENGTHx", b"%b"),
    "a length with a sign": ("Content-Length: +LENGTH", b"%b"),
    "a length of 400 digits": ("Content-Length: " + "9" * 400, b"%b"),
    "two lengths that differ": ("Content-Length: LENGTH\r\nContent-Length: 3", b"%b"),
    "two lengths in one field": ("Content-Length: LENGTH, 3", b"%b"),
    "a length and chunks": ("Content-Length: LENGTH\r\nTransfer-Encoding: chunked", CHUNKED),
    "chunked twice": ("Transfer-Encoding: chunked, chunked", CHUNKED),
    "chunked, but not last": ("Transfer-Encoding: chunked, gzip", CHUNKED),
    "chunked after another": ("Transfer-Encoding: gzip, chunked", CHUNKED),
    "an encoding that is unknown": ("Transfer-Encoding: br", b"%b"),
    "a chunk size that is no number": ("Transfer-Encoding: chunked", b"x" + CHUNKED),
    "a chunk size that is negative": ("Transfer-Encoding: chunked", b"-" + CHUNKED),
    "a chunk size with 0x": ("Transfer-Encoding: chunked", b"0x" + CHUNKED),
    "a chunk without its end": ("Transfer-Encoding: chunked", b"%x\r\n%bXX0\r\n\r\n"),
    "a second Host": ("Host: elsewhere\r\nContent-Length: LENGTH", b"%b"),
    "the same Host again": ("Host: localhost\r\nContent-Length: LENGTH", b"%b"),
    "a space before the colon": ("Content-Length : LENGTH", b"%b"),
    "a folded header": ("X-One: 1\r\n two\r\nContent-Length: LENGTH", b"%b"),
    "NUL in a header": ("X-One: a\0b\r\nContent-Length: LENGTH", b"%b"),
    "an encoded body": ("Content-Encoding: gzip\r\nContent-Length: LENGTH", b"%b"),
}


@pytest.mark.parametrize(("headers", "framed"), FRAMING.values(), ids=FRAMING.keys())
def test_a_request_that_can_be_read_two_ways_is_refused(
    server: Running, ada: User, action: int, headers: str, framed: bytes
) -> None:
    """A heard 4xx; nothing is stored, and nothing that follows is taken for another request."""
    before = asking.stored(server)
    document = DOCUMENT % action
    body = framed % ((len(document), document) if b"%x" in framed else document)
    lines = headers.replace("LENGTH", str(len(document)))
    hidden = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    request = raw.request("POST", f"{API}/objects/", ada.token, lines, body=body)

    answer = raw.send(server, request)
    followed = raw.send(server, request + hidden)

    assert 400 <= answer.status < 500
    assert 400 <= followed.status < 500
    assert b'"status":"ok"' not in followed.body
    assert asking.stored(server) == before


def test_chunks_in_http_1_0_are_refused(server: Running, ada: User, action: int) -> None:
    """A server of its time would take their framing for the body."""
    document = DOCUMENT % action
    body = CHUNKED % (len(document), document)
    chunked = "Transfer-Encoding: chunked"
    request = raw.request("POST", f"{API}/objects/", ada.token, chunked, body=body)

    answer = raw.send(server, request.replace(b"HTTP/1.1", b"HTTP/1.0"))

    assert answer.status == 400


@pytest.mark.parametrize("flood", ["a trailer", "an extension"])
def test_a_body_without_an_end_is_refused(server: Running, ada: User, flood: str) -> None:
    """431, before what is no body has taken memory that matters."""
    begins = {"a trailer": b"2\r\n{}\r\n0\r\nA: ", "an extension": b"2;a="}[flood]
    chunked = "Transfer-Encoding: chunked"
    request = raw.request("POST", f"{API}/objects/", ada.token, chunked, body=begins)

    answer = raw.send(server, request + b"a" * (2 << 20))

    assert answer.status == 431


@pytest.mark.parametrize("framing", ["length", "chunk", "chunks", "last chunk"])
def test_a_body_that_breaks_off_is_not_stored(
    server: Running, ada: User, action: int, framing: str
) -> None:
    """What came is a whole document; its writer may have wanted to say more."""
    document = b'{"action_id":%d,"data":{}}' % action
    headers, body = {
        "length": (f"Content-Length: {len(document) + 1}", document),
        "chunk": ("Transfer-Encoding: chunked", b"%x\r\n%b" % (len(document) + 1, document)),
        "chunks": ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (len(document), document)),
        "last chunk": (
            "Transfer-Encoding: chunked",
            b"%x\r\n%b\r\n0\r\n" % (len(document), document),
        ),
    }[framing]
    request = raw.request("POST", f"{API}/objects/", ada.token, headers, body=body)

    answer = raw.send(server, request, ends=True)

    assert answer.status in {0, 400}  # 0: the client is gone, nobody can be told
    time.sleep(0.2)  # what could be stored would be by now


def test_a_request_without_a_host_is_refused(server: Running, ada: User) -> None:
    """HTTP/1.1 needs one."""
    request = raw.request("GET", f"{API}/users/me", ada.token)

    answer = raw.send(server, request.replace(b"Host: localhost\r\n", b""))

    assert answer.status == 400


# Addresses and headers.

PLACES = ["/objects/{}", "/objects/{}/versions/0", "/objects/1/versions/{}", "/actions/{}"]
NAMES = {
    "NUL": "%00",
    "NUL after a number": "1%00",
    "a line feed": "1%0A",
    "a space": "%20",
    "a slash": "1%2F2",
    "a percent sign alone": "%",
    "half an encoding": "%4",
    "no encoding": "%zz",
    "bytes that are not UTF-8": "%ff%fe",
    "an encoded surrogate": "%ed%a0%80",
    "an overlong form": "%c0%af",
    "another script's digit": quote("١"),  # noqa: RUF001
    "a full-width digit": quote("１"),  # noqa: RUF001
    "way up": "..%2f..",
    "a template": "{object_id}",
    "markup": "%3Cscript%3E",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
@pytest.mark.parametrize("place", PLACES)
def test_an_address_that_names_nothing_is_not_found(
    server: Running, ada: User, place: str, name: str
) -> None:
    """4xx in JSON, byte for byte as it was sent."""
    answer = raw.send(server, raw.request("GET", API + place.format(name), ada.token))

    assert answer.status in {400, 404}
    assert list(json.loads(answer.body)) == ["message"]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_an_address_that_names_nothing_takes_no_version(
    server: Running, ada: User, name: str
) -> None:
    """The same where a thread would write."""
    request = raw.request(
        "POST",
        f"{API}/objects/{name}/versions/",
        ada.token,
        "Content-Length: 11",
        body=b'{"data":{}}',
    )

    answer = raw.send(server, request)

    assert answer.status in {400, 404}
    assert list(json.loads(answer.body)) == ["message"]


QUERIES = [
    "action_id=%00",
    "action_id=%ff",
    "action_id=%",
    "action_id=%D9%A1",
    "action_type=%00",
    "action_type=%ff",
    "action_type=" + "9" * 4000,
    "action_id=" + "9" * 4000,
    "action_id=1_0",
    "action_id=+1",
    "q=%ed%a0%80",
]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_filter_that_cannot_be_is_refused(server: Running, ada: User, query: str) -> None:
    """400 in JSON, whatever its bytes are."""
    answer = raw.send(server, raw.request("GET", f"{API}/objects/?{query}", ada.token))

    assert answer.status == 400
    assert list(json.loads(answer.body)) == ["message"]


@pytest.mark.parametrize(
    "query", ["limit=%00", "offset=%ff", "%00=%00", "%ff", "=", "&&&", "x=%ed%a0%80", "name_only="]
)
def test_a_query_that_says_nothing_here_is_ignored(server: Running, ada: User, query: str) -> None:
    """Any bytes; the list comes."""
    answer = raw.send(server, raw.request("GET", f"{API}/objects/?limit=1&{query}", ada.token))

    assert answer.status == 200


@pytest.mark.parametrize("target", ["/\xff", "/api/v1/objects/?q=\xff", "/api v1", "", "*", "\0"])
def test_a_target_that_is_no_address_is_refused(server: Running, ada: User, target: str) -> None:
    """4xx."""
    assert 400 <= raw.send(server, raw.request("GET", target, ada.token)).status < 500


CREDENTIALS = [
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic " + b64encode(b"nocolon").decode(),
    "Basic " + b64encode(b"a\0b:secret").decode(),
    "Basic " + b64encode(b"ad\xffa:secret").decode(),
    "Basic " + b64encode(b":").decode(),
    "Basic " + b64encode(b"x" * 3000 + b":y").decode(),
    "Basic " + b64encode("ada\ud800:x".encode("utf-8", "surrogatepass")).decode(),
    "Bearer",
    "Bearer ",
    "Bearer \xff\xfe",
    "Bearer a b c",
    "Digest username=ada",
    "\xff",
    "",
]


@pytest.mark.parametrize("shown", CREDENTIALS, ids=range(len(CREDENTIALS)))
def test_a_credential_that_cannot_be_read_is_refused(server: Running, shown: str) -> None:
    """401 in JSON with the challenge."""
    request = (
        f"GET {API}/users/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: {shown}\r\n\r\n"
    )

    answer = raw.send(server, request.encode("latin-1"))

    assert answer.status == 401
    assert "www-authenticate" in answer.head.lower()
    assert list(json.loads(answer.body)) == ["message"]


@pytest.mark.parametrize("token", ["%00", "%ff", "%", "", "%ed%a0%80", "%F0%9F%98%80"])
def test_a_token_in_the_query_that_cannot_be_read_is_refused(server: Running, token: str) -> None:
    """401, whatever its bytes are."""
    request = (
        f"GET {API}/users/me?access_token={token} HTTP/1.1\r\n"
        "Host: localhost\r\nConnection: close\r\n\r\n"
    )

    assert raw.send(server, request.encode()).status == 401


@pytest.mark.parametrize(
    "header",
    [
        "If-None-Match: \xff",
        'If-None-Match: "',
        "If-None-Match: ,,,",
        "Accept: \xff",
        "Range: bytes=0-1",
        "If-Modified-Since: yesterday",
        "Cookie: \xff=\xfe",
        "Content-Type: \xff",
        "X-Forwarded-For: \xff",
        "Referer: \xff",
        "User-Agent: \xff",
    ],
)
def test_a_header_that_says_nothing_here_is_ignored(
    server: Running, ada: User, number: int, header: str
) -> None:
    """Any bytes; the version comes."""
    request = raw.request("GET", f"{API}/objects/{number}/versions/0", ada.token, header)

    assert raw.send(server, request).status == 200


@pytest.mark.parametrize("path", ["/", f"{API}/objects/", "/objects/1/versions/0", "/health"])
def test_a_websocket_is_refused(server: Running, ada: User, path: str) -> None:
    """403 in place of the handshake's end, wherever it is asked for; there are none here."""
    handshake = (
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    request = raw.request("GET", path, ada.token, *handshake)

    answer = raw.send(server, request.replace(b"Connection: close", b"Connection: Upgrade"))

    assert answer.status == 403
    assert ada.client.get(f"{API}/users/me").status_code == 200


def test_an_upgrade_that_is_not_known_is_ignored(server: Running, ada: User) -> None:
    """An answer in HTTP/1.1 to a client that offers HTTP/2."""
    offer = ("Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
    request = raw.request("GET", f"{API}/users/me", ada.token, *offer)
    upgrade = b"Connection: close, Upgrade, HTTP2-Settings"

    answer = raw.send(server, request.replace(b"Connection: close", upgrade))

    assert answer.status == 200


def test_a_head_without_an_end_is_refused(server: Running, ada: User) -> None:
    """431, before it has taken memory that matters."""
    lines = (f"X-{number}: {'a' * 4000}" for number in range(500))

    answer = raw.send(server, raw.request("GET", f"{API}/users/me", ada.token, *lines)[:-4])

    assert answer.status == 431


def test_nothing_above_was_a_failure_of_the_service(server: Running) -> None:
    """The log, which has the requests of every test so far, has no error and no 500.

    But for what tests have done to it: they damage files, of which what is being sent ends there,
    with a traceback, and cancel a statement in the database, for which the answer is 503.
    """
    lines = server.log.read_text().splitlines()
    faults = [line for line in lines if '"error":' in line or '"status":500' in line]

    assert [line for line in faults if not any(each in line for each in DONE_TO_IT)] == []
    assert [line for line in lines if line.startswith("Traceback")] == []
