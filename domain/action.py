"""Action: a schema under which records are made, and the policies they follow.

Source: SampleDB "Actions"; DESIGN.md "Words".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal
from uuid import UUID

from domain.event import Aggregate, Beginning, Change, Entry
from domain.values import Body

Type = Literal["sample", "measurement", "simulation"]
SchemaLanguage = Literal["json-schema", "sampledb"]
Publishing = Literal["draft", "at once"]
Files = Literal["frozen", "living"]
TYPE_NUMBERS: Mapping[str, int] = MappingProxyType(  # SampleDB's type_id
    {"sample": -99, "measurement": -98, "simulation": -97}
)


class Action(Aggregate, frozen=True):
    """An action as it stands; the schemas it had lie in the `schemas` view."""

    number: int  # SampleDB's action_id
    owner: UUID
    name: str
    description: str
    type: Type
    schema_language: SchemaLanguage
    publishing: Publishing
    files: Files
    schema_version: int  # from 1

    def revise(self, schema: Body) -> ActionRevised:
        """Decide that records are made under another schema from now on."""
        return ActionRevised(schema=schema, schema_version=self.schema_version + 1)


class ActionCreated(Beginning[Action], frozen=True, kw_only=True):
    """An action began with its first schema."""

    TOPIC: ClassVar[str] = "action.created"
    number: int
    name: str
    description: str
    type: Type
    schema_language: SchemaLanguage
    publishing: Publishing
    files: Files
    schema: Body

    def begin(self, entry: Entry[Any]) -> Action:
        """Return the action under its first schema."""
        return Action(
            *entry.place,
            number=self.number,
            owner=entry.by,
            name=self.name,
            description=self.description,
            type=self.type,
            schema_language=self.schema_language,
            publishing=self.publishing,
            files=self.files,
            schema_version=1,
        )


class ActionRevised(Change[Action], frozen=True, kw_only=True):
    """The schema changed; versions published before keep the one they satisfied."""

    TOPIC: ClassVar[str] = "action.revised"
    schema: Body
    schema_version: int

    def apply(self, aggregate: Action, entry: Entry[Any]) -> Action:
        """Return the action under its newer schema."""
        return aggregate.moved(entry, schema_version=self.schema_version)
