"""The statement that finds published records, made of its parts in listed.sql and listing.sql.

Values are parameters, never part of the text.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from domain.access import SIGNED_IN
from projections import asking, listing, sql, texts
from projections.objects import array
from projections.shapes import ORDERS, Page, Shape
from projections.wanted import Facet, Wanted

MOST = 1_000  # values of a facet that are counted
FEW = 1_000  # records that are ranked by all their words
WALK = 20  # records that are looked at for each one wanted, before another way is taken
LEAST = 1_000  # that are looked at in any case

_TEXTS = sql.load("listed") | listing.SQL | {"granted": asking.granted("r")}


def composed(wanted: Wanted, page: Page) -> str:
    """Return the statement that gives a page in one of two ways, which are one with a condition."""
    condition = wanted.condition
    shape = Shape.of(wanted, page)
    text = _statement(shape)
    if condition is None:
        return text
    # Last: it is nothing that parts are put into.
    for part in ("words", "hint", "families"):
        text = text.replace(f"{{{part}}}", getattr(condition, part) or "")
    # A row of `listed` has the words at hand which a live one takes from its document.
    listed = condition.text.replace(texts.DOCUMENT, "l.words")
    return text.replace("{listed_condition}", listed).replace("{condition}", condition.text)


def parameters(wanted: Wanted) -> dict[str, Any]:
    """Return the parameters of the statement."""
    needed = wanted.offset + wanted.limit + 1  # one more, to see whether more follow
    params: dict[str, Any] = {} if wanted.condition is None else dict(wanted.condition.params)
    params |= {facet: list(values) for facet, values in wanted.selected.items()}
    params |= {
        "principals": array(wanted.principals),
        "signed_in": SIGNED_IN in wanted.principals,
        "facets": wanted.facets,
        "since": wanted.since,
        "before": wanted.before,
        "limit": wanted.limit + 1,
        "offset": wanted.offset,
        "needed": needed,
        "walk": WALK * needed + LEAST,
        "full": None,
    }
    if (place := wanted.after) is not None:
        params |= {
            "start": place.start,
            "key": place.key,
            "number": place.number,
            "full": place.full,
        }
    return params


@lru_cache(maxsize=256)
def _statement(shape: Shape) -> str:
    order = ORDERS[shape.sort]
    counter = "every" if shape.every else "latest"
    others = _standing(shape) | _selecting(shape.selected) | _asking(shape)
    others |= {
        "live_key": order.column,
        "order": order.by("key", "number"),
        "walk": order.by(f"l.{order.column}", "l.number"),
        "after": order.beyond(f"l.{order.column}", "l.number") if shape.walking else "true",
        "behind": order.beyond("key", "number") if shape.walking else "true",
        "counter": counter,
        "tally_count": _TEXTS["ranged"] if shape.ranged else f"t.{counter}",
        "within_range": _TEXTS["in_range"] if shape.ranged else "true",
        "most": f"{MOST}",
        "few": f"{FEW}",
    }
    texts = sql.parts(_TEXTS | others)
    ways = ["recents", "past"] if shape.past else ["recents"]
    if shape.asked != "all":
        page = "page_ranked" if shape.sort == "bestmatch" else "page_found"
        ways += ["live", "found", "sifted", page]
    elif not shape.counted:
        ways += ["uncounted", shape.page] if shape.past else ["live", "uncounted", shape.page]
    elif shape.selected or shape.ranged:
        ways += ["live", "tallied", "sifted", shape.page]
    else:
        ways += ["live", "margined", shape.page]
    return "WITH " + ",\n".join(texts[each] for each in ways) + "\n" + texts["answer"]


def _standing(shape: Shape) -> dict[str, str]:
    """Return which rows there are: as they stand, and on a page of a walk as they stood."""
    current = "true" if shape.every else "l.superseded IS NULL"
    stamped = shape.ranged or shape.sort == "datestamp"
    found = {
        "evaluated_now": _evaluated("now", every=shape.every),
        "evaluated_then": _evaluated("then", every=shape.every),
        "stamps": _TEXTS["stamped"] if stamped else "NULL AS published",
        "current": current,
        "stood": current,
        "beside": "past" if shape.past else "live",
    }
    if stamped:
        found["recent"] = _TEXTS["recent_stamped"]
    if not shape.walking:
        return found
    was = {
        column: _TEXTS["was"].replace("{position}", f"l.{column}")
        for column in ("published", "position", "superseded")
    }
    if not shape.past:
        beside = f"(SELECT l.* FROM live l WHERE {was['published']})"
        return found | {"stood": f"{was['published']} AND {current}", "beside": beside}
    stood = [was["published"]]
    if not shape.every:
        stood.append(f"(l.superseded IS NULL OR NOT {was['superseded']})")
    # What a version says matters where something is asked of it, or it is sorted by its age.
    changed = shape.asked != "all" or shape.sort in ("updated-desc", "updated-asc")
    if changed:
        stood.append(was["position"])
    found["changed"] = f"{was['published']} AND NOT {was['position']}" if changed else "false"
    return found | {"stood": " AND ".join(stood)}


def _evaluated(when: Literal["now", "then"], *, every: bool) -> str:
    """Return the rows that are made of the views."""
    text = _TEXTS["evaluated"]
    for name in ("those", "shown", "document", "open", "latest"):
        part = "true" if every and name == "latest" else _TEXTS[f"{name}_{when}"]
        text = text.replace(f"{{{name}}}", part)
    return text


def _selecting(selected: tuple[Facet, ...]) -> dict[str, str]:
    """Return how rows c of tallies are sifted by what is selected of facets."""
    asked = {facet: _TEXTS[f"selected_{facet}"] for facet in selected}
    chosen = [f"by_{facet}" for facet in selected]
    own = [f"(by_{facet} OR each.facet = '{facet}')" for facet in selected]
    return {
        "flags": "".join(f", ({text}) AS by_{facet}" for facet, text in asked.items()),
        "selections": " AND ".join(f"({text})" for text in asked.values()) or "true",
        "chosen": " AND ".join(chosen) or "true",
        "but_own": " AND ".join(own) or "true",
    }


def _asking(shape: Shape) -> dict[str, str]:
    """Return what is asked of rows l of `listed`, and how live ones are ranked."""
    found = {"key": f"l.{ORDERS[shape.sort].column}", "rank": "NULL", "full_rank": "NULL"}
    if shape.sort == "bestmatch":
        title, all_words = "es.titles(s.document)", "es.words(s.document)"
        found["key"] = _rank("l.titles")
        found["rank"], found["full_rank"] = _rank(title), _full_rank(title, all_words)
        found["listed_full_rank"] = _full_rank("l.titles", "l.words")
    if shape.asked == "all":
        return found | {"condition": "true"}
    asked = {
        "words": "l.words @@ {words}",
        "hint": "l.record IN (SELECT hit.record FROM ({hint}) hit)",
        "text": "true",
    }[shape.asked]
    rows = "listed"
    if shape.within and shape.asked == "text":
        rows = _TEXTS["inside"]
    elif shape.within:
        asked = f"l.family IN ({{families}}) AND {asked}"
    joined = "" if shape.exact else _TEXTS["joined"]
    return found | {
        "rows": rows,
        "joined": joined,
        "asked": asked if shape.exact else f"{asked} AND {{listed_condition}}",
    }


def _rank(titles: str) -> str:
    return f"ts_rank({titles}, {{words}})::float8"


def _full_rank(titles: str, all_words: str) -> str:
    # Divided by the logarithm of the length: a word of few says more.
    return f"(4 * ts_rank({titles}, {{words}}) + ts_rank({all_words}, {{words}}, 1))::float8"
