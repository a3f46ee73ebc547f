"""Operation: something a program asked for by IceProd's `/actions`, and that was carried out.

What cannot be carried out is refused at once and leaves nothing, so there are none that wait.
Source: the IceProd specification, "REST", actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.event import Aggregate, Beginning, Entry
from domain.values import Body

Kind = Literal[
    "submit", "dataset_status", "edit_config", "job_status", "task_status", "materialization"
]
# What was asked for in words of one's own: the version has it that was made so, and nothing else.
SAID: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"submit": ("config", "description"), "edit_config": ("config",)}
)


class Operation(Aggregate, frozen=True):
    """An operation; `payload` is what was asked for, but for SAID, with the dataset's public id."""

    kind: Kind
    account: UUID  # that asked for it
    payload: Body
    number: int | None  # of the dataset's version that says the rest


class OperationCarriedOut(Beginning[Operation], frozen=True, kw_only=True):
    """It was asked for, and done in the same moment."""

    TOPIC: ClassVar[str] = "operation.carried-out"
    kind: Kind
    payload: Body
    number: int | None = None

    def begin(self, entry: Entry[Any]) -> Operation:
        """Return the operation."""
        return Operation(
            *entry.place,
            kind=self.kind,
            account=entry.by,
            payload=self.payload,
            number=self.number,
        )
