"""Members of communities for tests, and records in them, as clients put them there."""

from __future__ import annotations

from typing import Any

import httpx

from tests.api import asking
from tests.api.inveniordm import communing
from tests.api.inveniordm.communing import COMMUNITIES
from tests.api.inveniordm.making import RECORDS

ME = f"{asking.API}/users/me"


def community(asker: httpx.Client, **access: str) -> str:
    """Make a community of these policies and return what it is called."""
    slug = asking.fresh("community")
    communing.community(asker, access={**communing.OPEN, **access}, slug=slug, title=slug)
    return slug


def number(asker: httpx.Client) -> str:
    """Return who an asker is, as members are named."""
    return str(asker.get(ME).json()["user_id"])


def members(slug: str) -> str:
    """Return where a community's members are."""
    return f"{COMMUNITIES}/{slug}/members"


def named(*askers: httpx.Client, **more: Any) -> dict[str, Any]:
    """Return what names members."""
    return {"members": [{"type": "user", "id": number(each)} for each in askers], **more}


def join(leader: httpx.Client, slug: str, asker: httpx.Client, role: str) -> None:
    """Make an asker a member."""
    answer = leader.post(members(slug), json=named(asker, role=role))
    assert answer.status_code == 204, answer.text


def leave(leader: httpx.Client, slug: str, asker: httpx.Client) -> None:
    """Take an asker out of a community."""
    answer = leader.request("DELETE", members(slug), json=named(asker))
    assert answer.status_code == 204, answer.text


def of(pid: str) -> str:
    """Return where a record's communities are."""
    return f"{RECORDS}/{pid}/communities"


def called(*slugs: str) -> dict[str, Any]:
    """Return what names communities."""
    return {"communities": [{"id": each} for each in slugs]}


def include(asker: httpx.Client, pid: str, *slugs: str) -> None:
    """Put a record into communities."""
    answer = asker.post(of(pid), json=called(*slugs))
    assert answer.status_code == 200, answer.text


def exclude(asker: httpx.Client, pid: str, *slugs: str) -> httpx.Response:
    """Take a record out of communities, and return the answer."""
    return asker.request("DELETE", of(pid), json=called(*slugs))
