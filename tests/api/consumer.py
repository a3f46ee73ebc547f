"""A program that follows the feed, and may be killed at any moment.

`python -m tests.api.consumer URL SEEN BEGIN`, the token in TOKEN. Each event's position becomes a
line of SEEN, whose last whole line is where it goes on.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx
from httpx_sse import connect_sse


def follow(url: str, seen: Path, begin: str) -> None:
    """Follow for ever. A line is one system call, so none is ever half."""
    text = seen.read_text()
    whole = text[: text.rfind("\n") + 1].splitlines()
    headers = {
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Last-Event-ID": whole[-1] if whole else begin,
    }
    with (
        seen.open("a", buffering=1) as file,
        httpx.Client(base_url=url, timeout=60) as client,
        connect_sse(client, "GET", "/api/events", headers=headers) as source,
    ):
        for event in source.iter_sse():
            file.write(f"{event.id}\n")


if __name__ == "__main__":
    follow(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
