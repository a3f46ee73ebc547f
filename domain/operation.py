"""Operation: something a program asked for by IceProd's `/actions`, and that was carried out.

What cannot be carried out is refused at once and leaves nothing, so there are none that wait.
Source: the IceProd specification, "REST", actions.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.event import Aggregate, Beginning, Entry
from domain.values import Body

Kind = Literal[
    "submit", "dataset_status", "edit_config", "job_status", "task_status", "materialization"
]


class Operation(Aggregate, frozen=True):
    """An operation; `payload` is what was asked for, with the dataset it was about."""

    kind: Kind
    account: UUID  # that asked for it
    payload: Body


class OperationCarriedOut(Beginning[Operation], frozen=True, kw_only=True):
    """It was asked for, and done in the same moment."""

    TOPIC: ClassVar[str] = "operation.carried-out"
    kind: Kind
    payload: Body

    def begin(self, entry: Entry[Any]) -> Operation:
        """Return the operation."""
        return Operation(*entry.place, kind=self.kind, account=entry.by, payload=self.payload)
