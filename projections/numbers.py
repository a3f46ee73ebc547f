"""Public numbers: sequences never fall behind the numbers in use, after a restore or a rebuild."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

SEQUENCES = {  # the rows of a view, or some of them → what their numbers are drawn from
    "accounts": "es.account_number",
    "actions": "es.action_number",
    "comments": "es.comment_number",
    "groups WHERE kind = 'community'": "es.community_number",
    "groups WHERE kind IN ('group', 'e-group')": "es.group_number",
    "groups WHERE kind = 'project'": "es.project_number",
    "instruments": "es.instrument_number",
    "location_types": "es.location_type_number",
    "locations": "es.location_number",
    "log_entries": "es.log_entry_number",
    "records": "es.record_number",
}


def lift(conn: Connection[Any]) -> None:
    """Lift every sequence to the largest number in its view.

    A number is drawn before it is stored, so a sequence in use is never behind and never touched.
    """
    for rows, sequence in SEQUENCES.items():
        conn.execute(
            f"SELECT setval('{sequence}', largest) FROM (SELECT max(number) AS largest"
            f" FROM view.{rows}) AS used, {sequence} AS now"
            " WHERE largest > now.last_value OR largest = now.last_value AND NOT now.is_called"
        )
