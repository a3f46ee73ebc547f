"""What a follower needs, loaded before the one that runs is ended for it.

What does not work today either stops no reload: it may be for something else.
"""

from __future__ import annotations

from domain.errors import Refusal
from projections import sealing
from projections.database import connect, serving
from scripts import connections, wiring
from scripts.refusing import refusal
from scripts.settings import Settings


def rehearse(settings: Settings, before: int) -> None:
    """Load all of it, and do nothing with it. Raises Refusal, TooFew.

    `before`: how many workers there are now.
    """
    try:
        with connect(serving(settings.database_url, "rehearsal")) as conn:
            connections.require(conn, before, settings.workers)
        _rehearse_sealing(settings)
        if settings.webhook_hosts:
            from scripts import telling  # only where somebody may be told

            telling.key(settings)
            telling.delivery(settings)
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}.") from error
    except Exception as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error


def _rehearse_sealing(settings: Settings) -> None:
    with connect(sealing.owning(settings.database_url)) as conn:
        known = sealing.sealed(conn)
    if known.key is None or known.problem is not None:
        wiring.log_key(settings)
        return
    if not wiring.key_files(settings)["log.key"].exists():
        raise Refusal(sealing.ANOTHER_KEY)  # and none is made in its place
    key, file = wiring.log_key(settings), wiring.checkpoint_file(settings)
    if key.public.text != known.key:
        raise Refusal(sealing.ANOTHER_KEY)
    file.last(key.public.name)
    if not file.path.parent.is_dir():
        raise Refusal(f"{file.path} cannot be written: there is no such folder.")
