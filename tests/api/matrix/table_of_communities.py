"""What each route of a community needs: who may, by his role there and by what its policies say.

As in table.py: who may not is answered 403; what would change something fails for who may at what
is asked after the permission, or asks for what is so already. Source: InvenioRDM, "Communities";
the guide, "Communities".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.api.matrix.lines import REFUSED, STALE

OUTSIDE, READER, CURATOR, MANAGER, OWNER = range(5)
ROLES = {"reader": READER, "curator": CURATOR, "manager": MANAGER, "owner": OWNER}
GONE = 410
AT = "/api/communities/{community}"
PAGE = "GET /communities/{community}"
RANGE = {"Content-Range": "bytes 0-2/3"}  # of a logo, which is sent whole
FACE = {"id": "none", "access": {"visibility": "public"}, "metadata": {"title": "Tin"}}


class Case(NamedTuple):
    """Somebody and a community: the role he has there, and what its policies say."""

    role: int
    signed_in: bool
    visibility: str
    member_policy: str
    record_policy: str
    ended: bool = False


Rule = Callable[[Case], bool]


class Asked(NamedTuple):
    """One request: who may, what he is answered, and the secrets that the answer has.

    `members` says whom the body names, by what he is in the community, and with which role.
    """

    may: Rule
    said: int = 200
    body: Any = None
    members: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}
    shows: tuple[str, ...] = ()


def seen(case: Case) -> bool:
    """Whether he sees that there is the community, and what it says."""
    return case.visibility == "public" or case.role >= READER


def member(case: Case) -> bool:
    """Whether he is a member."""
    return case.role >= READER


def curates(case: Case) -> bool:
    """Whether he takes records out of it."""
    return case.role >= CURATOR


def leads(case: Case) -> bool:
    """Whether he says what the community says, and who is in it."""
    return case.role >= MANAGER


def owns(case: Case) -> bool:
    """Whether he says where it is, whether it is, and who owns it."""
    return case.role == OWNER


def joins(case: Case) -> bool:
    """Whether he makes himself a reader."""
    is_open = (case.visibility, case.member_policy) == ("public", "open")
    return case.signed_in and case.role == OUTSIDE and is_open


def gives(case: Case) -> bool:
    """Whether it takes a record from him."""
    if case.record_policy == "restricted":
        return case.role >= CURATOR
    is_open = (case.visibility, case.record_policy) == ("public", "open")
    return case.signed_in and (case.role >= READER or is_open)


SEES = {"title": seen, "leader": seen, "curator": member}


def status(case: Case, asked: Asked, *, reads: bool) -> int:
    """Return how a request must be answered; what has ended is gone for all who may ask for it."""
    if case.ended and (reads or case.signed_in):
        return GONE
    return asked.said if not case.ended and asked.may(case) else REFUSED


ON_COMMUNITIES: dict[str, tuple[Asked, ...]] = {
    f"GET {AT}": (Asked(seen, shows=("title",)),),
    PAGE: (Asked(seen, shows=("title",)),),
    f"GET {AT}/logo": (Asked(seen, 404),),
    f"GET {AT}/members": (Asked(member, shows=("leader", "curator")),),
    f"GET {AT}/members/public": (Asked(seen, shows=("leader",)),),
    f"GET {AT}/records": (Asked(seen),),
    f"PUT {AT}": (Asked(leads, 412, body=FACE, headers=STALE),),
    f"DELETE {AT}": (Asked(owns, 412, headers=STALE),),
    f"POST {AT}/rename": (Asked(owns, 412, body={"id": "none"}, headers=STALE),),
    f"PUT {AT}/logo": (Asked(leads, 400, body="tin", headers=RANGE),),
    f"DELETE {AT}/logo": (Asked(leads, 404),),
    f"DELETE {AT}/records": (Asked(curates, 400, body={"records": [{"id": "none"}]}),),
    f"POST {AT}/members": (
        Asked(leads, 400, members=("curator", "reader")),  # who is one already
        Asked(owns, 400, members=("owner", "owner")),
    ),
    f"PUT {AT}/members": (
        Asked(leads, 204, members=("curator", "curator")),  # who is that already
        Asked(leads, 400, members=("outside", "reader")),  # who is none
        Asked(owns, 204, members=("owner", "owner")),
    ),
    f"DELETE {AT}/members": (
        Asked(leads, 400, members=("outside",)),
        Asked(owns, 400, members=("owner",)),  # the last one stays
    ),
}
