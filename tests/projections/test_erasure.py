"""Erasure in the log: fold, rebuild, audit and replay go on; nobody else empties an event."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from psycopg import Connection

from domain import intake
from domain.commands import deposit_types, deposits, erasures
from domain.commands.accounts import OPERATOR
from domain.commands.erasures import Wanted
from domain.errors import Conflict, Forbidden, Gone, NotFound
from domain.log import Log, Retry, Session
from projections import audit, lives
from projections.database import connect, serving
from projections.rebuild import LOCK, rebuild
from projections.registry import VIEWS
from projections.replay import replay
from tests.projections.tables import differences, keep, owner
from tests.running import ROOT, environment
from tests.writing import actor, comment, create, live, log_on, publish

NAMED = "SELECT es.emptied_by(state) FROM es.event WHERE topic = 'record.erased' AND stream = %s"
EMPTY = "SELECT version FROM es.event WHERE state IS NULL AND salt IS NULL AND stream = %s"


def lines(database: str) -> list[str]:
    """What an audit finds."""
    return [each.line for each in audit.audit(database, checkpoints=[])]


def erase_some(log: Log, random: Random, database: str) -> int:
    """Erase parts of what there is by chance; return how often something was."""
    with owner(database) as conn:
        known = conn.execute("SELECT number, versions FROM view.records").fetchall()
    done = 0
    for number, versions in random.sample(known, min(len(known), 6)):
        part: tuple[int, int] | None = None
        if versions and random.random() < 0.6:
            first = random.randrange(versions)
            part = (first, random.randint(first, versions - 1))
        wanted = Wanted("chance", part, random.random() < 0.3)
        try:
            log.run(OPERATOR, erasures.erase, str(number), wanted)
            done += 1
        except Conflict:  # nothing of it was left, or a draft is open
            continue
    return done


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_erased_views_are_what_the_log_says(database: str, seed: int) -> None:
    """Made again they equal those written inline, also where the history went on."""
    random = Random(seed)
    made: dict[str, list[UUID]] = {}
    with log_on(database) as log:
        for _ in range(3):
            for _ in range(12):
                log.run(actor(), live, random, made)
            erase_some(log, random, database)
    keep(database, "inline")

    rebuild(database, list(VIEWS))

    assert differences(database, "inline") == {}
    assert lines(database) == []
    with audit.reading(database) as conn:
        for (number,) in conn.execute("SELECT number FROM view.records").fetchall():
            steps = replay(conn, lives.find(conn, str(number)), None)
            assert sum(1 for _ in steps) > 0


def test_an_erased_event_keeps_its_header_and_its_digest(database: str) -> None:
    """State and salt alone are gone, of the events that are named and no others."""
    header = "SELECT version, position, topic, recorded_at, digest FROM es.event WHERE stream = %s"
    with log_on(database) as log, owner(database) as conn:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(actor(), publish, made.id, b'{"n":1}')
        before = conn.execute(header + " ORDER BY version", [made.id]).fetchall()

        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))

        assert conn.execute(header + " ORDER BY version", [made.id]).fetchall()[:-1] == before
        assert conn.execute(EMPTY, [made.id]).fetchall() == [(2,)]
        assert conn.execute(NAMED, [made.id]).fetchall() == [(2,)]


def test_nobody_changes_the_log_otherwise(database: str) -> None:
    """Not its owner, nor to empty what an erasure named before; nor the serving role."""
    with log_on(database) as log:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(actor(), publish, made.id, b'{"n":1}')
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))
    for statement in (
        "UPDATE es.event SET state = NULL, salt = NULL",
        "UPDATE es.event SET state = '', salt = '' WHERE state IS NULL",
        "DELETE FROM es.event",
        "TRUNCATE es.event",
    ):
        with owner(database) as conn, pytest.raises(psycopg.errors.RestrictViolation):
            conn.execute(statement)
        with (
            connect(serving(database, "test")) as conn,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            conn.execute(statement)
    with (
        connect(serving(database, "test")) as conn,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported)),
    ):
        conn.execute("SELECT es.erase()")


def erased_by_hand(conn: Connection[Any], stream: UUID, state: bytes) -> None:
    """Append an event of erasure as whoever may append can, whatever it says."""
    conn.execute(
        "INSERT INTO es.event (stream, version, position, topic, recorded_at, state, salt, digest)"
        " SELECT stream, version + 1,"
        "        (pg_current_xact_id()::text::bigint + es.txid_offset()) << 20, 'record.erased',"
        "        recorded_at + interval '1 us', %(state)s, '', sha256(%(state)s)"
        "   FROM es.event WHERE stream = %(stream)s ORDER BY version DESC LIMIT 1",
        {"stream": stream, "state": state},
    )


@pytest.mark.parametrize("events", ["[1]", "[1, 2]", "[3]", "[4]", "[17]", "[-1]"])
def test_whoever_may_append_empties_no_event_that_a_stream_needs(
    database: str, events: str
) -> None:
    """Not its first, nor one that is none of the kinds that say content, nor one to come."""
    with log_on(database) as log:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))
    with (
        connect(serving(database, "test")) as conn,
        pytest.raises(psycopg.errors.RestrictViolation, match="erasure"),
    ):
        erased_by_hand(conn, made.id, b'{"event":{"events":%b}}' % events.encode())
    assert lines(database) == []


def test_a_stream_whose_beginning_was_emptied_is_found(database: str) -> None:
    """An audit says so and goes on; the log was changed as nobody may."""
    with log_on(database) as log:
        made = log.run(actor(), create, b'{"n":0}')
    state = b'{"event":{"events":[1]}}'
    with owner(database) as conn:
        conn.execute(
            "CREATE TEMP TABLE kept AS SELECT * FROM es.event WHERE stream = %s", [made.id]
        )
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only, DISABLE TRIGGER erases")
        erased_by_hand(conn, made.id, state)
        empty = "UPDATE es.event SET state = NULL, salt = NULL WHERE stream = %s AND version = 1"
        conn.execute(empty, [made.id])
        try:
            found = lines(database)
        finally:
            conn.execute("DELETE FROM es.event WHERE stream = %s", [made.id])
            conn.execute("INSERT INTO es.event TABLE kept")
            conn.execute(
                "ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only,"
                " ENABLE ALWAYS TRIGGER erases"
            )
    assert any(f"stream {made.id}, event 1 " in each and "begins" in each for each in found)
    assert lines(database) == []


def test_an_event_that_is_emptied_without_an_erasure_is_found(database: str) -> None:
    """Also beside one that was erased as it should be."""
    with log_on(database) as log:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(actor(), publish, made.id, b'{"n":1}')
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))
    with owner(database) as conn:
        kept = conn.execute(
            "SELECT state, salt FROM es.event WHERE stream = %s AND version = 3", [made.id]
        ).fetchall()
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(
            "UPDATE es.event SET state = NULL, salt = NULL WHERE stream = %s AND version = 3",
            [made.id],
        )
        try:
            found = lines(database)
        finally:
            conn.execute(
                "UPDATE es.event SET state = %s, salt = %s WHERE stream = %s AND version = 3",
                [*kept[0], made.id],
            )
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    assert any(f"stream {made.id}, event 3" in each for each in found)
    assert not any("event 2 " in each for each in found)
    assert lines(database) == []


def test_content_that_an_erasure_took_out_and_that_is_back_is_found(database: str) -> None:
    """With the digest that it had."""
    with log_on(database) as log, owner(database) as conn:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(actor(), publish, made.id, b'{"n":1}')
        kept = conn.execute(
            "SELECT state, salt FROM es.event WHERE stream = %s AND version = 2", [made.id]
        ).fetchall()
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))
        put = "UPDATE es.event SET state = %s, salt = %s WHERE stream = %s AND version = 2"
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        conn.execute(put, [*kept[0], made.id])
        try:
            found = lines(database)
        finally:
            conn.execute(put, [None, None, made.id])
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    where = f"not-erased: stream {made.id}, event 2: "
    assert [each for each in found if each.startswith(where)]
    assert lines(database) == []


def test_an_audit_reads_past_an_erasure_that_is_damaged(database: str) -> None:
    """What is no UTF-8, no JSON or no list of numbers names no event; both are found."""
    with log_on(database) as log:
        made = log.run(actor(), create, b'{"n":0}')
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 0)))
    change = "UPDATE es.event SET state = %s WHERE stream = %s AND version = 3"
    with owner(database) as conn:
        kept = conn.execute(
            "SELECT state FROM es.event WHERE stream = %s AND version = 3", [made.id]
        ).fetchall()
        conn.execute("ALTER TABLE es.event DISABLE TRIGGER append_only")
        try:
            for damaged in (
                b"\xff",
                b"{",
                b'{"event":{"events":["tin"]}}',
                b'{"event":{"events":7}}',
            ):
                conn.execute(change, [damaged, made.id])
                found = lines(database)
                for version in (2, 3):
                    where = f"stream {made.id}, event {version} "
                    assert any(each.startswith(f"digest: {where}") for each in found)
        finally:
            conn.execute(change, [kept[0][0], made.id])
            conn.execute("ALTER TABLE es.event ENABLE ALWAYS TRIGGER append_only")
    assert lines(database) == []


def test_only_administrators_erase(database: str) -> None:
    """Whoever made it; nothing is emptied."""
    with log_on(database) as log, owner(database) as conn:
        made = log.run(actor(), create)
        with pytest.raises(Forbidden):
            log.run(actor(), erasures.erase, str(made.number), Wanted("law"))
        assert conn.execute(EMPTY, [made.id]).fetchall() == []


def test_what_was_erased_is_not_erased_again(database: str) -> None:
    """Nor is what never was."""
    with log_on(database) as log:
        made = log.run(actor(), create)
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law"))
        with pytest.raises(Conflict, match="nothing"):
            log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law"))
        with pytest.raises(NotFound):
            log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law", (0, 1)))
        with pytest.raises(NotFound):
            log.run(OPERATOR, erasures.erase, "999999999", Wanted("law"))


def test_a_deposit_that_is_erased_while_it_is_cloned_has_no_clone(database: str) -> None:
    """The command finds out when it is saved."""
    told = b'{"name":"cloned","version":"1.0.0","deposit_schema":{"type":"object"}}'
    with log_on(database) as log:
        log.run(replace(actor(), admin=True), deposit_types.save, told, depth=8)
        document = intake.document(b'{"title":"Tin"}')
        source = log.run(actor(), deposits.create, "cloned", None, document).record

        def erased_meanwhile(session: Session) -> None:
            deposits.clone(session, source.id.hex)
            log.run(OPERATOR, erasures.erase, str(source.number), Wanted("law"))

        with pytest.raises(Gone):
            log.run(actor(), erased_meanwhile)


def published_once(log: Log, record: UUID, key: str, remembered: timedelta | None) -> None:
    """Publish a version with an Idempotency-Key."""
    retry = Retry(
        key, "POST", "/", sha256(key.encode()).hexdigest(), lambda _: (201, None, None), remembered
    )
    log.run_once(actor(), retry, publish, record)


def test_of_answers_those_alone_go_that_what_was_erased_gave(database: str) -> None:
    """Not another of the same stream, nor the one that a key was used for after its time."""
    keys = [f"{uuid4()} {each}" for each in ("erased", "for ever", "kept", "again")]
    with log_on(database) as log, owner(database) as conn:
        made, other = (log.run(actor(), create, b'{"n":0}') for _ in range(2))
        published_once(log, made.id, keys[0], timedelta(hours=1))
        published_once(log, made.id, keys[1], None)
        published_once(log, made.id, keys[3], timedelta())  # its time is over at once
        published_once(log, other.id, keys[3], timedelta(hours=1))
        published_once(log, other.id, keys[2], timedelta(hours=1))

        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law"))

        left = conn.execute("SELECT key FROM view.answers WHERE key = ANY(%s)", [keys]).fetchall()
    assert {key for (key,) in left} == {keys[2], keys[3]}
    assert lines(database) == []


def test_nothing_is_erased_while_a_rebuild_runs(database: str) -> None:
    """It would put back answers that it read before."""
    with log_on(database) as log, owner(database) as conn:
        made = log.run(actor(), create, b'{"n":0}')
        conn.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(Conflict, match="rebuild"):
            log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law"))
        conn.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        log.run(OPERATOR, erasures.erase, str(made.number), Wanted("law"))


ERASER = """
    import sys
    from domain.commands import erasures
    from domain.commands.accounts import OPERATOR
    from domain.commands.erasures import Wanted
    from tests.writing import log_on

    with log_on(sys.argv[1]) as log:
        print("ready", flush=True)
        for number in sys.argv[2:]:
            log.run(OPERATOR, erasures.erase, number, Wanted("law"))
        print("done", flush=True)
"""


def test_a_process_killed_while_it_erases_leaves_whole_erasures(database: str) -> None:
    """Each object was erased, or was not; log and views agree."""
    with log_on(database) as log:
        made = [log.run(actor(), create, b'{"n":0}') for _ in range(40)]
        for each in made:
            log.run(actor(), comment, each.id, "tin")
    numbers = [str(each.number) for each in made]
    eraser = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ERASER), database, *numbers],
        stdout=subprocess.PIPE,
        env=environment(),
        cwd=ROOT,
        text=True,
    )
    assert eraser.stdout is not None
    assert eraser.stdout.readline() == "ready\n"
    with owner(database) as conn:
        erased = "SELECT count(*) FROM es.event WHERE topic = 'record.erased' AND stream = ANY(%s)"
        ids = [each.id for each in made]
        while conn.execute(erased, [ids]).fetchall()[0][0] < 5:
            assert eraser.poll() is None
        os.kill(eraser.pid, signal.SIGKILL)
        eraser.wait()
        eraser.stdout.close()
        for id_ in ids:
            emptied = conn.execute(EMPTY, [id_]).fetchall()
            left = conn.execute("SELECT FROM view.versions WHERE record = %s", [id_]).fetchall()
            assert (emptied == []) == (left != [])
    assert lines(database) == []
