"""/health: 200 while reads are answered, with what is wrong in its body; else 503."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import psycopg
from falcon.asgi import Request, Response
from psycopg_pool import PoolTimeout

from api.door import send
from api.service import Service
from projections.follower import lag

PATIENCE = 2.0  # seconds that a read may take before reads count as not answered
BEHIND = 10.0  # seconds that the follower may be behind before it is said


class Health:
    """/health"""

    def __init__(self, service: Service, folder: Path | None, reserve: int) -> None:
        self.service = service
        self.folder = folder  # None: the database is elsewhere
        self.reserve = reserve  # bytes

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with `status` ok or degraded and `problems`; 503 when reads are not answered."""
        problems: list[str] = []
        state: dict[str, Any] = {"status": "ok", "problems": problems}
        if self.folder is not None:
            free = shutil.disk_usage(self.folder).free
            if free < self.reserve:
                problems.append(
                    f"The disk is full: {free} bytes are left, {self.reserve} reserved."
                )
        status = 200
        try:
            async with asyncio.timeout(PATIENCE), self.service.db.connection() as conn:
                behind = await lag(conn)
        except (psycopg.Error, PoolTimeout, TimeoutError):
            problems.append("The database does not answer.")
            status = 503
        else:
            state["follower"] = behind
            if behind["seconds"] > BEHIND:
                problems.append(f"The follower is {behind['seconds']:.0f} s behind the log.")
        if problems:
            state["status"] = "degraded" if status == 200 else "down"
        send(resp, state, status)

    on_head = on_get
