"""/health and /ready: 200 while reads are answered; else 503. /health says what is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from falcon.asgi import Request, Response
from psycopg import AsyncConnection

from api.door import send
from api.health_shapes import HEALTH
from api.service import Service
from api.shapes import BOOLEAN, told
from api.watching.patience import AWAY, Question
from domain.storage.looks import Look
from projections import owing, seals, watching
from projections.fixity import EVERY, Fixity
from projections.follower import lag
from projections.owing import Owed
from projections.watching import Untold

BEHIND = 10.0  # seconds that the follower or the seals may be behind before it is said
OWED = 180.0  # seconds that erased bytes may be there before it is said: young ones are waited for
UNTOLD = 3600.0  # seconds that webhooks may be behind before it is said: some tries are waited for

Behind = tuple[dict[str, Any], dict[str, Any], Owed, Untold]


class Health:
    """/health"""

    answers: ClassVar = {"GET": HEALTH}

    def __init__(self, service: Service) -> None:
        self.service = service
        self._question = Question(service.db, _behind)

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with `status` ok or degraded and `problems`; 503 when reads are not answered."""
        problems: list[str] = []
        state: dict[str, Any] = {"status": "ok", "problems": problems}
        full = self.service.space.problem() if self.service.space is not None else None
        if full is not None:
            problems.append(full)
        look = self.service.looks.last()
        state["clean_up"] = _shown(look)
        if look.waits_for == "repair":
            problems.append("The clean-up cannot be finished; the log says why.")
        fixity = self.service.fixity.last()
        state["fixity"] = _read_over(fixity)
        if fixity.damaged:
            problems.append(f"{len(fixity.damaged)} files are damaged; muniment audit names them.")
        if fixity.now is not None and datetime.now(UTC) > fixity.now.began_at + EVERY:
            problems.append("To read all files over takes more than 30 days at fixity_rate.")
        status = 200
        try:
            behind, sealed, owed, untold = await self._question.answer()
        except AWAY:
            problems.append("The database does not answer.")
            status = 503
        else:
            state["follower"], state["seals"] = behind, sealed
            state["erasures"] = {
                "unscrubbed_since": owed.unscrubbed_since and owed.unscrubbed_since.isoformat(),
                "seconds": owed.seconds,
            }
            if owed.seconds > OWED:
                problems.append("Files that were erased cannot be removed; the log says why.")
            if behind["seconds"] > BEHIND:
                problems.append(f"The follower is {behind['seconds']:.0f} s behind the log.")
            if sealed["problem"] is not None:
                problems.append(sealed["problem"])
            elif sealed["seconds"] > BEHIND:
                problems.append(f"Seals are {sealed['seconds']:.0f} s behind the log.")
            if sealed["unpushed"]:
                problems.append("Checkpoints cannot be pushed; the log says why.")
            problems += of_webhooks(untold)
        if problems:
            state["status"] = "degraded" if status == 200 else "down"
        send(resp, state, status)

    on_head = on_get


def of_webhooks(untold: Untold) -> list[str]:
    """Return what is wrong with webhooks, in words."""
    problems: list[str] = []
    if untold.dead:
        problems.append(f"Messages to webhooks that are dead: {untold.dead}.")
    if untold.seconds > UNTOLD:
        problems.append(f"Webhooks are {untold.seconds:.0f} s behind the log.")
    return problems


async def _behind(conn: AsyncConnection[Any]) -> Behind:
    """Return what is behind, and how far."""
    owed, untold = await owing.owed(conn), await watching.untold(conn)
    return await lag(conn), await seals.state(conn), owed, untold


async def _nothing(conn: AsyncConnection[Any]) -> None:
    """Read next to nothing."""
    await conn.execute("SELECT 1")


class Ready:
    """/ready"""

    answers: ClassVar = {"GET": told("muniment.Ready", {"ready": BOOLEAN})}

    def __init__(self, service: Service) -> None:
        self._question = Question(service.db, _nothing)

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 while requests can be answered; 503 when reads are not answered."""
        try:
            await self._question.answer()
        except AWAY:
            send(resp, {"ready": False}, 503)
        else:
            send(resp, {"ready": True})

    on_head = on_get


def _shown(look: Look) -> dict[str, Any]:
    """Return the last look of the clean-up, and what stands in the way of the next."""
    return {
        "finished_at": look.finished_at.isoformat() if look.finished_at is not None else None,
        "removed": {"blobs": look.blobs, "bytes": look.size, "uploads": look.uploads},
        "waits_for": look.waits_for,
    }


def _read_over(fixity: Fixity) -> dict[str, Any]:
    """Return when all files had last been read over, how far that is now, and what is damaged.

    A damaged blob is named by its folder: a digest would tell whoever has the same bytes that they
    are here.
    """
    last, now = fixity.last, fixity.now
    return {
        "finished_at": last.finished_at.isoformat() if last and last.finished_at else None,
        "read": {"blobs": last.blobs, "bytes": last.size} if last else None,
        "under_way": {
            "began_at": now.began_at.isoformat(),
            "blobs": now.blobs,
            "bytes": now.size,
            "of": now.of,
        }
        if now
        else None,
        "damaged": [f"blobs/{each[:2]}/{each[2:4]}" for each in fixity.damaged],
    }
