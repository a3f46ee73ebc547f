"""Migrations: a database that an older Muniment made is brought to what this one needs."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from domain.access import SCOPES
from domain.account import Profile
from domain.commands import accounts, communities, inclusions, logins
from domain.commands.communities import Face
from domain.group import Policies
from domain.values import Body
from projections import listing
from projections.database import connect, serving
from projections.migrate import migrate
from projections.rebuild import rebuild
from projections.versions import view
from tests.projections.finding import follow
from tests.projections.tables import differences, keep, owner
from tests.writing import actor, create, log_on, publish

COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'view' AND table_name = 'versions' ORDER BY ordinal_position"
)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'versions' ORDER BY 1"
ALL_COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'view' ORDER BY table_name, ordinal_position"
)
ALL_INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'view' ORDER BY 1"
STEPS_SINCE_34 = (
    "ALTER TABLE view.groups DROP COLUMN changed_at, DROP COLUMN revision, DROP COLUMN logo_since,"
    " DROP COLUMN shown_since",
    "ALTER TABLE view.families DROP COLUMN left_at",
    "ALTER TABLE view.accounts DROP COLUMN password_version",
    "ALTER TABLE view.logins DROP COLUMN account_version",
    "UPDATE view.listed SET datestamp = updated_at",
    "DROP TABLE view.tombstones, es.device_code, es.token_use",
    "DROP INDEX view.tokens_account_recorded_at_id_idx, view.tokens_account_expires_at_id_idx,"
    " view.records_action_family_idx",
    "DELETE FROM muniment.migration WHERE number > 34",
)


def test_versions_of_the_first_release_are_kept_and_found_by_their_instants(database: str) -> None:
    """Its table gains a column and indexes, as a new one has them; its rows stay."""
    with owner(database) as conn:
        new = conn.execute(COLUMNS).fetchall(), conn.execute(INDEXES).fetchall()
        for column in ("restored_from", "manifest", "options", "opens_at", "revision"):
            conn.execute(f"ALTER TABLE view.versions DROP COLUMN {column}")
        conn.execute("ALTER TABLE view.records DROP COLUMN files")
        for index in ("valid_from_number_recorded_at", "recorded_at"):  # a third went with a column
            conn.execute(f"DROP INDEX view.versions_record_{index}_idx")
        conn.execute("DELETE FROM muniment.migration WHERE number >= 2")
        conn.execute(
            "INSERT INTO view.versions SELECT gen_random_uuid(), 0, gen_random_uuid(), now(),"
            " now(), 1, 'restricted', '{}'"
        )

        migrate(database)

        assert (conn.execute(COLUMNS).fetchall(), conn.execute(INDEXES).fetchall()) == new
        assert conn.execute("SELECT restored_from FROM view.versions").fetchall() == [(None,)]
    with log_on(database) as log:
        made = log.run(actor(), create)
        log.run(actor(), publish, made.id)
    rebuild(database, [view.name])


def test_communities_and_what_is_in_them_are_kept(database: str) -> None:
    """What is told of each since its step 34 is made of the log, and searches find all again.

    So is which password an account has had since when.
    """
    with log_on(database) as log:
        pids = [log.run(actor(), create).pid for _ in range(4)]
        for slug, seen in (("tin", Policies()), ("lead", Policies(visibility="restricted"))):
            face = Face(seen, Body(b'{"title":"Tin"}'), "Tin")
            log.run(actor(), communities.create, slug, face)
            for pid in pids[:2]:
                log.run(actor(), inclusions.include, pid, [slug])
            log.run(actor(), inclusions.exclude, pids[0], [slug])
        log.run(actor(), inclusions.include, pids[2], ["tin"])
        log.run(actor(), communities.rename, "tin", "pewter")
        ada = log.run(accounts.OPERATOR, accounts.create, "ada", "first")
        log.run(actor(), logins.begin, "code", ada.id, 0, "iceprod-public", SCOPES)
        log.run(accounts.OPERATOR, accounts.change, "ada", Profile(), password="second")
    followed(database)
    keep(database, "kept")
    with owner(database) as conn:
        new = shape(conn)
        for step in STEPS_SINCE_34:
            conn.execute(step)

        migrate(database)

        assert shape(conn) == new
    assert differences(database, "kept") == {}
    followed(database)


def shape(conn: Connection[Any]) -> list[Any]:
    """The columns and indexes of views."""
    return [conn.execute(asked).fetchall() for asked in (ALL_COLUMNS, ALL_INDEXES)]


def followed(database: str) -> None:
    """Let the follower come to the end of the log, and hold its rows to be what the views say."""
    with connect(serving(database, "follower")) as conn:
        follow(conn)
        with conn.transaction():
            assert [*listing.findings(conn, damaged=False)] == []
