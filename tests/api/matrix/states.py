"""The states of a record, and what of it is to be seen by whom in each. Source: DESIGN.md, 9.

This says once more, in other words and without a line of the service's code, what the table of
levels means: a rung held opens what is at it and below; visibility and embargo open what they open
to everybody; a past version needs the stricter of then and now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, NamedTuple

NOW = datetime.now(UTC)  # when the tests began
NONE, VIEW, PREVIEW, EDIT, MANAGE = range(5)
LEVELS = {"view": VIEW, "preview": PREVIEW, "edit": EDIT, "manage": MANAGE}
OPEN = {  # whether the record is open to everybody, and whether its files are
    "public": (True, True),
    "restricted": (False, False),
    "restricted files": (True, False),
    "embargoed": (False, False),
    "embargo over": (True, True),
}


class State(NamedTuple):
    """How a record came to stand: with which access each of its versions was published.

    `since` is what its access was changed to afterwards, `before` the access of an earlier record
    of the same work.
    """

    # InvenioRDM's, with drafts; SampleDB's, published at once; CAP's, a draft or published
    kind: Literal["record", "object", "deposit"]
    published: tuple[str, ...] = ()
    since: str = ""
    before: str = ""

    def __str__(self) -> str:
        before = f"{self.before}, then another record " if self.before else ""
        return f"{self.kind}: {before}{', then '.join(self.published) or 'draft only'}" + (
            f", {self.since} since" if self.since else ""
        )

    @property
    def now(self) -> tuple[bool, bool]:
        """Whether the record and its files are open to everybody now."""
        return OPEN[self.since or self.published[-1]] if self.published else (False, False)

    @property
    def newest(self) -> int:
        """The number of its newest version; -1: none was published."""
        return len(self.published) - 1

    @property
    def has_draft(self) -> bool:
        """Whether a draft is open: of InvenioRDM's records one always is here."""
        return self.kind == "record" or not self.published


STATES = (
    State("record"),
    *(State("record", (each,)) for each in OPEN),
    State("record", ("restricted", "public")),
    State("record", ("public", "restricted")),
    State("record", ("public",), before="restricted"),
    State("object", ("restricted",)),  # as every object begins
    State("object", ("restricted",), since="public"),
    *(State("object", ("restricted", each)) for each in OPEN),
    State("object", ("restricted", "public", "restricted")),
    State("deposit"),
    State("deposit", ("restricted",)),  # as they all are
)


class Case(NamedTuple):
    """Somebody and a record: the rung he holds, and the one that he holds not with everyone."""

    state: State
    level: int
    own: int
    signed_in: bool
    administrator: bool = False


def anyone(case: Case) -> bool:
    """Whether he may do what everybody may."""
    return True


def signed_in(case: Case) -> bool:
    """Whether he has signed in."""
    return case.signed_in


def administrator(case: Case) -> bool:
    """Whether he is an administrator."""
    return case.administrator


def record(case: Case) -> bool:
    """Whether he may see that there is the record."""
    return case.level >= VIEW or case.state.now[0]


def version(case: Case, number: int) -> bool:
    """Whether he may see a version: the stricter of then and now."""
    then = OPEN[case.state.published[number]][0]
    return case.level >= VIEW or (case.state.now[0] and then)


def newest(case: Case) -> bool:
    """Whether he may see the newest version."""
    return case.state.newest >= 0 and version(case, case.state.newest)


def files(case: Case) -> bool:
    """Whether he may see the files: a record's are its newest version's, an object's its own."""
    seen = record(case) if case.state.kind == "object" else newest(case)
    return seen and (case.level >= VIEW or case.state.now[1])


def newest_with_files(case: Case) -> bool:
    """Whether he may see the files where there are no others than a version's."""
    return newest(case) and files(case)


def shared(case: Case) -> bool:
    """Whether he sees who works with the record: not who may see it only because everyone may."""
    return record(case) and case.own >= VIEW


def preview(case: Case) -> bool:
    """Whether he sees drafts."""
    return case.level >= PREVIEW


def edit(case: Case) -> bool:
    """Whether he may change the record: what is written is somebody's."""
    return case.signed_in and case.level >= EDIT


def manage(case: Case) -> bool:
    """Whether he may say who may what."""
    return case.level >= MANAGE


def manages(case: Case) -> bool:
    """Whether he may change who may what."""
    return case.signed_in and case.level >= MANAGE


def _rung_held(case: Case) -> bool:
    return case.level >= VIEW


SEES = {
    "draft": preview,
    "file": preview,  # of a draft only; published ones see below
    "before": _rung_held,
    "comment": shared,
    "place": shared,
    "link": manage,
}


def sees(case: Case, secret: str) -> bool:
    """Whether he may be shown something of the record, by the name that it has here."""
    if secret.startswith("version"):
        return version(case, int(secret.removeprefix("version ")))
    if secret == "file" and case.state.published:
        return files(case)
    return SEES[secret](case)
