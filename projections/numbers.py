"""Public numbers: sequences never fall behind the numbers in use, after a restore or a rebuild."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

SEQUENCES = {
    "accounts": "es.account_number",
    "actions": "es.action_number",
    "groups": "es.group_number",
    "records": "es.record_number",
}


def lift(conn: Connection[Any]) -> None:
    """Lift every sequence to the largest number in its view.

    A number is drawn before it is stored, so a sequence in use is never behind and never touched.
    """
    for view, sequence in SEQUENCES.items():
        conn.execute(
            f"SELECT setval('{sequence}', largest) FROM (SELECT max(number) AS largest"
            f" FROM view.{view}) AS used, {sequence} AS now"
            " WHERE largest > now.last_value OR largest = now.last_value AND NOT now.is_called"
        )
