"""What is told of webhooks, for the OpenAPI document and as it is answered."""

from __future__ import annotations

from typing import Any

from api.feed import positions
from api.shapes import INTEGER, TEXT, array, told
from domain.instants import rfc3339
from projections.webhooks import Letter, Webhook

INSTANT = {"type": "string", "format": "date-time"}
_WEBHOOK: dict[str, Any] = {
    "id": {"type": "string", "format": "uuid"},
    "url": TEXT,
    "kinds": array(TEXT),
    "created_at": INSTANT,
    "waiting": INTEGER,
    "dead": INTEGER,
}
_LETTER: dict[str, Any] = {
    "event": {"type": "string", "description": "its id, as /api/events has it"},
    "stream": {"type": "string", "format": "uuid"},
    "topic": TEXT,
    "recorded_at": INSTANT,
    "tries": INTEGER,
    "problem": {"type": "string", "description": "of the last try"},
}
ONE = told("muniment.Webhook", _WEBHOOK)
MADE = told("muniment.NewWebhook", {**_WEBHOOK, "key": TEXT})
ALL = told("muniment.Webhooks", {"webhooks": array(ONE)})
DEAD = told("muniment.DeadLetters", {"dead_letters": array(told("muniment.DeadLetter", _LETTER))})


def shown(webhook: Webhook) -> dict[str, Any]:
    """Return what is told of a webhook: never its key."""
    return {
        "id": str(webhook.id),
        "url": webhook.url,
        "kinds": webhook.kinds,
        "created_at": rfc3339(webhook.made_at),
        "waiting": webhook.waiting,
        "dead": webhook.dead,
    }


def shown_letter(letter: Letter) -> dict[str, Any]:
    """Return what is told of a dead letter."""
    return {
        "event": positions.token(letter.position),
        "stream": str(letter.stream),
        "topic": letter.topic,
        "recorded_at": rfc3339(letter.recorded_at),
        "tries": letter.tries,
        "problem": letter.problem,
    }
