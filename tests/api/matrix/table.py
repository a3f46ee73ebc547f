"""What each route needs: one line a method and path, as DESIGN.md, 9, says who may do what.

A line names who may (a rule of states.py), and what a permitted asker is answered; who may not is
answered 401 or 403, whatever else is so. Every request that would change something fails for a
permitted asker at something that is asked after the permission (a revision that is not the
present one, a key or link that there is none of, a wrong member), or asks for what is so already:
thousands may be sent, and nothing becomes of them. Two answers are everybody's: 404 where there is
nothing to refuse, and 403 for the files of a published record, which change for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

from tests.api.matrix.lines import (
    DONE,
    REFUSED,
    STALE,
    Asked,
    Line,
    if_,
    of,
    one,
    published,
    several,
    there,
)
from tests.api.matrix.making import TUS, Made
from tests.api.matrix.states import (
    NOW,
    Case,
    State,
    administrator,
    anyone,
    edit,
    files,
    manage,
    manages,
    newest,
    newest_with_files,
    preview,
    record,
    shared,
    version,
)
from tests.api.matrix.table_of_deposits import ON_DEPOSITS

PAST = {"expires_at": (NOW - timedelta(days=2)).isoformat()}
NO_LINK = "0b54f9a1-8c4c-4a4e-9b39-4ab0d2a0f2de"
OTHER = {"object_id": 0}  # names another object than the path
EXPORTS = (
    "application/vnd.inveniordm.v1+json",
    "application/vnd.datacite.datacite+json",
    "application/ld+json",
    "application/vnd.citationstyles.csl+json",
    "application/x-bibtex",
    "application/x-dc+xml",
    "application/linkset+json",
    "application/basic+json",
    "application/form+json",
    "application/permissions+json",
    "application/repositories+json",
)
UNTITLED = ("linkset", "permissions", "repositories")  # of these


def _newest(state: State) -> str:
    return f"version {state.newest}" if state.published else ""


def _forms(made: Made) -> Iterator[Asked]:
    """Read a record in every form there is."""
    status = if_(published(newest), of(records=200, drafts=404, objects=200))
    title = (_newest(made.state),) if made.state.published else ()
    yield Asked(status, title)
    for each in EXPORTS:
        shown = () if any(word in each for word in UNTITLED) else title
        yield Asked(status, shown, headers={"Accept": each})
    yield from _parent(made)


def _parent(made: Made) -> Iterator[Asked]:
    """Ask for the work that a record is a version of: it leads who may see it to the newest."""
    if made.parent:
        status = if_(published(newest), of(records=302, drafts=404, objects=302))
        yield Asked(status, names={"pid": made.parent})


def _page(made: Made) -> Iterator[Asked]:
    """Read the page of a record."""
    shows = (_newest(made.state),) if made.state.published else ()
    yield Asked(if_(published(newest), there(200)), shows)
    yield from _parent(made)


def _instants(made: Made) -> Iterator[Asked]:
    """Ask for an object now, and as it was with each of its versions."""
    yield Asked(if_(published(newest), of(records=302, drafts=404, objects=302)))
    for number, at in enumerate(made.recorded_at):

        def status(case: Case, number: int = number) -> int:
            if not record(case):
                return REFUSED
            return 302 if version(case, number) else 404  # as if it was none

        for name in ("as_of", "valid_at"):
            yield Asked(status, query=urlencode({name: at}))


def _versions(made: Made) -> Iterator[Asked]:
    """Read each version of an object."""
    for number in range(len(made.state.published)):

        def may(case: Case, number: int = number) -> bool:
            return version(case, number)

        yield Asked(if_(may, 200), (f"version {number}",), names={"version": str(number)})
    if not made.state.published:
        yield Asked(if_(anyone, 404))


def _proofs(made: Made) -> Iterator[Asked]:
    """Ask for the proof of each version in a log so short that it has none of them yet."""
    for number in range(max(1, len(made.state.published))):

        def may(case: Case, number: int = number) -> bool:
            return version(case, number)

        asked = {"object": made.pid, "version": number, "size": 1}
        yield Asked(if_(published(may), 404), query=urlencode(asked))


def _differences(made: Made) -> Iterator[Asked]:
    """Compare each version of an object with each."""
    numbers = range(len(made.state.published))
    for first in numbers:
        for second in numbers:

            def may(case: Case, both: tuple[int, ...] = (first, second)) -> bool:
                return all(version(case, each) for each in both)

            names = {"version": str(first), "other": str(second)}
            yield Asked(if_(may, 200), names=names)
    if not made.state.published:
        yield Asked(if_(anyone, 404))


def _work(case: Case) -> bool:
    return newest(case) if case.state.published else preview(case)


def _upload_page(case: Case) -> int:
    if case.state.has_draft and preview(case):
        return 200
    return 302 if case.state.published else REFUSED  # to the record, which says who may see it


NO_DRAFT = of(records=200, drafts=200, objects=404, deposits=404)
STALE_DRAFT = of(records=412, drafts=412, objects=404, deposits=404)


def frozen(otherwise: int) -> Callable[[State], int]:
    """Return that files of published records change for nobody, and of a draft: this."""
    return of(records=403, drafts=otherwise, objects=404, deposits=404)


ON_RECORDS = {
    "GET /api/records/{pid}": several(_forms),
    "GET /api/records/{pid}/versions": one(_work),
    "GET /api/records/{pid}/versions/latest": one(published(newest), there(200), _newest),
    "POST /api/records/{pid}/versions": one(
        edit, of(records=200, drafts=404, objects=409, deposits=409)
    ),
    "GET /api/records/{pid}/access/links": one(manage, 200, "link"),
    "POST /api/records/{pid}/access/links": one(manages, 400, body={"permission": "view"} | PAST),
    "GET /api/records/{pid}/access/links/{link}": one(manage, 200, "link"),
    "PATCH /api/records/{pid}/access/links/{link}": one(manages, 400, body=PAST),
    "DELETE /api/records/{pid}/access/links/{link}": one(manages, 404, names={"link": NO_LINK}),
    "GET /api/records/{pid}/communities": one(_work),
    "POST /api/records/{pid}/communities": one(
        manages, 400, body={"communities": [{"id": "none"}]}
    ),
    "DELETE /api/records/{pid}/communities": one(edit, 400, body={"communities": [{"id": "none"}]}),
    "GET /api/records/{pid}/draft": one(
        preview, NO_DRAFT, lambda state: "draft" if state.has_draft else ""
    ),
    "PUT /api/records/{pid}/draft": one(edit, STALE_DRAFT, body={}, headers=STALE),
    "POST /api/records/{pid}/draft": one(
        edit, of(records=200, drafts=200, objects=409, deposits=DONE)
    ),
    "DELETE /api/records/{pid}/draft": one(edit, STALE_DRAFT, headers=STALE),
    "POST /api/records/{pid}/draft/actions/publish": one(
        edit, STALE_DRAFT, headers=STALE, scope="actions"
    ),
    "POST /api/records/{pid}/draft/actions/files-import": one(edit, frozen(404)),
    "GET /api/records/{pid}/draft/files": one(preview, NO_DRAFT),
    "POST /api/records/{pid}/draft/files": one(edit, frozen(400), body=[{"key": "b"}]),
    "GET /api/records/{pid}/draft/files/{key}": one(preview, NO_DRAFT),
    "DELETE /api/records/{pid}/draft/files/{key}": one(edit, frozen(404), names={"key": "none"}),
    "GET /api/records/{pid}/draft/files/{key}/content": one(preview, NO_DRAFT),
    "PUT /api/records/{pid}/draft/files/{key}/content": one(edit, frozen(409), body="tin"),
    "POST /api/records/{pid}/draft/files/{key}/content": one(
        edit, frozen(409), headers=TUS | {"Upload-Length": "3"}
    ),
    "POST /api/records/{pid}/draft/files/{key}/commit": one(edit, frozen(200)),
    "GET /api/records/{pid}/files": one(
        published(newest_with_files), there(200), lambda state: "file" if state.has_draft else ""
    ),
    "GET /api/records/{pid}/files/{key}": one(
        published(newest_with_files), of(records=200, drafts=404, objects=404)
    ),
    "GET /api/records/{pid}/files/{key}/content": one(
        published(newest_with_files), of(records=200, drafts=404, objects=404)
    ),
    **ON_DEPOSITS,
    "GET /records/{pid}": several(_page),
    "GET /records/{pid}/latest": one(published(newest), there(302)),
    "GET /uploads/{pid}": Line(_upload_page, lambda _made: iter([Asked(_upload_page)])),
    "GET /objects/{object_id}": several(_instants),
    "GET /objects/{object_id}/versions": one(published(record), there(200)),
    "POST /objects/{object_id}/versions": one(
        published(edit), there(400), body={"version_id": 0, "data": {}}
    ),
    "GET /objects/{object_id}/versions/{version}": several(_versions),
    "GET /objects/{object_id}/versions/{version}/diff/{other}": several(_differences),
    "GET /log/proof/inclusion": several(_proofs),
    "GET /objects/{object_id}/timemap": one(published(record), there(200)),
    "GET /objects/{object_id}/events": one(published(record), there(200)),
    "GET /objects/{object_id}/erasures": one(published(record), there(200)),
    "POST /objects/{object_id}/erasures": one(
        administrator,
        404,
        scope="actions",
        body={"reason": "Nothing", "versions": [10**6, 10**6]},
    ),
    "POST /objects/{object_id}/restore": one(published(edit), there(404), body={"version": 10**6}),
    "GET /objects/{object_id}/comments": one(
        published(shared), there(200), lambda state: "comment" if state.published else ""
    ),
    "POST /objects/{object_id}/comments": one(
        published(edit), there(400), body=OTHER | {"content": "tin"}
    ),
    "GET /objects/{object_id}/comments/{comment}": one(
        published(shared), there(200), lambda state: "comment" if state.published else ""
    ),
    "GET /objects/{object_id}/files": one(
        published(files), there(200), lambda state: "file" if state.kind == "object" else ""
    ),
    "POST /objects/{object_id}/files": one(
        published(edit),
        of(records=409, drafts=404, objects=400),
        body=OTHER | {"storage": "url", "url": "https://tin.example"},
    ),
    "GET /objects/{object_id}/files/{file}": one(
        published(files), of(records=404, drafts=404, objects=200)
    ),
    "GET /objects/{object_id}/locations": one(
        published(shared), there(200), lambda state: "place" if state.published else ""
    ),
    "POST /objects/{object_id}/locations": one(published(edit), there(400), body=OTHER),
    "GET /objects/{object_id}/locations/{index}": one(published(shared), there(200)),
    "GET /objects/{object_id}/related_objects": one(published(newest), there(200)),
    **{
        f"{method} /objects/{{object_id}}/permissions/{of}": one(
            published(rule), there(400 if of == "anonymous_users" else said), **more
        )
        for of in (
            *("users", "users/{user_id}", "groups", "groups/{number}", "projects"),
            *("projects/{number}", "public", "authenticated_users", "anonymous_users"),
        )
        for method, rule, said, more in (
            ("GET", shared, 200, {"names": {"number": of.partition("s")[0]}}),
            ("PUT", manages, 400, {"names": {"number": of.partition("s")[0]}, "body": "nonsense"}),
        )
        if method == "GET" or of not in ("users", "groups", "projects")
    },
    **{
        f"{method} /api/records/{{pid}}/draft/uploads/{{upload}}": one(
            lambda case: bool(case.state.published) or edit(case),
            of(records=404, drafts=409, objects=404),
            headers=TUS | headers,
            # Whether there is such an upload is asked first.
            scope="write" if method != "HEAD" else lambda s: "read" if s.published else "write",
        )
        for method, headers in (
            ("HEAD", {}),
            ("PATCH", {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}),
            ("POST", {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}),
            ("DELETE", {}),
        )
    },
}
