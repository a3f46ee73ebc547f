"""Replay: an object's life and the log, as people and as programs want them."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from contextlib import suppress
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from random import Random
from time import sleep
from typing import Any, NamedTuple
from uuid import UUID

import jsonpatch
import pytest

from api.feed import positions
from domain.access import EVERYONE, Level
from domain.account import AccountCreated
from domain.commands import communities, inclusions, objects
from domain.commands.communities import Face
from domain.group import Policies
from domain.identifiers import account_id
from domain.log import Session
from domain.mapper import read_entry
from domain.record import Record
from domain.values import Access, Body
from projections import lives
from projections.audit import reading
from projections.narration import narrate
from projections.replay import replay
from tests.projections.tables import owner
from tests.running import COMMAND, cli, command, environment
from tests.writing import actor, create, live, log_on, publish

DOCUMENTS = (
    b'{"title":"Tin","notes":["a","b"],"grams":1}',
    b'{"title":"Copper <b>\xc2\x9b31m",\n"notes":["c","a","b"]}',
    b'{"title":"Lead","notes":["c","a","b"]}',
)


class Written(NamedTuple):
    """A log, and in it an object with a life."""

    url: str
    record: Record


@pytest.fixture(scope="module")
def written(database: str) -> Written:
    """Three versions, opened and closed between them; much else around it."""
    with log_on(database) as log:
        ada = log.run(actor(), _account)
        me = actor(ada)
        record = log.run(me, create, DOCUMENTS[0])
        log.run(actor(), live, Random(1), {})
        log.run(me, publish, record.id, DOCUMENTS[1])
        log.run(me, _grant, record.id, Level.VIEW)
        log.run(me, _open, record.id)
        log.run(me, _grant, record.id, Level.NONE)
        log.run(actor(), live, Random(2), {})
        record = log.run(me, publish, record.id, DOCUMENTS[2])
    return Written(database, record)


def _account(session: Session, name: str = "ada \x1b[1m<i>") -> UUID:
    number = session.heads.draw("account")
    made = AccountCreated(number=number, name=name, admin=False)
    return session.begin(account_id(made.name), made).id


def _grant(session: Session, record: UUID, level: Level) -> None:
    found = session.find(Record, id=record)
    assert found is not None
    objects.grant(session, found, EVERYONE, level)


def _open(session: Session, record: UUID) -> None:
    found = session.find(Record, id=record)
    assert found is not None
    objects.change_access(session, found, Access(record="public"))


TOPICS = [
    *("family.created", "record.created", "record.published", "record.published"),
    *("family.permission-granted", "record.access-changed", "family.permission-revoked"),
    "record.published",
]


def lines(written: Written, *words: str) -> list[dict[str, Any]]:
    """The life as JSON lines."""
    shown = cli("replay", written.record.pid, "--format", "jsonl", *words, DATABASE_URL=written.url)
    assert shown.returncode == 0, shown.stderr
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_a_life_as_json_lines_has_each_event_and_the_state_after_it(written: Written) -> None:
    """In order, of record and family and nothing else; the document as it is."""
    told = lines(written)

    assert [each["topic"] for each in told] == TOPICS
    assert {each["account"] for each in told} == {"ada \x1b[1m<i>"}
    assert {each["via"] for each in told} == {"test"}
    versions = [each for each in told if each["topic"] == "record.published"]
    assert [each["changed"]["version"] for each in versions] == [0, 1, 2]
    assert [each["state"]["document"] for each in versions] == [json.loads(d) for d in DOCUMENTS]
    assert told[4]["changed"]["level"] == "view"
    assert told[4]["state"]["grants"][str(EVERYONE)] == "view"
    assert told[5]["state"]["access"] == {"record": "public", "files": "restricted"}
    assert str(EVERYONE) not in told[6]["state"]["grants"]


def test_each_narrated_patch_makes_the_next_document(written: Written) -> None:
    """Applied by the library, one after the other."""
    with reading(written.url) as conn:
        steps = list(replay(conn, lives.find(conn, written.record.pid), None))
    patches = [
        narrate(each.position, each.entry, each.before, each.document_before).patch
        for each in steps
    ]

    held = json.loads(DOCUMENTS[0])
    for patch, wanted in zip([each for each in patches if each], DOCUMENTS[1:], strict=True):
        held = jsonpatch.apply_patch(held, patch)
        assert held == json.loads(wanted)


def test_until_a_version_ends_with_its_publishing(written: Written) -> None:
    """What happened between it and the next version is after it."""
    assert [each["topic"] for each in lines(written, "--until", "1")] == TOPICS[:4]


def test_until_an_instant_has_what_was_recorded_by_then(written: Written) -> None:
    """To the microsecond; an instant to come has all."""
    told = lines(written)
    at = told[5]["recorded_at"]
    whole = lines(written, "--until", "2999-01-01")

    assert lines(written, "--until", at) == told[:6]
    assert whole == told
    with reading(written.url) as conn:
        life = lives.find(conn, written.record.pid)
        moment = written.record.recorded_at - timedelta(microseconds=1)
        assert len(list(replay(conn, life, moment))) == len(TOPICS) - 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("999999",), "There is no object 999999."),
        (("{pid}", "--until", "3"), "This object has no version 3."),
        (("{pid}", "--until", "2001-01-01"), "This object had not begun by then."),
        (("{pid}", "--until", "yesterday"), "--until is malformed"),
        (("--all", "--since", "nowhere"), "This is no position"),
        (("--all", "--since", positions.token(7)), "it is another log's"),
        (("--all", "--since", "7"), "it is another log's"),
    ],
)
def test_what_there_is_not_is_refused_in_a_line(
    written: Written, words: tuple[str, ...], message: str
) -> None:
    """Exit code 1, nothing on standard output."""
    refused = cli(
        *("replay", *(each.format(pid=written.record.pid) for each in words)),
        *("--format", "html") if "--all" not in words else (),
        DATABASE_URL=written.url,
    )

    assert (refused.returncode, refused.stdout) == (1, "")
    assert message in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_life_as_text_shows_what_went_and_what_came(written: Written) -> None:
    """No colour and no control character where no terminal is: neither ours nor a document's."""
    number = str(written.record.number)
    shown = cli("replay", number, DATABASE_URL=written.url).stdout

    assert [
        line.split("  ")[1].split(":")[0] for line in shown.splitlines() if line[:1] == "2"
    ] == (TOPICS)
    assert '\n  - /title  "Tin"\n' in shown
    assert "\n  - /grams  1\n" in shown
    assert '\n  + /notes/0  "c"\n' in shown
    assert "\n  level: none → view\n" in shown
    assert '\n      "title": "Lead",\n' in shown
    assert "ada \\x1b[1m<i>" in shown
    assert all(each == "\n" or each.isprintable() for each in shown)


def test_a_life_tells_what_communities_are_called(written: Written) -> None:
    """When it came into one and when it left, and who held what between."""
    with log_on(written.url) as log:
        me = actor(log.run(actor(), _account, "cara"))
        record = log.run(me, create, DOCUMENTS[0])
        face = Face(Policies(), Body(b'{"title":"Tin cans"}'), "Tin cans")
        log.run(me, communities.create, "tin-cans", face)
        log.run(me, inclusions.include, record.pid, ["tin-cans"])
        log.run(me, inclusions.exclude, record.pid, ["tin-cans"])

    shown = cli("replay", record.pid, DATABASE_URL=written.url).stdout

    assert shown.count("\n  community: Tin cans\n") == 2
    assert shown.count("Tin cans edit") == 1


@pytest.mark.parametrize("form", ["text", "html"])
def test_the_state_after_an_event_has_numbers_as_they_are_spelled(
    written: Written, form: str
) -> None:
    """1.00 is not 1.0, and no digit is lost, at any depth."""
    spelled = ("1.00", "0.12345678901234567890123", "1E400", "-0", "123456789012345678901234567890")
    with log_on(written.url) as log:
        body = f'{{"value":1.00,"deeper":[{{"values":[{",".join(spelled)}]}}]}}'
        record = log.run(actor(), create, body.encode())
    shown = cli("replay", record.pid, "--format", form, DATABASE_URL=written.url).stdout
    rows = [row.strip().rstrip(",") for row in unescape(shown).splitlines()]

    assert '"value": 1.00' in rows
    assert [row for row in rows if row in spelled] == list(spelled)


FORGED = "Tin\u2028  by root through cli\u0085\u202egnp.\u2066"  # lines of its own, and backwards


@pytest.mark.parametrize("form", ["text", "html"])
def test_a_document_forges_nothing_of_what_is_shown_around_it(written: Written, form: str) -> None:
    """It ends no line of what is shown and turns no direction, whatever alphabet's marks it has."""
    with log_on(written.url) as log:
        record = log.run(
            actor(), create, json.dumps({"title": FORGED}, ensure_ascii=False).encode()
        )
        log.run(actor(), publish, record.id)
    shown = cli("replay", record.pid, "--format", form, DATABASE_URL=written.url).stdout

    assert all(each == "\n" or each.isprintable() for each in shown)
    assert not [row for row in shown.splitlines() if row.startswith("  by root through cli")]
    assert shown.count(r"Tin\u2028  by root through cli\x85\u202egnp.\u2066") == 2
    if form == "html":
        assert " <bdi>/title</bdi> <bdi>" in shown


def test_a_life_is_shown_whatever_the_encoding_of_standard_output(written: Written) -> None:
    """What it has no characters for is escaped; nothing fails half way."""
    more = {"DATABASE_URL": written.url, "PYTHONIOENCODING": "ascii"}
    shown = command("replay", written.record.pid, **more)

    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\n  level: none \\u2192 view\n" in shown.stdout


def test_on_a_terminal_the_changes_have_colours(written: Written) -> None:
    """Red and green, seen through a pseudo-terminal."""
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "replay", written.record.pid],
        stdout=terminal,
        env=environment(DATABASE_URL=written.url, TERM="xterm"),
    ):
        os.close(terminal)
        seen = b""
        with suppress(OSError):  # the other end was closed
            while part := os.read(master, 1 << 16):
                seen += part
        os.close(master)

    assert b"\x1b[31m  - /title" in seen
    assert b"\x1b[32m  + /title" in seen


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Enter an element."""
        self.all.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def test_a_life_as_a_page_needs_nothing_else(written: Written) -> None:
    """One well-formed page: no script, no address, nothing of a document read as markup."""
    shown = cli("replay", written.record.pid, "--format", "html", DATABASE_URL=written.url)
    page = Reader()
    page.feed(shown.stdout)

    tags = [tag for tag, _ in page.all]
    assert page.open == []
    assert {"script", "link", "img", "iframe", "b", "i"}.isdisjoint(tags)
    assert not {"src", "href"} & {name for _, attributes in page.all for name in attributes}
    assert not re.search(r"url\(|@import|https?:", shown.stdout)
    assert tags.count("article") == len(TOPICS)
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert ("html", {"lang": "en"}) in page.all
    assert "Copper <b>" in page.text
    assert [attributes["datetime"] for tag, attributes in page.all if tag == "time"] == [
        each["recorded_at"] for each in lines(written)
    ]


def test_verify_passes_an_untouched_object_and_names_what_differs(written: Written) -> None:
    """The life is shown all the same; another object's rows are none of its business."""
    words = ("replay", written.record.pid, "--verify")
    good = cli(*words, DATABASE_URL=written.url)
    with owner(written.url) as conn:
        change = "UPDATE view.versions SET body = %s WHERE record = %s AND number = 1"
        conn.execute(change, [b"{}", written.record.id])
        conn.execute("UPDATE view.names SET value = 'Lead'")
        try:
            bad = cli(*words, DATABASE_URL=written.url)
        finally:
            conn.execute(change, [DOCUMENTS[1], written.record.id])

    assert (good.returncode, good.stderr) == (0, "")
    assert (bad.returncode, bad.stdout) == (1, good.stdout)
    assert bad.stderr == (
        f"row-changed: view versions, record {written.record.id}, number 1:"
        " the log says otherwise in body. Mend: muniment rebuild versions\n"
    )


def settle(written: Written) -> None:
    """Wait until all events are below the horizon, whoever else works on the server."""
    with owner(written.url) as conn:
        while conn.execute(
            "SELECT FROM es.event WHERE position >="
            " (txid_snapshot_xmin(txid_current_snapshot()) + es.txid_offset()) << 20"
        ).fetchone():
            sleep(0.01)


def test_all_streams_the_log_in_order_and_goes_on_after_a_position(written: Written) -> None:
    """One line an event, line ends in documents or not; nothing secret."""
    settle(written)
    shown = cli("replay", "--all", DATABASE_URL=written.url)
    lines = shown.stdout.split("\n")  # what else ends a line somewhere may stand in a text
    told = [json.loads(line) for line in lines[:-1]]
    with owner(written.url) as conn:
        stored = conn.execute(
            "SELECT stream, version, topic, recorded_at, state, position FROM es.event"
            " ORDER BY position"
        ).fetchall()

    assert [(UUID(each["stream"]), each["version"]) for each in told] == [row[:2] for row in stored]
    bodies = [getattr(read_entry(*row[:5]).event, "body", b"null") for row in stored]
    assert [each["state"]["event"].get("body") for each in told] == [
        json.loads(bytes(body)) for body in bodies
    ]
    assert '"password"' not in shown.stdout.replace('"redacted":["password"]', "")
    for since in (told[4]["id"], str(stored[4][5])):
        later = cli("replay", "--all", "--since", since, DATABASE_URL=written.url)
        assert later.stdout.split("\n") == lines[5:]


@pytest.mark.parametrize("words", [("--all",), ("{pid}", "--format", "jsonl", "--verify")])
def test_a_damaged_event_ends_it_with_a_line_that_names_it(
    written: Written, words: tuple[str, ...]
) -> None:
    """What stands before it is shown; with --verify the damage is told too."""
    settle(written)
    record, version = written.record.id, written.record.version
    where = "WHERE stream = %s AND version = %s"
    with owner(written.url) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        find = f"SELECT state, position FROM es.event {where}"
        row = conn.execute(find, [record, version]).fetchone()
        assert row is not None
        put = f"UPDATE es.event SET state = %s {where}"
        conn.execute(put, [b"[" + row[0], record, version])
        shown = cli(
            *("replay", *(each.format(pid=written.record.pid) for each in words)),
            DATABASE_URL=written.url,
        )
        conn.execute(put, [row[0], record, version])
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")

    assert shown.returncode == 1
    assert shown.stderr.endswith(
        f"muniment: Event {version} of the stream {record}, at position {row[1]}, is damaged;"
        " see muniment audit.\n"
    )
    assert ("digest: " in shown.stderr) == ("--verify" in words)
    assert len(shown.stdout.splitlines()) >= len(TOPICS) - 1


@pytest.mark.parametrize("words", [("--all",), ("{pid}",), ("{pid}", "--format", "html")])
def test_a_reader_that_leaves_early_is_no_failure(written: Written, words: tuple[str, ...]) -> None:
    """Nothing on standard error."""
    with log_on(written.url) as log:
        big = log.run(actor(), create, b'"' + b"x" * 500_000 + b'"')
    named = [each.format(pid=big.pid) for each in words]
    assert _left_early(written, *named) == (0, b"")


def test_a_reader_that_leaves_early_hides_no_difference(written: Written) -> None:
    """Exit code 1, and the difference on standard error, though nobody reads the life."""
    with log_on(written.url) as log:
        big = log.run(actor(), create, b'"' + b"x" * 500_000 + b'"')
    with owner(written.url) as conn:
        change = "UPDATE view.versions SET schema_version = %s WHERE record = %s"
        conn.execute(change, [9, big.id])
        try:
            code, told = _left_early(written, big.pid, "--verify")
        finally:
            conn.execute(change, [1, big.id])

    assert code == 1
    assert told.startswith(b"row-changed: view versions")


def _left_early(written: Written, *words: str) -> tuple[int, bytes]:
    """Stop reading after ten bytes. Returns the exit code and what was said of it."""
    process = subprocess.Popen(
        [*COMMAND, "replay", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(DATABASE_URL=written.url),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    return process.returncode, said


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("1", "--all"),
        ("--all", "--verify"),
        ("--all", "--format", "html"),
        ("1", "--since", "3"),
    ],
)
def test_words_that_do_not_go_together_are_refused(words: tuple[str, ...]) -> None:
    """As a wrong use, before a database is looked for."""
    assert cli("replay", *words).returncode == 2
