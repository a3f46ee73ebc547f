"""Migrations: a database that an older Muniment made is brought to what this one needs."""

from __future__ import annotations

from projections.migrate import migrate
from projections.rebuild import rebuild
from projections.versions import view
from tests.projections.tables import owner
from tests.writing import actor, create, log_on, publish

COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = 'view' AND table_name = 'versions' ORDER BY ordinal_position"
)
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'versions' ORDER BY 1"


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
