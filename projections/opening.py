"""Whether the secrets that environments say today open, for an audit. Its SQL is in opening.sql."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec

from domain import hosted, variable
from domain.errors import Damaged
from domain.hosted import ENVIRONMENT
from domain.storage.encryption_keys import EncryptionKeys
from domain.values import Body
from projections import sql
from projections.data_keys import DataKeys
from projections.database import Connections, serving
from projections.findings import Finding

SQL = sql.load("opening")
BATCH = 500  # environments in memory at once
MEND = "put the file of keys back, or the table es.data_key of a backup; else write it anew"


def findings(database_url: str, keys: EncryptionKeys) -> Iterator[Finding]:
    """Give a finding for each environment of which a secret does not open. Nothing is changed."""
    connections = Connections(serving(database_url, "audit"))
    try:
        data_keys, after = DataKeys(connections, keys), -1
        params = {"action": ENVIRONMENT.action, "limit": BATCH}
        while rows := connections.fetch(SQL["environments"], params | {"after": after}):
            for record, number, pid, revision, body in rows:
                after = number
                try:
                    _open(data_keys, record, Body(body))
                except Damaged as error:
                    said = f"object {number} ({pid}): {error.message.rstrip('.')}"
                    yield Finding("secret", said, MEND, stream=record, version=revision)
    finally:
        connections.close()


def _open(data_keys: DataKeys, record: UUID, body: Body) -> None:
    """Pass when each secret of an environment opens. Raises Damaged."""
    try:
        variables = variable.of(hosted.said(body))
    except (ValueError, msgspec.ValidationError):
        return  # which another finding is about
    sealed = [each for each in variables if each.sealed is not None]
    if not sealed:
        return
    key = data_keys.find(record)
    if key is None:
        raise Damaged("the data key of its secrets is not there")
    for each in sealed:
        variable.opened(key, record, each)
