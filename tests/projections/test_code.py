"""Views whose rows other code made: which they are."""

from __future__ import annotations

from projections import code
from projections.migrate import migrate
from projections.rebuild import rebuild
from projections.registry import VIEWS
from tests.projections.tables import owner


def test_of_a_new_database_this_code_made_all_views(database: str) -> None:
    """There is nothing to be made again."""
    with owner(database) as conn:
        assert code.changed(conn) == []


def test_a_view_that_other_code_made_is_made_again_once(database: str) -> None:
    """Known by its digest until then, whatever starts in between."""
    with owner(database) as conn:
        conn.execute("UPDATE muniment.view_code SET digest = 'other' WHERE view = 'records'")
        migrate(database)
        assert code.changed(conn) == ["records"]

        rebuild(database, ["records"])

        assert code.changed(conn) == []


def test_of_a_database_that_never_noted_it_all_views_are_made_again(database: str) -> None:
    """As one is that an earlier Muniment made."""
    with owner(database) as conn:
        conn.execute("DROP TABLE muniment.view_code")
        migrate(database)

        assert code.changed(conn) == list(VIEWS)
        code.made(conn, VIEWS)
