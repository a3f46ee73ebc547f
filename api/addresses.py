"""What absolute links begin with. Source: DESIGN.md "Processes and growth".

A host that a request names is believed when it is a loopback address: else anybody could have
links made that lead elsewhere.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

from falcon.asgi import Request

HOST = re.compile(r"([A-Za-z0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def base(req: Request, configured: str) -> str:
    """Return what links begin with, without a slash at its end: the base, or the loopback address.

    Where no base is configured it is the address that the request came in at.
    """
    netloc = req.netloc
    if _is_loopback(netloc):
        return f"{req.scheme}://{netloc}"
    if configured:
        return configured
    host, port = req.scope.get("server") or ("127.0.0.1", None)
    named = f"[{host}]" if ":" in host else host
    return f"{req.scheme}://{named}" if port is None else f"{req.scheme}://{named}:{port}"


@lru_cache(256)
def _is_loopback(netloc: str) -> bool:
    """Whether it is a host, with or without a port, and this machine by any name of its own."""
    match = HOST.fullmatch(netloc)
    if match is None:  # it would lead elsewhere in a link
        return False
    host = match[1].strip("[]")
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
