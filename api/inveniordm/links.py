"""Absolute links, which begin with `base` (api/addresses.py).

Source: the InvenioRDM specification, 1 and 2.
"""

from __future__ import annotations

from urllib.parse import quote


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
