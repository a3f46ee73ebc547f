"""Deposit types as they are shown, and which actions are such: what never changes is remembered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from api.service import Service
from domain import deposit_type
from domain.deposit_type import DepositType
from domain.kept import Kept
from projections import deposits

KEPT = 8 << 20  # bytes of types that a process remembers


class Types:
    """The types of one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._types: Kept[tuple[UUID, int], DepositType] = Kept(KEPT)
        self._actions: Kept[UUID, bool] = Kept(10_000)

    async def of(self, action: UUID, version: int) -> DepositType:
        """Return a type by its action and the number of its schema."""
        known = self._types.get((action, version))
        if known is None:
            raw = await self._service.schema(action, version)
            known = deposit_type.read(raw)
            self._types.put((action, version), known, len(raw))
        return known

    async def has(self, action: UUID) -> bool:
        """Whether an action is a deposit type."""
        known = self._actions.get(action)
        if known is None:
            known = await deposits.is_type(self._service.db, action)
            self._actions.put(action, known, 1)
        return known


def shown(found: DepositType) -> dict[str, Any]:
    """Return a type as JSON; its schemas are the bytes that were sent."""
    return {
        "name": found.name,
        "version": found.version,
        "fullname": found.fullname,
        "is_indexed": found.is_indexed,
        "use_deposit_as_record": found.use_deposit_as_record,
        "deposit_schema": orjson.Fragment(bytes(found.deposit)),
        "record_schema": orjson.Fragment(bytes(found.record)),
        "config": orjson.Fragment(bytes(found.config)),
    }


def path(found: DepositType) -> str:
    """Return where deposits of a type have its schema from, as CAP names it."""
    return f"deposits/records/{found.name}-v{found.version}.json"
