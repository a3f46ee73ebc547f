"""Delivery: what is due is sent, in order of each object, at least once, again when it failed.

Beside the follower and never in its way: in threads of its own, in one process at a time. An event
is kept as a message in the transaction that passes it, and the message goes when the receiver has
said that it heard: whenever the process is killed, nothing is lost, and what was under way is sent
again, under the same id. A message that fails holds up what follows of its object, and nothing
else; after the last try it is a dead letter, and holds up nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ssl import SSLContext
from threading import Event
from uuid import UUID

import psycopg

from api.webhooks import messages, sending
from api.webhooks.sending import NotHeard
from api.webhooks.targets import Rules
from domain.errors import Invalid
from projections import webhooks
from projections.database import Connections, connect, scalar, serving
from projections.webhooks import Listener

log = logging.getLogger(__name__)

LOCK = 0x77656268  # "webh"
POLL = 0.2  # seconds between two looks
AGAIN = 1.0  # seconds until somebody else's lock, or the database, is tried again
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 10800.0, 21600.0, 43200.0)  # seconds; then it is dead
AT_ONCE = 4  # webhooks that are sent to at a time


class Delivery:
    """The work in steps; `key` gives what the webhooks' keys are made of, or raises.

    `authorities` is a file of those that receivers' certificates may be from besides public ones.
    """

    def __init__(
        self,
        database_url: str,
        key: Callable[[], bytes],
        rules: Rules,
        authorities: str = "",
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._connections = Connections(serving(database_url, "webhooks"))
        self._key = key
        self._rules = rules
        self._authorities = authorities
        self._pauses = pauses
        self._under_way: set[UUID] = set()

    def run(self, stop: Event) -> None:
        """Deliver until `stop`, through every restart of the database."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
            while not stop.is_set():
                try:
                    self._lead(pool, stop)
                except psycopg.OperationalError:
                    pass
                except Exception:
                    log.exception("Webhooks cannot be delivered; this is tried again.")
                stop.wait(AGAIN)
        self._connections.close()

    def _lead(self, pool: ThreadPoolExecutor, stop: Event) -> None:
        with connect(self._connections.conninfo) as conn:
            if not scalar(conn, "SELECT pg_try_advisory_lock(%s)", [LOCK]):
                return
            key, tls = self._key(), sending.trust(self._authorities)
            while not stop.is_set():
                for each in webhooks.listening(conn):
                    webhooks.queue(conn, each)
                    if each.waits and each.id not in self._under_way:
                        self._under_way.add(each.id)
                        pool.submit(self._deliver, each, key, tls, stop)
                stop.wait(POLL)

    def _deliver(self, webhook: Listener, key: bytes, tls: SSLContext, stop: Event) -> None:
        try:
            self._send_due(webhook, key, tls, stop)
        except psycopg.OperationalError:
            pass
        except Exception:
            log.exception("A webhook cannot be delivered to; this is tried again.")
        finally:
            self._under_way.discard(webhook.id)

    def _send_due(self, webhook: Listener, key: bytes, tls: SSLContext, stop: Event) -> None:
        """Send a webhook what is due, until one is not heard: others are not kept waiting."""
        while not stop.is_set():
            message = webhooks.due(self._connections.get(), webhook.id)
            if message is None:
                return
            position = message.row.position
            try:
                self._send(webhook, message, key, tls)
            except NotHeard as error:
                pause = dict(enumerate(self._pauses)).get(message.tries)
                if pause is None:
                    log.error("A message of webhook %s is dead: %s", webhook.id, error)
                conn = self._connections.get()
                webhooks.failed(conn, webhook.id, position, str(error), pause)
                return
            webhooks.sent(self._connections.get(), webhook.id, position)

    def _send(
        self, webhook: Listener, message: webhooks.Message, key: bytes, tls: SSLContext
    ) -> None:
        """Send a message. Raises NotHeard."""
        try:
            target = self._rules.target(webhook.url)
            addresses = self._rules.addresses(target)
        except Invalid as error:
            raise NotHeard(error.message) from error
        except OSError as error:
            raise NotHeard(f"The host cannot be found: {error}") from error
        said = messages.body(message.row)
        signing = messages.key_of(key, webhook.id)
        headers = messages.headers(signing, webhook.id, message.row, said, int(time.time()))
        sending.post(target, addresses, said, headers, tls)
