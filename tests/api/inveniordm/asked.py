"""What a query finds among the documents of a test's database, and that every way to it agrees."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from api import lucene
from projections import asking
from projections.database import connect, serving
from tests.writing import ADA


def searching(database: str) -> Connection[Any]:
    """A connection that plans each statement for what it asks, as searches have."""
    return connect(
        serving(database, "test", statement_timeout="5s", plan_cache_mode="force_custom_plan")
    )


def found(conn: Connection[Any], text: str, among: list[int]) -> list[int]:
    """The numbers of Ada's records that a query finds; what an index is asked for agrees."""
    condition = lucene.parsed(text)
    if condition is None:
        return among
    sql = asking.compiled(condition)
    words = "NULL" if sql.words is None else f"es.words(s.document) @@ {sql.words}"
    hinted = "NULL" if sql.hint is None else f"r.id IN ({sql.hint})"
    statement = (
        f"SELECT r.number, {sql.text}, {words}, {hinted}"
        " FROM records r JOIN search s ON s.record = r.id"
        " WHERE r.number = ANY(%(among)s) ORDER BY 1"
    )
    matched: list[int] = []
    rows = conn.execute(statement, sql.params | {"among": among, "principals": [ADA]}).fetchall()
    for number, matches, worded, hint in rows:
        assert matches is not None, text
        for by_index in (worded, hint):
            if matches or sql.exact:
                assert by_index in (None, matches), (text, by_index, matches)
        assert not (sql.exact and worded is None), text
        if matches:
            matched.append(number)
    return matched
