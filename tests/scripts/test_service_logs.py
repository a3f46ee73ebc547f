"""The log of a service: every line is JSON, and none says a secret, whoever quotes it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from setproctitle import getproctitle, setproctitle

from scripts import service_logs

OURS = "jtiJfGfE9W36EARwNwO9sFOFFN3x-IG09CGWoAwY8e4"
DIES = """
import threading
from scripts import logs, service_logs
from scripts.children import Child

def work():
    thread = threading.Thread(target=lambda: 1 / 0, name="sealing")
    thread.start()
    thread.join()
    raise ValueError("token: s3cret")

service_logs.set_up()
child = Child("follower", work, lambda: None)
child.start()
while not child.ended():
    pass
assert child.code == 1
raise LookupError("password=s3cret")
"""


@pytest.fixture(autouse=True)
def named() -> Iterator[None]:
    """A process whose title says what it is; that of one that runs tests says which test."""
    before = getproctitle()
    setproctitle("muniment: test")
    yield
    setproctitle(before)


def line(message: str, error: BaseException | None = None) -> str:
    """The line of a record."""
    about = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, "%s", (message,), about)
    return service_logs.formatter().format(record)


@pytest.mark.parametrize(
    "text",
    [
        "access_token=s3cret",
        "token: s3cret",
        "Token : s3cret",
        'the body {"token":"s3cret"} was sent',
        'the body {"new_password" : "ab\\" s3cret"} was sent',
        "{'client_secret': 's3cret and s3cret'}",
        '"{\\"refresh_token\\": \\"s3cret\\"}"',
        "{b'api_key': b's3cret'}",
        "Authorization: Bearer s3cret",
        "Authorization: Basic s3cret==",
        "authorization: s3cret",
        "(b'authorization', b'Token s3cret')",
        '"Authorization": "Bearer s3cret"',
        "Bearer s3cret was not known",
        "GET https://data.example.org/objects?limit=1&access_token=s3cret HTTP/1.1",
        "https://data.example.org/oauth/device?user_code=s3cret",
        "https://ada:s3cret@git.example.org/kept.git",
        "https://s3cret@git.example.org/kept.git",
        "connection to host=db user=ada password='s3cret' failed",
        "Set-Cookie: session=s3cret; Path=/",
        "signed by whsec_s3cret",
    ],
)
def test_no_secret_is_said(text: str) -> None:
    """In a message, nor in what was raised; what stands around it stays."""
    for said in (line(f"It failed: {text}"), line("It failed", ValueError(text))):
        assert "s3cret" not in said
        assert "[redacted]" in json.loads(said).get("error", json.loads(said)["message"])
        assert "It failed" in said


def test_a_token_of_ours_is_not_said_whatever_stands_before_it() -> None:
    """It is known by what it looks like; ids and digests, which look alike, stay."""
    assert OURS not in line(f"Nobody has {OURS}.")
    for kept in ("0f" * 32, "0b7e4d3e-6a0c-4bd0-9c1c-0123456789ab", f"{'0f' * 16}-{'0f' * 8}"):
        assert kept in line(f"The blob {kept} is damaged.")


@pytest.mark.parametrize(
    "written",
    [
        lambda value: json.dumps({"token": value, "kept": 7}),
        lambda value: json.dumps(json.dumps({"token": value}))[1:-1],
        lambda value: repr({"password": value}),
        lambda value: repr({"password": value.encode()}),
        lambda value: f"/a?{urlencode({'access_token': value})}&kept=7",
    ],
)
@given(between=st.text())
def test_whatever_a_secret_is_nothing_of_it_is_said(
    written: Callable[[str], str], between: str
) -> None:
    """Also with quotes, backslashes and line ends in it, as each form writes them."""
    said = line(written(f"s3cret{between}t3rces"))

    assert "s3cret" not in said
    assert "t3rces" not in said


def test_what_postgresql_quotes_of_a_row_is_not_said(database: str) -> None:
    """Its DETAIL, however many lines the row has; its message and the rest of the traceback are."""
    row = "a diary\nof ada's\n\nHINT: private"
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TEMP TABLE kept (said text CHECK (said = 'tin'))")
        with pytest.raises(psycopg.errors.CheckViolation, match="private") as refused:
            conn.execute("INSERT INTO kept VALUES (%s)", [row])
    outer = LookupError("It could not be kept.")
    outer.__cause__ = refused.value

    for said in (line("It failed", outer), line(f"It failed: {refused.value}")):
        assert "violates check constraint" in said
        assert not any(each in said for each in ("diary", "ada", "private", "DETAIL"))
    assert "LookupError: It could not be kept." in json.loads(line("", outer))["error"]


@pytest.mark.parametrize(
    ("statement", "value", "stays"),
    [
        ("SELECT %s::text::integer", 'a diary\nof "ada\'s"\n\nprivate', "syntax for type integer"),
        ("SELECT %s::text::bigint", "31415926535897932384", "is out of range for type bigint"),
        ("SELECT %s::text::float8", "31415926535e999", "is out of range for type double"),
        ("SELECT %s::text::date", "2026-13-31415926535", "out of range"),
        ("SELECT %s::text::integer[]", "a diary", "malformed array literal"),
        ("SELECT %s::text::tsquery", "diary & ", "no operand in tsquery"),
        ("SELECT %s::text::jsonb", '{"a": diary}', "syntax for type json"),
        ("SELECT format('%%s', %s::text)::pg_temp.metal", "a diary", "value for enum"),
    ],
)
def test_a_value_that_postgresql_quotes_is_not_said(
    database: str, statement: str, value: str, stays: str
) -> None:
    """In a traceback, of which it is known, nor in a message that begins as these do."""
    error = _refused(database, statement, [value])

    for said in (line("It failed", error), line(f"It failed: {error}")):
        assert stays in said
        assert not any(each in said for each in ("diary", "ada", "private", "31415926535"))


@pytest.mark.parametrize(
    ("statement", "values", "stays"),
    [
        (
            "SELECT now() AT TIME ZONE %s",
            ["a diary"],
            "InvalidParameterValue: time zone [redacted]",
        ),
        ("DO $$ BEGIN EXECUTE 'SELECT 1/0 AS diary'; END $$", [], "division by zero"),
        ("SELECT 'a diary'::integer", [], "syntax for type integer"),
    ],
)
def test_a_traceback_says_nothing_of_a_statement(
    database: str, statement: str, values: list[str], stays: str
) -> None:
    """Whichever the message is, its CONTEXT and the LINE that is at fault."""
    said = line("It failed", _refused(database, statement, values))

    assert stays in said
    assert "diary" not in said


def test_the_names_of_tables_and_constraints_are_said(database: str) -> None:
    """They are ours, and tell what is wrong."""
    error = _refused(database, "INSERT INTO es.seal (size) VALUES (NULL)", [])

    said = json.loads(line("It failed", error))["error"]
    assert 'column "size" of relation "seal" violates not-null constraint' in said


def _refused(database: str, statement: str, values: list[str]) -> psycopg.Error:
    """Return how a statement is refused."""
    with psycopg.connect(database) as conn:
        conn.execute("CREATE TYPE pg_temp.metal AS ENUM ('tin')")
        with pytest.raises(psycopg.Error) as refused:
            conn.execute(statement, values or None)
    return refused.value


def test_what_ends_a_process_or_a_thread_is_a_line_too() -> None:
    """Of a child that is forked, and of the service itself: its traceback in JSON."""
    ended = subprocess.run([sys.executable, "-c", DIES], capture_output=True, text=True)

    lines = [json.loads(each) for each in ended.stderr.splitlines()]
    assert [each["message"] for each in lines] == [
        "The thread sealing ended.",
        "The follower cannot go on.",
        "The process ended.",
    ]
    assert [each["process"] for each in lines[:2]] == ["follower", "follower"]
    for each, kind in zip(lines, ("ZeroDivisionError", "ValueError", "LookupError"), strict=True):
        assert each["error"].startswith("Traceback (most recent call last)")
        assert kind in each["error"]
        assert "s3cret" not in each["error"].splitlines()[-1]
