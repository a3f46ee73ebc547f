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

Type = Literal["sample", "measurement", "simulation", "template"]
SchemaLanguage = Literal["json-schema", "sampledb", "inveniordm", "cap"]
WRITTEN: tuple[SchemaLanguage, ...] = ("json-schema", "sampledb")  # schemas by administrators
Publishing = Literal["draft", "at once"]
Files = Literal["frozen", "living"]
TYPE_NUMBERS: Mapping[str, int] = MappingProxyType(  # SampleDB's type_id
    {"sample": -99, "measurement": -98, "simulation": -97, "template": -96}
)


class Action(Aggregate, frozen=True):
    """An action as it stands; the schemas it had lie in the `schemas` view.

    A template is an action whose schema others take in; no objects are made under it. Who hides an
    action says that it is not to be offered any more; what it is good for stays.
    """

    number: int  # SampleDB's action_id
    owner: UUID
    name: str
    description: str
    type: Type
    schema_language: SchemaLanguage
    publishing: Publishing
    files: Files
    schema_version: int  # from 1
    hidden: bool = False
    instrument: int | None = None  # its number

    @property
    def is_deposit_type(self) -> bool:
        """Whether its records are CAP's deposits.

        Administrators hold every right on them, to publish one is for who manages it, and their
        files change in a draft that was opened again.
        """
        return self.schema_language == "cap"

    def change(self, name: str, description: str, *, hidden: bool) -> ActionChanged | None:
        """Decide what is said of it from now on; None when that is said already."""
        if (name, description, hidden) == (self.name, self.description, self.hidden):
            return None
        return ActionChanged(name=name, description=description, hidden=hidden)

    def revise(self, schema: Body) -> ActionRevised:
        """Decide that records are made under another schema from now on."""
        return ActionRevised(schema=schema, schema_version=self.schema_version + 1)


class ActionCreated(Beginning[Action], frozen=True, kw_only=True, omit_defaults=True):
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
    instrument: int | None = None

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
            instrument=self.instrument,
        )


class ActionChanged(Change[Action], frozen=True, kw_only=True):
    """An action was renamed or described anew, hidden or shown again."""

    TOPIC: ClassVar[str] = "action.changed"
    name: str
    description: str
    hidden: bool

    def apply(self, aggregate: Action, entry: Entry[Any]) -> Action:
        """Return the action as it is called now."""
        return aggregate.moved(
            entry, name=self.name, description=self.description, hidden=self.hidden
        )


class ActionRevised(Change[Action], frozen=True, kw_only=True):
    """The schema changed; versions published before keep the one they satisfied."""

    TOPIC: ClassVar[str] = "action.revised"
    schema: Body
    schema_version: int

    def apply(self, aggregate: Action, entry: Entry[Any]) -> Action:
        """Return the action under its newer schema."""
        return aggregate.moved(entry, schema_version=self.schema_version)
