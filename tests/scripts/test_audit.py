"""Audit: what somebody with every right on the database did to log or views is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from random import Random
from threading import Event, Thread
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import Level
from domain.commands import drafts, erasures
from domain.commands.accounts import OPERATOR
from domain.commands.erasures import Wanted
from domain.family import Family
from domain.log import Log, Retry, Session
from domain.login import LoginBegun
from domain.operation import OperationCarriedOut
from domain.record import Record
from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from domain.values import Body
from projections import audit as auditing
from projections import comparing
from projections.audit import audit
from projections.findings import Finding
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.drafting import add_file, body, drafts_on, published, somebody
from tests.projections.tables import owner
from tests.projections.test_rebuild import writers
from tests.running import cli, command
from tests.writing import actor, change_access, create, live, log_on, publish

SAVES = 350


WRITTEN = list(VIEWS)
FILES = ("tin 0", "tin 1", "tin 2")  # of published records, their contents as their names


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A data folder with the bytes of all files that the log names."""
    folder = tmp_path_factory.mktemp("holding")
    blobs = LocalBlobs(folder / "blobs", Space(folder, 0))
    for each in (*FILES, "tin"):
        with blobs.upload(len(each)) as upload:
            upload.write(each.encode())
            upload.keep()
    return str(folder)


@pytest.fixture(scope="module")
def written(database: str) -> str:
    """A log with every kind of event in it, long streams and large documents, and its answers."""
    made: dict[str, list[UUID]] = {}
    random = Random(7)
    with log_on(database) as log:
        for _ in range(SAVES):
            log.run(actor(), live, random, made)
        large = log.run(actor(), create, b'"' + b"x" * 2 * auditing.LARGE + b'"')
        for each in range(20):
            _publish_once(log, large.id, f"key {each}", timedelta(hours=1))
        _publish_once(log, large.id, "expired", timedelta())
        turned = log.run(actor(), create)
        for visibility in ("public", "restricted"):
            log.run(actor(), change_access, turned.id, visibility)
        gone = log.run(actor(), create)
        for _ in range(3):
            log.run(actor(), publish, gone.id)
        log.run(OPERATOR, erasures.erase, str(gone.number), Wanted("law", (0, 2)))
    with drafts_on(database) as log:
        for name in FILES:
            who = somebody()
            published(log, who, name)
            open_ = log.run(who, drafts.create, body(enabled=True)).record
            add_file(log, who, open_.pid, "tin")
        for name in FILES:
            log.run(who, _program, name)
    with owner(database) as conn:
        conn.execute("DELETE FROM view.answers WHERE key = 'expired'")  # as the follower does
    keep(database)
    return database


def _program(session: Session, name: str) -> None:
    """A program's login, and what it asked for."""
    expires = session.now + timedelta(days=1)
    digest = sha256(name.encode()).digest()
    by = session.actor.account
    begun = LoginBegun(account=by, client=name, digest=digest, scopes=("read",), expires_at=expires)
    session.begin(uuid4(), begun)
    session.begin(uuid4(), OperationCarriedOut(kind="submit", payload=Body(b"{}")))


def keep(database: str) -> None:
    """Keep the log as it is now."""
    with owner(database) as conn:
        conn.execute("DROP TABLE IF EXISTS public.kept")
        conn.execute("CREATE TABLE public.kept AS TABLE es.event")


def _publish_once(log: Log, record: UUID, key: str, remembered: timedelta) -> None:
    answer = lambda _made: (201, None, None)  # noqa: E731
    retry = Retry(key, "POST", "/", sha256(b"").hexdigest(), answer, remembered)
    log.run_once(actor(), retry, publish, record)


@contextmanager
def tampered(database: str, *statements: str, params: Any = None) -> Iterator[None]:
    """Do something to the log as nobody may, for the block."""
    with owner(database) as conn:
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        for statement in statements:
            conn.execute(statement, params)
        yield
        conn.execute("TRUNCATE es.event; INSERT INTO es.event TABLE public.kept")
        conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")


def events(database: str) -> list[tuple[UUID, int]]:
    """Every event, in an order that does not change."""
    with owner(database) as conn:
        found = conn.execute("SELECT stream, version FROM es.event ORDER BY stream, version")
        return found.fetchall()


def findings(database: str) -> list[Finding]:
    """All findings."""
    return list(audit(database))


def test_an_untouched_log_and_its_views_give_no_finding(written: str) -> None:
    """Of every view; the follower's clean-up is none."""
    with owner(written) as conn:
        for name in WRITTEN:
            assert conn.execute(f"SELECT 1 FROM view.{name}").fetchone(), name

    assert findings(written) == []


def test_small_batches_find_the_same(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever a batch of events or rows ends."""
    monkeypatch.setattr(auditing, "BATCH", 3)
    monkeypatch.setattr(comparing, "BATCH", 2)

    assert findings(written) == []


def test_an_audit_does_not_write_the_log_to_disk_anew(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no sort of all events fits in memory, a quarter of their size is written at most."""

    def publish_many(session: Session, record: UUID) -> None:
        for _ in range(1000):
            publish(session, record, b'"' + b"x" * 1700 + b'"')

    with log_on(written) as log:
        log.run(actor(), publish_many, log.run(actor(), create).id)
    keep(written)
    monkeypatch.setattr(auditing, "BATCH", 20)
    with owner(written) as conn:
        name = conn.info.dbname
        conn.execute(f"ALTER DATABASE {name} SET work_mem = '64kB'")
        before = _spilled(written)

        found = findings(written)

        spilled = _spilled(written) - before
        conn.execute(f"ALTER DATABASE {name} RESET work_mem")
    assert found == []
    assert 0 < spilled < 1000 * 1700 / 4


def _spilled(database: str) -> int:
    """How much sorts have written to disk, of all connections that are closed."""
    with owner(database) as conn:
        while conn.execute(
            "SELECT FROM pg_stat_activity WHERE application_name = 'muniment audit'"
        ).fetchone():
            sleep(0.01)
        row = conn.execute(
            "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("view", WRITTEN)
def test_a_changed_a_lost_and_a_foreign_row_of_a_view_are_named(written: str, view: str) -> None:
    """With the column, and the command that mends it."""
    key, column, other = CHANGES[view]
    with owner(written) as conn:
        names = VIEWS[view].columns.names  # without those that the table itself generates
        conn.execute(f"CREATE TEMP TABLE kept AS SELECT {names} FROM view.{view}")
        rows = conn.execute(f"SELECT ctid, {', '.join(VIEWS[view].key)} FROM view.{view}")
        changed, lost, foreign = rows.fetchmany(3)
        conn.execute(f"UPDATE view.{view} SET {column} = {other} WHERE ctid = %s", [changed[0]])
        conn.execute(f"DELETE FROM view.{view} WHERE ctid = %s", [lost[0]])
        conn.execute(f"UPDATE view.{view} SET {key} WHERE ctid = %s", [foreign[0]])

        named = findings(written)

        conn.execute(f"TRUNCATE view.{view}; INSERT INTO view.{view} ({names}) TABLE kept")
    assert {each.view for each in named} - FOLLOWING.get(view, set()) == {view}
    own = [each for each in named if each.view == view]
    found = {(each.what, tuple((each.key or {}).values())): each for each in own}
    assert found["row-changed", changed[1:]].columns == (column,)
    assert found["row-changed", changed[1:]].mend == f"muniment rebuild {view}"
    assert found["row-missing", lost[1:]].mend == f"muniment rebuild {view}"
    assert sorted(what for what, _ in found) == [
        *("row-changed", "row-missing", "row-missing", "row-unfounded")
    ]


_OTHER_ID = "id = gen_random_uuid()"
_NAMED_LEAD = """jsonb_set(details, '{name,en}', '"Lead"')"""
CHANGES = {  # view: what makes a row another's, a column, another value of it
    "accounts": (_OTHER_ID + ", number = 0", "admin", "NOT admin"),
    "tokens": (_OTHER_ID + ", digest = ''", "revoked", "NOT revoked"),
    "actions": (_OTHER_ID + ", number = 0", "name", "'Lead'"),
    "schemas": ("version = version + 1000", "body", "'{}'"),
    "families": (_OTHER_ID, "grants", "'{}'"),
    "grants": ("principal = gen_random_uuid()", "level", "9"),
    "groups": (_OTHER_ID + ", number = 0", "name", """'{"en": "Lead"}'"""),
    "members": ("account = gen_random_uuid()", "role", "'lurker'"),
    "member_groups": ("team = gen_random_uuid()", "role", "'lurker'"),
    "inclusions": ("community = gen_random_uuid()", "included_at", "now()"),
    "names": (_OTHER_ID, "value", "'Lead'"),
    "records": (_OTHER_ID + ", number = 0, pid = ''", "schema_version", "9"),
    "versions": ("number = number + 1000", "body", "body || ' '"),
    "drafts": ("record = gen_random_uuid()", "by", "gen_random_uuid()"),
    "draft_files": ("key = 'another'", "state", "'lost'"),
    "manifests": (_OTHER_ID, "pages", "999"),
    "manifest_pages": ("page = page + 1000", "first", "'another'"),
    "search": ("record = gen_random_uuid()", "document", """'{"name": "Lead"}'"""),
    "files": ("number = number + 1000", "url", "'https://lead.example/'"),
    "contents": ("stream = gen_random_uuid()", "version", "999"),
    "comments": ("number = number + 1000", "content", "'Lead'"),
    "answers": ("key = 'another'", "status", "500"),
    "location_types": (_OTHER_ID + ", number = 0", "details", _NAMED_LEAD),
    "locations": (_OTHER_ID + ", number = 0", "details", _NAMED_LEAD),
    "object_locations": ("number = number + 1000", "location", "999"),
    "instruments": (_OTHER_ID + ", number = 0", "categories", "'[\"Lead\"]'"),
    "log_entries": (_OTHER_ID + ", number = 0", "versions", "999"),
    "terms": (_OTHER_ID, "retired", "NOT retired"),
    "log_texts": ("number = number + 1000", "text", "'{}'"),
    "deployments": ("number = number + 1000", "build_mode", "'lead'"),
    "tombstones": ("number = number + 1000", "reason", "'Lead'"),
    "logins": (f"{_OTHER_ID}, digest = sha256(digest)", "client", "'Lead'"),
    "operations": (_OTHER_ID, "kind", "'Lead'"),
}


FOLLOWING = {"search": {"words"}}  # view: what is made of its rows, and then differs from them


REPLACED = [
    *("account.password-set", "action.revised", "family.permission-granted"),
    *("record.access-changed", "record.published"),
]


def replaced(database: str) -> set[tuple[UUID, int]]:
    """An event of each of these kinds of which a later one left no effect in what stands now."""
    with owner(database) as conn:
        found = conn.execute(
            "SELECT DISTINCT ON (topic) stream, version, topic FROM (SELECT *, lead(version) OVER"
            " (PARTITION BY stream, topic, convert_from(state, 'UTF8')::jsonb"
            " #>> '{event,principal}' ORDER BY version) AS later FROM es.event) AS event"
            " WHERE later IS NOT NULL AND topic = ANY(%s) ORDER BY topic, stream, version",
            [REPLACED],
        ).fetchall()
    assert [topic for _, _, topic in found] == REPLACED
    return {(stream, version) for stream, version, _ in found}


def test_a_flipped_byte_in_any_of_100_random_events_is_found(written: str) -> None:
    """All of them, and no other event; what a later event replaced is no exception."""
    random = Random(1)
    chosen = replaced(written)
    others = [each for each in events(written) if each not in chosen]
    chosen.update(random.sample(others, 100 - len(chosen)))
    where = "WHERE stream = %s AND version = %s"
    with tampered(written):
        with owner(written) as conn:
            for event in sorted(chosen):
                row = conn.execute(f"SELECT state FROM es.event {where}", event).fetchone()
                assert row is not None
                state = bytearray(row[0])
                state[random.randrange(len(state))] ^= 1 << random.randrange(8)
                conn.execute(f"UPDATE es.event SET state = %s {where}", [bytes(state), *event])
        found = findings(written)

    assert {(each.stream, each.version) for each in found if each.view is None} == chosen
    assert {each.what for each in found if each.view is None} == {"digest"}
    assert not [each for each in found if each.view and each.mend.startswith("muniment rebuild")]


@pytest.mark.parametrize("many", [12, pytest.param(40, marks=pytest.mark.soak)])
def test_any_deleted_event_is_found(written: str, many: int) -> None:
    """The first of a stream, one in its middle, the last, the only one."""
    for stream, version in Random(2).sample(events(written), many):
        delete = "DELETE FROM es.event WHERE stream = %s AND version = %s"
        with tampered(written, delete, params=[stream, version]):
            found = findings(written)

        named = [
            each
            for each in found
            if (each.what == "gap" and (each.stream, each.version) == (stream, version))
            or (each.what == "row-unfounded" and stream in (each.key or {}).values())
        ]
        assert named, (stream, version, found)
        assert not [each for each in found if each.mend.startswith("muniment rebuild")]


COLUMNS = ("version", "position", "recorded_at", "state, salt, digest")
PAIRS = {  # topic: when exchanging two events of a stream changes what they amount to
    "record.published": "true",
    "account.password-set": "true",
    "action.revised": "true",
    "record.access-changed": "own.said #> '{event,access}' <> other.said #> '{event,access}'"
    " AND NOT EXISTS (SELECT FROM es.event later WHERE later.stream = own.stream"
    " AND later.version > own.version AND later.topic = 'record.published')",  # it says access too
    "family.permission-granted": "own.said #> '{event,level}' <> other.said #> '{event,level}'"
    " AND own.said #> '{event,principal}' = other.said #> '{event,principal}'",
}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("topic", PAIRS)
def test_a_swapped_pair_is_found(written: str, topic: str, columns: str) -> None:
    """Two events of one stream, the last of their kind there, whatever of them was exchanged."""
    with owner(written) as conn:
        pair = conn.execute(
            "WITH event AS (SELECT *, convert_from(state, 'UTF8')::jsonb AS said,"
            " max(version) OVER (PARTITION BY stream) AS last FROM es.event WHERE topic = %s)"
            " SELECT own.stream, other.version, own.version FROM event AS own"
            " JOIN event AS other ON other.stream = own.stream AND other.version < own.version"
            f" WHERE own.version = own.last AND {PAIRS[topic]}"
            " ORDER BY own.stream, other.version DESC LIMIT 1",
            [topic],
        ).fetchone()
    assert pair is not None
    stream, first, second = pair
    put = ", ".join(f"{each} = other.{each}" for each in columns.split(", "))
    swap = (
        "CREATE TEMP TABLE pair AS SELECT * FROM es.event"
        f" WHERE stream = '{stream}' AND version IN ({first}, {second});"
        "DELETE FROM es.event WHERE position IN (SELECT position FROM pair);"
        f"UPDATE pair SET {put} FROM (SELECT ctid, * FROM pair) AS other"
        " WHERE other.ctid <> pair.ctid;"
        "INSERT INTO es.event TABLE pair; DROP TABLE pair"
    )
    with tampered(written, swap):
        found = findings(written)

    assert [each for each in found if each.stream == stream or stream in (each.key or {}).values()]


@pytest.mark.parametrize("many", [10, pytest.param(30, marks=pytest.mark.soak)])
def test_a_moved_instant_of_any_event_that_is_not_alone_is_found(written: str, many: int) -> None:
    """By a few microseconds, where a row keeps it or the events of its save tell."""
    with owner(written) as conn:
        told = conn.execute(
            "SELECT stream, version, position >> 20 FROM (SELECT *,"
            " max(version) OVER (PARTITION BY stream) AS last,"
            " count(*) OVER (PARTITION BY position >> 20) AS beside FROM es.event) AS event"
            " WHERE version = last OR topic = 'record.published' OR beside > 1"
            " ORDER BY stream, version"
        ).fetchall()
    for stream, version, save in Random(3).sample(told, many):
        move = (
            "UPDATE es.event SET recorded_at = recorded_at + interval '5 microseconds'"
            " WHERE stream = %s AND version = %s"
        )
        with tampered(written, move, params=[stream, version]):
            found = findings(written)

        named = [
            each
            for each in found
            if stream in (each.stream, *(each.key or {}).values())
            or (each.position is not None and each.position >> 20 == save)
        ]
        assert named, (stream, version, found)


def test_a_clock_that_was_set_back_is_no_finding(written: str) -> None:
    """What follows earlier events is a microsecond later, beside what begins at its own time."""
    record = family = uuid4()

    def ahead(session: Session) -> Record:
        session.now += timedelta(hours=1)
        return create(session)

    def after(session: Session) -> None:
        found = session.find(Record, id=record)
        held = session.find(Family, id=family)
        assert found is not None
        assert held is not None
        granted = held.grant(uuid4(), Level.VIEW)
        assert granted is not None
        create(session)
        session.change(session.change(held, granted), granted)
        publish(session, record)

    with log_on(written) as log:
        made = log.run(actor(), ahead)
        record, family = made.id, made.family
        log.run(actor(), after)
    keep(written)

    assert findings(written) == []


def test_events_that_two_objects_exchanged_are_found(written: str) -> None:
    """Each is sound in itself and in its place; the views know whose it was."""
    swap = (
        "CREATE TEMP TABLE pair AS SELECT * FROM es.event WHERE version = 2"
        " AND topic = 'record.published' AND state IS NOT NULL"
        " ORDER BY octet_length(state) DESC LIMIT 2;"
        "UPDATE es.event SET state = other.state, salt = other.salt, digest = other.digest"
        " FROM pair AS own, pair AS other"
        " WHERE own.position = event.position AND other.position <> event.position"
    )
    with tampered(written, swap):
        found = findings(written)
        with owner(written) as conn:
            changed = conn.execute(
                "SELECT stream FROM es.event JOIN public.kept USING (stream, version)"
                " WHERE event.digest <> kept.digest"
            ).fetchall()

    assert len(changed) == 2
    assert {(each.what, each.view) for each in found} - {("row-changed", "search")} == {
        ("row-changed", "versions")
    }
    assert {(each.key or {})["record"] for each in found} == {stream for (stream,) in changed}


def test_an_event_that_is_there_twice_and_one_of_another_kind_are_found(written: str) -> None:
    """As they are once the primary key was dropped, or a topic rewritten."""
    with owner(written) as conn:
        top = conn.execute("SELECT max(position) FROM es.event").fetchone()
    assert top is not None
    twice = (
        "ALTER TABLE es.event DROP CONSTRAINT event_pkey",
        f"INSERT INTO es.event SELECT stream, version, {(top[0] >> 20) + 1 << 20}, topic,"
        " recorded_at, state, salt, digest FROM es.event WHERE topic = 'name.claimed' LIMIT 1",
        "UPDATE es.event SET topic = 'tin.melted' WHERE stream ="
        " (SELECT stream FROM es.event WHERE topic = 'token.revoked' ORDER BY stream LIMIT 1)"
        " AND version = 1",
    )
    with tampered(written, *twice):
        found = {each.what: each for each in findings(written)}
    with owner(written) as conn:
        conn.execute("ALTER TABLE es.event ADD PRIMARY KEY (stream, version)")

    assert found["repeat"].topic == "name.claimed"
    assert found["unreadable"].topic == "tin.melted"


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.soak)])
def test_nothing_is_found_while_views_are_made_again(written: str, rounds: int) -> None:
    """A table that is swapped is not taken for one that lost its rows."""
    done = Event()

    def again() -> None:
        try:
            for _ in range(rounds):
                rebuild(written, list(VIEWS))
        finally:
            done.set()

    thread = Thread(target=again)
    thread.start()
    audits = 0
    while not done.is_set() or not audits:
        assert findings(written) == []
        audits += 1
        done.wait(0.3)  # an audit holds the views: a swap of a table waits for a gap
    thread.join()


def test_the_command_prints_a_line_a_finding_and_what_it_names_mends_it(
    written: str, holding: str
) -> None:
    """Exit code 1 with findings, 0 without; a summary on standard error."""
    with owner(written) as conn:
        conn.execute("UPDATE view.versions SET schema_version = 9 WHERE number = 1")
        changed = conn.execute("SELECT count(*) FROM view.versions WHERE number = 1").fetchone()
    assert changed is not None

    plain = cli("audit", DATABASE_URL=written, MUNIMENT_DATA=holding)
    as_json = cli("audit", "--json", DATABASE_URL=written, MUNIMENT_DATA=holding)

    assert (plain.returncode, as_json.returncode) == (1, 1)
    assert len(plain.stdout.splitlines()) == len(as_json.stdout.splitlines()) == changed[0]
    told = json.loads(as_json.stdout.splitlines()[0])
    assert (told["view"], told["columns"]) == ("versions", ["schema_version"])
    assert told["mend"] in plain.stdout
    assert (
        cli(*told["mend"].split()[1:], DATABASE_URL=written, MUNIMENT_DATA=holding).returncode == 0
    )
    mended = cli("audit", DATABASE_URL=written, MUNIMENT_DATA=holding)
    assert (mended.returncode, mended.stdout) == (0, "")
    assert "nothing is wrong" in mended.stderr


def test_a_line_of_the_command_is_one_line_that_steers_no_terminal(
    written: str, holding: str
) -> None:
    """Whatever somebody wrote into the log, and whatever the encoding of standard output."""
    topic = "tin\x1b]0;owned\x07\nnothing is wrong\u2028\u202e→"
    with tampered(written):
        with owner(written) as conn:
            conn.execute(
                "UPDATE es.event SET topic = %s WHERE position ="
                " (SELECT max(position) FROM es.event WHERE topic = 'name.claimed')",
                [topic],
            )
        shown = command(
            "audit", DATABASE_URL=written, MUNIMENT_DATA=holding, PYTHONIOENCODING="latin-1"
        )

    lines = shown.stdout.split("\n")
    assert (len(lines), lines[-1]) == (2, "")
    assert r"tin\x1b]0;owned\x07\nnothing is wrong\u2028\u202e\u2192" in lines[0]


def test_an_audit_that_cannot_be_carried_out_ends_with_another_code_than_one_that_found(
    written: str, holding: str
) -> None:
    """A database that is not there, one without a column, and a wrong use: 2."""
    away = cli("audit", DATABASE_URL="postgresql://nobody@localhost:1/none")
    with owner(written) as conn:
        conn.execute("ALTER TABLE view.versions RENAME COLUMN body TO hidden")
        try:
            broken = cli("audit", DATABASE_URL=written, MUNIMENT_DATA=holding)
        finally:
            conn.execute("ALTER TABLE view.versions RENAME COLUMN hidden TO body")
    wrong = cli("audit", "--everything", DATABASE_URL=written)

    assert (away.returncode, away.stdout) == (2, "")
    assert away.stderr.startswith("muniment: The database does not answer: ")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert 'column "body" does not exist' in broken.stderr
    assert wrong.returncode == 2


def test_nothing_is_found_while_eight_writers_run(written: str) -> None:
    """Log and views are seen at one moment, whatever is written: last here, as the log grows."""
    with writers(written, 8) as saves:
        for _ in range(2):
            assert findings(written) == []
    assert min(saves) > 0
    keep(written)
