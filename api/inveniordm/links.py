"""Absolute links. Source: the InvenioRDM specification, 1 and 2; DESIGN.md "Processes and growth".

A host that a request names is believed when it is a loopback address: else anybody could have
links made that lead elsewhere. `base`, without a slash at its end, begins every link.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote

from falcon.asgi import Request

HOST = re.compile(r"([A-Za-z0-9.]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


def base(req: Request, configured: str) -> str:
    """Return what links begin with: the configured base, or the loopback address asked for.

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


def draft(base: str, pid: str) -> dict[str, str]:
    """Return the links of a draft."""
    api = f"{base}/api/records/{pid}"
    return {
        "self": f"{api}/draft",
        "self_html": f"{base}/uploads/{pid}",
        "publish": f"{api}/draft/actions/publish",
        "review": f"{api}/draft/review",  # clients look it up, whether or not they follow it
        "files": f"{api}/draft/files",
        "record": api,
        **_both(base, pid),
    }


def record(base: str, pid: str) -> dict[str, str]:
    """Return the links of a published record."""
    api = f"{base}/api/records/{pid}"
    return {
        "self": api,
        "self_html": f"{base}/records/{pid}",
        "draft": f"{api}/draft",
        "files": f"{api}/files",
        **_both(base, pid),
    }


def segment(key: str) -> str:
    """Return a file's key as one segment of a path."""
    return quote(key, safe="")


def _both(base: str, pid: str) -> dict[str, str]:
    api = f"{base}/api/records/{pid}"
    return {
        "versions": f"{api}/versions",
        "latest": f"{api}/versions/latest",
        "latest_html": f"{base}/records/{pid}/latest",
        "access_links": f"{api}/access/links",
        "communities": f"{api}/communities",
    }


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
