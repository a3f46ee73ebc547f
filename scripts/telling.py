"""Settings → what delivers webhooks."""

from __future__ import annotations

from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from api.webhooks.targets import Rules
from domain.storage import keys
from scripts.settings import Settings

if TYPE_CHECKING:
    from api.webhooks.delivering import Delivery


def key(settings: Settings) -> bytes:
    """Return the key that the webhooks' keys are made of, made at its first use. Raises Damaged."""
    own = settings.data / "webhook.key"
    return keys.kept(Path(settings.webhook_key) if settings.webhook_key else own)


def rules(settings: Settings) -> Rules:
    """Return where webhooks may go."""
    hosts, inside = (
        [each.strip() for each in text.split(",") if each.strip()]
        for text in (settings.webhook_hosts.lower(), settings.webhook_inside)
    )
    return Rules(frozenset(hosts), [ip_network(each) for each in inside])


def delivery(settings: Settings) -> Delivery:
    """Return what delivers, once it has the key: without one everything else goes on."""
    from api.webhooks.delivering import Delivery  # the follower alone

    made_of = partial(key, settings)
    return Delivery(settings.database_url, made_of, rules(settings), settings.webhook_ca)
