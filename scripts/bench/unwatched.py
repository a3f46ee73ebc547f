"""The service without metrics and without a line for each request: what watching is compared with.

No setting turns them off, and none is wanted; all else is the service as it is.
"""

from __future__ import annotations

from typing import Any

from api import access_log
from api.watching.requests import Requests
from api.watching.telling import Telling
from scripts.muniment import main


def _nothing(*_of: Any) -> None:
    """Do nothing."""


if __name__ == "__main__":
    for kind, name in ((access_log, "write"), (Requests, "note"), (Telling, "start")):
        setattr(kind, name, _nothing)  # before the fork: workers have it so
    main()
