"""What lists show: all records of the matrix are asked about at once, by everybody in turn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from tests.api.matrix.cells import case_of, refused
from tests.api.matrix.holding import Holder
from tests.api.matrix.making import Made
from tests.api.matrix.states import (
    EDIT,
    MANAGE,
    NONE,
    PREVIEW,
    VIEW,
    Case,
    files,
    newest,
    preview,
    sees,
    shared,
    version,
)
from tests.api.matrix.wire import Answer, Request, answers
from tests.api.matrix.world import World

WORDS = {NONE: "none", VIEW: "read", PREVIEW: "read", EDIT: "write", MANAGE: "grant"}
Shows = Callable[[Made, Case, Answer], bool]

TOKEN = re.compile(r"<resumptionToken[^>]*>([^<]+)</resumptionToken>")


def wrong(world: World, holder: Holder) -> list[str]:
    """Ask each list for all records of the matrix; return what is wrong, in words."""
    asked = list(_asked(world, holder))
    got = answers(world.url, [request for request, _, _ in asked])
    found = []
    for (request, status, shows), (_request, answer) in zip(asked, got, strict=True):
        told = f"{holder.name} at {request.path}"
        if answer.status != status:
            found.append(f"{told}: {answer.status}, not {status}: {answer.body[:200]!r}")
            continue
        for made in world.records:
            case = case_of(holder, made)  # no list takes a link
            shown = {name for name, text in made.secrets.items() if text in answer.body}
            found += [f"{told}: {name} of {made.state}" for name in shown if not sees(case, name)]
            if status == 200 and not shows(made, case, answer):
                found.append(f"{told}: not as it must be for {made.state}: {shown}")
    return found


def _asked(world: World, holder: Holder) -> Iterator[tuple[Request, int, Shows]]:
    """Give the requests, the status of each, and what holds of its answer for each record."""
    token = f"&token={quote(world.records[1].links[holder.link])}" if holder.link else ""
    headers = {"Authorization": f"Bearer {holder.token}"} if holder.token else {}
    word = f"q={world.word}&size=200"

    def request(path: str) -> Request:
        return Request("GET", path + token, headers)

    yield request(f"/api/records?{word}"), 200, _newest_of_works
    yield request(f"/api/records?{word}&allversions=1"), 200, _newest_of_all
    within = f"/api/communities/{world.holders.community}/records?{word}"
    yield request(within), 200, _newest_of_works
    own = 200 if holder.signed_in else refused("/api/user", signed_in=False)
    yield request(f"/api/user/records?{word}"), own, _own(holder)
    objects = f"/objects/?q={world.word}&use_advanced_search=false"
    login = 200 if holder.signed_in else 401
    yield request(objects), 200, _newest_of_all
    yield request(f"/api/v1{objects}"), login, _newest_of_all
    entries = f"/api/v1/object_log_entries/?after_id={world.since}"
    yield request(entries), login, _logged
    yield request(f"/api/deposits?q={world.word}&size=100"), login, _deposits


def _newest_of_works(made: Made, case: Case, answer: Answer) -> bool:
    """Whether it has the newest version of the newest record of a work, if that may be seen."""
    return _has(made, f"version {made.state.newest}", answer) == newest(case) and not _has(
        made, "before", answer
    )


def _newest_of_all(made: Made, case: Case, answer: Answer) -> bool:
    """Whether it has the newest version of each record that may be seen."""
    of_newest = _has(made, f"version {made.state.newest}", answer) == newest(case)
    return of_newest and _has(made, "before", answer) == (
        bool(made.state.before) and case.level >= VIEW
    )


def _deposits(made: Made, case: Case, answer: Answer) -> bool:
    """Whether it has the deposits that are drafts, if they may be seen, and nothing else."""
    there = made.state.kind == "deposit" and not made.state.published and preview(case)
    return any(_has(made, name, answer) for name in made.secrets) == there


def _own(holder: Holder) -> Shows:
    """Whether who owns it has it in his list, as a draft or as it is; nobody else has."""
    return lambda made, _case, answer: (
        any(_has(made, name, answer) for name in made.secrets) == (holder.name == "owner")
    )


def _logged(made: Made, case: Case, answer: Answer) -> bool:
    """Whether something is told of it to who may see something of it."""
    of_versions = any(version(case, number) for number in range(len(made.state.published)))
    of_files = made.state.kind == "object" and files(case)
    of_work = bool(made.state.published) and shared(case)
    told = f'"object_id":{made.number},' in answer.body
    return told == (of_versions or of_files or of_work)


def wrong_harvest(world: World, holder: Holder, everyone: int) -> list[str]:
    """Harvest all that there is since the records of the matrix; return what is wrong.

    `everyone` is the rung that everyone holds on them.
    """
    headers = {"Authorization": f"Bearer {holder.token}"} if holder.token else {}
    since = f"{world.began:%Y-%m-%dT%H:%M:%SZ}"
    query = f"metadataPrefix=oai_dc&from={since}"
    body = ""
    while query:
        request = Request("GET", f"/oai2d?verb=ListRecords&{query}", headers)
        [(_request, answer)] = answers(world.url, [request])
        body += answer.body
        more = TOKEN.search(answer.body)
        query = f"resumptionToken={quote(more[1])}" if more else ""
    found = []
    for made in world.records:
        case = Case(made.state, everyone, NONE, signed_in=False)
        harvested = Answer(200, "", body)
        if not _newest_of_all(made, case, harvested):
            shown = {name for name, text in made.secrets.items() if text in body}
            found.append(f"{holder.name} harvests of {made.state}: {shown}")
    return found


def wrong_rung(world: World, holder: Holder, number: int, records: Sequence[Made]) -> Iterator[str]:
    """Ask which rung a holder has on records, by himself and at all; give what is wrong.

    It is not told of drafts, which are no objects.
    """
    himself = holder.name.startswith(("owner", "account"))
    headers = {"Authorization": f"Bearer {holder.token}"}
    rungs = {
        "": holder.level if himself else NONE,
        "?include_groups&include_projects": holder.level,
    }
    asked = [
        (made, query, WORDS[level] if made.state.published else "")
        for made in records
        for query, level in rungs.items()
    ]
    requests = [
        Request("GET", f"/objects/{made.number}/permissions/users/{number}{query}", headers)
        for made, query, _word in asked
    ]
    for (made, query, word), (_request, answer) in zip(
        asked, answers(world.url, requests), strict=True
    ):
        if (answer.status, answer.body) != ((200, f'"{word}"') if word else (404, answer.body)):
            yield f"{holder.name} holds {answer.body[:200]!r} on {made.state}{query}, not {word}"


def _has(made: Made, name: str, answer: Answer) -> bool:
    return name in made.secrets and made.secrets[name] in answer.body
