"""/health: 200 while reads are answered, with what is wrong in its body; else 503."""

from __future__ import annotations

import asyncio
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

    def __init__(self, service: Service) -> None:
        self.service = service

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with `status` ok or degraded and `problems`; 503 when reads are not answered."""
        problems: list[str] = []
        state: dict[str, Any] = {"status": "ok", "problems": problems}
        full = self.service.space.problem() if self.service.space is not None else None
        if full is not None:
            problems.append(full)
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
