"""Lists of the terms of a vocabulary that are in use, page by page. Their SQL is in terms.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from domain.errors import Invalid
from domain.term import Term, Type
from projections import known
from projections.asking import Compiled
from projections.cursor import UNKNOWN
from projections.database import Db, fetch
from projections.search import ask
from projections.terms import view

Sort = Literal["bestmatch", "title", "newest", "oldest"]
_BY_NAME = 'near.sorted_by COLLATE "C", near.key'
ORDERS: dict[Sort, str] = {
    "title": _BY_NAME,
    "newest": "near.created_at DESC, near.key DESC",
    "oldest": "near.created_at, near.key",
}
BEST = f"near.rank, {_BY_NAME}"
BEYOND: dict[Sort, str] = {  # a place in the list of all
    "title": '(near.sorted_by COLLATE "C", near.key) > (%(name)s::text, %(key)s::text)',
    "newest": "(near.created_at, near.key) < (%(created_at)s::timestamptz, %(key)s::text)",
    "oldest": "(near.created_at, near.key) > (%(created_at)s::timestamptz, %(key)s::text)",
}
MOST = 1000  # terms that are considered of each kind that is suggested
LONGEST = 500  # characters of a tag or a scheme, with its sign. Source: es.term_words

SQL = {
    name: view.sql[name].replace(
        "{columns}", ", ".join(f"t.{each.name}" for each in view.columns.all)
    )
    for name in ("all", "found", "suggested")
}


class Place(Struct, frozen=True, array_like=True):
    """The place after a term: what it was sorted by, and its id."""

    sort: Sort
    name: str
    created_at: datetime
    key: str


class Wanted(Struct, frozen=True, kw_only=True):
    """Which terms of a vocabulary, of those in use, and which page of them.

    `suggest` is what begins words of their names; `text` is what was asked for, which is best met
    by a name that is that. One of the `tags` is theirs, and one of the `schemes`. Where all are
    wanted, `after` may be the place (Page.next) after which the page begins.
    """

    type: Type
    condition: Compiled | None = None
    suggest: str | None = None
    text: str = ""
    tags: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    sort: Sort = "title"  # bestmatch where nothing is asked is title
    limit: int
    offset: int = 0
    after: Place | None = None

    @property
    def everything(self) -> bool:
        """Whether all of the vocabulary is wanted."""
        asked = (self.condition, self.suggest)
        return asked == (None, None) and not self.tags and not self.schemes


class Page(Struct, frozen=True):
    """Some terms, in order, and how many there are in all: `exact`, or at least.

    `next` is where those begin that follow; None: none does, or the list was not of all.
    """

    total: int
    exact: bool
    rows: list[tuple[Any, ...]]
    next: Place | None = None

    @property
    def terms(self) -> Iterator[Term]:
        """The terms, each made when it is come to."""
        return map(view.columns.load, self.rows)


async def page(db: Db, searching: Db, wanted: Wanted) -> Page:
    """Return a page of a vocabulary. Raises Invalid for what takes too long, or for no place."""
    statement, params = listing(wanted)
    if not wanted.everything:
        rows = await ask(searching, statement, params)
        total, exact = rows[0][:2]
        return Page(total, exact, [row[2:] for row in rows if row[2] is not None])
    rows = await fetch(db, statement, params)
    found = [row[1:-1] for row in rows if row[1] is not None]
    following = None
    if len(found) > wanted.limit:
        last = view.columns.load(found[wanted.limit - 1])
        name = rows[wanted.limit - 1][-1]
        following = Place(wanted.sort, name, last.created_at, last.key)
    return Page(rows[0][0], True, found[: wanted.limit], following)


def listing(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Return the statement that gives a page, and its parameters. Raises Invalid for no place."""
    params = {name: getattr(wanted, name) for name in ("type", "limit", "offset")}
    if wanted.everything:
        sort: Sort = "title" if wanted.sort == "bestmatch" else wanted.sort
        beyond = "true"
        if wanted.after is not None:
            beyond = BEYOND[sort]
            if wanted.after.sort != wanted.sort:
                raise Invalid(UNKNOWN)
            params |= msgspec.structs.asdict(wanted.after)
        statement = SQL["all"].replace("{order}", ORDERS[sort]).replace("{beyond}", beyond)
        return statement, params
    if wanted.after is not None:
        raise Invalid(UNKNOWN)
    asked, condition = ["%(marks)s::tsquery"], "true"
    if wanted.suggest is not None:
        asked.append("es.begins_names(left(%(suggest)s, 500))")
    if wanted.condition is not None:
        exact, words = wanted.condition.exact, wanted.condition.words
        params |= wanted.condition.params
        if words is not None:  # empty, they ask for nothing, and give it where they alone decide
            asked.append(f"nullif({words}, '')" if exact else words)
        if not exact:
            condition = wanted.condition.text.replace(known.SQL["updated"], "r.updated_at")
    best = wanted.sort == "bestmatch" and wanted.suggest is not None
    statement = (
        SQL["suggested" if best and wanted.condition is None else "found"]
        .replace("{order}", ORDERS.get(wanted.sort, BEST))
        .replace("{asked}", " && ".join(asked))
        .replace("{condition}", condition)
    )
    params["principals"] = []  # a term is in no community
    params |= {"marks": _marks(wanted), "suggest": wanted.suggest, "text": wanted.text}
    return statement, params | {"most": MOST}


def _marks(wanted: Wanted) -> str:
    """Return the tsquery that a term of the type has, with one of the tags and of the schemes."""
    alternatives = (
        ("/", (wanted.type,)),
        ("#", wanted.tags),
        (":", wanted.schemes),
    )
    return " & ".join(
        f"({' | '.join(_lexeme(sign + each) for each in texts)})"
        for sign, texts in alternatives
        if texts
    )


def _lexeme(text: str) -> str:
    quoted = text[:LONGEST].replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"
