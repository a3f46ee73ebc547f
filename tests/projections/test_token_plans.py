"""100,000 tokens do not slow a request: what it asks for is read by key, however many there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from projections import credentials, tokens
from projections.database import connect, serving
from projections.tokens import NEWEST
from tests.projections.tables import owner

MANY = 100_000
ACCOUNT, ENDED, PARENT = uuid4(), uuid4(), uuid4()
DIGEST = (7).to_bytes(32)
FILL = """
INSERT INTO view.tokens (id, version, recorded_at, account, digest, label, scopes, revoked,
                         expires_at, refresh_digest)
SELECT gen_random_uuid(), 1, now() - n * interval '1 minute', %(account)s,
       decode(lpad(to_hex(n), 64, '0'), 'hex'), 'token', '["read"]', n %% 10 = 0,
       CASE WHEN n %% 10 = 2 THEN now() - interval '1 day'
            WHEN n %% 10 = 1 THEN now() + n * interval '1 second' END,
       CASE WHEN n %% 10 IN (1, 2) THEN decode(lpad(to_hex(n), 64, '1'), 'hex') END
  FROM generate_series(1, %(many)s) n
"""
FILL_ENDED = """
INSERT INTO view.tokens (id, version, recorded_at, account, digest, label, scopes, revoked,
                         expires_at, refresh_digest, parent)
SELECT CASE n WHEN 0 THEN %(parent)s ELSE gen_random_uuid() END, 1, now(), %(account)s,
       decode('2' || lpad(to_hex(n), 63, '0'), 'hex'), 'token', '["read"]', n = 0,
       CASE WHEN n > 0 THEN now() + n * interval '1 second' END,
       CASE WHEN n > 0 THEN decode('3' || lpad(to_hex(n), 63, '0'), 'hex') END,
       CASE WHEN n > 0 THEN %(parent)s::uuid END
  FROM generate_series(0, %(many)s) n
"""
WHO = "INSERT INTO view.accounts (id, version, recorded_at, number, name, admin," + (
    " password_version) VALUES (%s, 1, now(), 4711, 'hoarder', false, 0)"
)
OF_ACCOUNT: dict[str, Any] = {"account": ACCOUNT, "limit": 26}
WALKING = {"walked": 26 + tokens.WALKED}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "sign-in": (credentials.SQL["by_token"], {"digest": DIGEST}),
    "standing": (credentials.SQL["standing"], {"ids": [uuid4()]}),
    "list": (
        tokens.view.sql["page"],
        OF_ACCOUNT | {"made": NEWEST.made, "id": NEWEST.id},
    ),
    "list, later": (
        tokens.view.sql["page"],
        OF_ACCOUNT | {"made": datetime.now(UTC) - timedelta(days=30), "id": UUID(int=0)},
    ),
    "access tokens": (tokens.view.sql["access_tokens"], OF_ACCOUNT | WALKING),
    "access tokens that ended with another": (
        tokens.view.sql["access_tokens"],
        OF_ACCOUNT | WALKING | {"account": ENDED},
    ),
    "room": (tokens.ORPHANS, {"account": ENDED, "most": 25}),
    "bound": (tokens.view.sql["counted"], {"account": ACCOUNT, "most": 25}),
    "use": (tokens.view.sql["used"], {"digests": [DIGEST], "at": [datetime.now(UTC)]}),
}
PASSED = 8 * tokens.WALKED  # pages, where as many are passed over; there are 20 times as many
MOST = 400  # pages that a request reads; the tokens and their indexes have thousands


def plan(conn: Connection[Any], name: str, *options: str) -> dict[str, Any]:
    """How PostgreSQL carries out what a request asks for."""
    statement, params = ASKED[name]
    said = ", ".join(("FORMAT JSON", *options))
    [(found,)] = conn.execute(f"EXPLAIN ({said}) {statement}", params).fetchall()
    explained: dict[str, Any] = found[0]["Plan"]
    return explained


def nodes(plan: dict[str, Any]) -> list[str]:
    """Each step of a plan, and by which index."""
    here = f"{plan['Node Type']} {plan.get('Index Name') or plan.get('Relation Name', '')}".strip()
    return [here, *(deeper for each in plan.get("Plans", ()) for deeper in nodes(each))]


@pytest.fixture(scope="module")
def filled(database: str) -> dict[str, list[str]]:
    """The plans while there was nothing; then an account has 100,000 tokens."""
    with connect(serving(database, "test")) as conn:
        before = {name: nodes(plan(conn, name)) for name in ASKED}
    with owner(database) as conn:
        conn.execute(WHO, [ACCOUNT])
        conn.execute(FILL, {"account": ACCOUNT, "many": MANY})
        conn.execute(FILL_ENDED, {"account": ENDED, "parent": PARENT, "many": MANY // 5})
        conn.execute("ANALYZE view.tokens")
    return before


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_of_tokens_is_found_by_key(
    database: str, filled: dict[str, list[str]], name: str
) -> None:
    """Also with a plan that was made when there were none; few pages are read of all there are."""
    with connect(serving(database, "test")) as conn:
        now = plan(conn, name, "ANALYZE", "BUFFERS")

    for steps in (filled[name], nodes(now)):
        assert not [each for each in steps if each.startswith("Seq Scan")]
        assert [each for each in steps if "tokens_" in each]
    read = now["Shared Hit Blocks"] + now["Shared Read Blocks"]
    assert read < (MOST if "ended" not in name else PASSED), (read, nodes(now))
