"""The Memento protocol: an object is its own TimeGate, and has a TimeMap. Source: RFC 7089."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.api.history import making
from tests.running import Running


@pytest.fixture(scope="module")
def daily(server: Running, ada: User, action: int) -> int:
    """An object with four versions, recorded four, three, two days and one day ago."""
    return making.recorded(server, ada, action, *(timedelta(days=age) for age in (4, 3, 2, 1)))


def dates(ada: User, number: int) -> list[datetime]:
    """When each version was recorded."""
    lines = making.versions(ada.client, number)
    return [datetime.fromisoformat(line["recorded_at"]) for line in lines]


def http_date(at: datetime) -> str:
    """An instant as HTTP writes it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


def at(client: httpx.Client, path: str, instant: datetime) -> httpx.Response:
    """Ask the TimeGate for an instant."""
    return client.get(path, headers={"Accept-Datetime": http_date(instant)})


def relations(answer: httpx.Response) -> dict[str, tuple[str, str | None]]:
    """Relation → target and datetime, of the Link header or a TimeMap in link-format."""
    text = answer.headers["Link"]
    found = {}
    for target, parameters in re.findall(r"<([^>]*)>((?:; \w+=\"[^\"]*\")*)", text):
        said = dict(re.findall(r'(\w+)="([^"]*)"', parameters))
        for relation in said["rel"].split():
            if relation != "memento" or said["rel"] == "memento":
                found[relation] = (target, said.get("datetime"))
    return found


@pytest.mark.parametrize("version", range(4))
def test_the_timegate_leads_to_the_version_of_a_date(ada: User, daily: int, version: int) -> None:
    """To the last one recorded by then, its own date included."""
    path = f"/objects/{daily}"
    recorded_at = dates(ada, daily)[version]
    for instant in (recorded_at, recorded_at + timedelta(hours=5)):
        answer = at(ada.client, path, instant)
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"{path}/versions/{version}"
        assert "Memento-Datetime" not in answer.headers  # RFC 7089, 4.2.1: it is no memento itself
        shown = ada.client.get(answer.headers["Location"])
        assert shown.headers["Memento-Datetime"] == http_date(recorded_at)
        assert answer.headers["Vary"] == "Accept-Datetime"


def test_a_date_before_the_first_version_leads_to_the_first(ada: User, daily: int) -> None:
    """And one in the future to the last."""
    for year, version in ((1999, 0), (9999, 3)):
        answer = at(ada.client, f"/objects/{daily}", datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC))
        assert answer.headers["Location"].endswith(f"/versions/{version}")


def test_the_date_a_version_is_shown_with_leads_to_it(
    server: Running, ada: User, action: int
) -> None:
    """Of several versions within a second, to the last: the date has no fractions."""
    while True:
        number = making.recorded(server, ada, action, *[timedelta(days=1)] * 3)
        first, *_, last = dates(ada, number)
        if http_date(first) == http_date(last):  # else a second began between them
            break
    assert first != last

    assert at(ada.client, f"/objects/{number}", first).headers["Location"].endswith("/versions/2")


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-01-01", "Thu, 31 May 2007 20:35:00 +0200", "Thu, 31 May 2007"]
)
def test_a_date_that_is_none_is_malformed(ada: User, daily: int, date: str) -> None:
    """400, and the header is named."""
    answer = ada.client.get(f"/objects/{daily}", headers={"Accept-Datetime": date})

    assert making.problem(answer, 400).startswith("Accept-Datetime is malformed")


def test_the_answer_links_what_is_around_the_version(ada: User, daily: int) -> None:
    """The original, which is the TimeGate, the TimeMap, and versions with their dates."""
    recorded = [http_date(each) for each in dates(ada, daily)]
    for prefix in (API, ""):
        path = f"{prefix}/objects/{daily}"
        answers = [
            at(ada.client, path, dates(ada, daily)[2]),
            ada.client.get(path, params={"as_of": dates(ada, daily)[2].isoformat()}),
        ]
        for answer in answers:
            assert relations(answer) == {
                "original": (path, None),
                "timegate": (path, None),
                "timemap": (f"{path}/timemap", None),
                "first": (f"{path}/versions/0", recorded[0]),
                "prev": (f"{path}/versions/1", recorded[1]),
                "memento": (f"{path}/versions/2", recorded[2]),
                "next": (f"{path}/versions/3", recorded[3]),
                "last": (f"{path}/versions/3", recorded[3]),
            }


def test_the_first_version_has_none_before_it(ada: User, daily: int) -> None:
    """And the last none after it: a version has all the names that it has."""
    first, last = (
        at(ada.client, f"/objects/{daily}", dates(ada, daily)[version]) for version in (0, 3)
    )

    assert 'rel="first memento"' in first.headers["Link"]
    assert "prev" not in relations(first)
    assert 'rel="last memento"' in last.headers["Link"]
    assert "next" not in relations(last)


def test_without_a_date_the_timegate_leads_to_the_current_version(ada: User, daily: int) -> None:
    """As it always did; it says that it would heed a date."""
    answer = ada.client.get(f"/objects/{daily}")

    assert answer.headers["Location"].endswith("/versions/3")
    assert answer.headers["Vary"] == "Accept-Datetime"
    assert set(relations(answer)) == {"original", "timegate", "timemap"}


def test_the_timemap_lists_every_version_with_its_date(ada: User, daily: int) -> None:
    """In link-format, unless something else is asked for."""
    path = f"/objects/{daily}"
    recorded = [http_date(each) for each in dates(ada, daily)]

    answer = ada.client.get(f"{path}/timemap")

    assert answer.headers["Content-Type"] == "application/link-format"
    assert answer.headers["Vary"] == "Accept"
    assert answer.text.splitlines() == [
        f'<{path}>; rel="original timegate",',
        f'<{path}/timemap>; rel="self"; type="application/link-format";'
        f' from="{recorded[0]}"; until="{recorded[3]}",',
        f'<{path}/versions/0>; rel="first memento"; datetime="{recorded[0]}",',
        f'<{path}/versions/1>; rel="memento"; datetime="{recorded[1]}",',
        f'<{path}/versions/2>; rel="memento"; datetime="{recorded[2]}",',
        f'<{path}/versions/3>; rel="last memento"; datetime="{recorded[3]}"',
    ]


def test_the_timemap_can_be_had_as_json(ada: User, daily: int) -> None:
    """With the instants to the microsecond."""
    path = f"{API}/objects/{daily}"
    listed = [
        {"datetime": line["recorded_at"], "uri": line["href"]}
        for line in making.versions(ada.client, daily)
    ]

    answer = ada.client.get(f"{path}/timemap", headers={"Accept": "application/json"})

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "original_uri": path,
        "timegate_uri": path,
        "timemap_uri": {"link_format": f"{path}/timemap", "json_format": f"{path}/timemap"},
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }


def test_a_timemap_in_no_form_that_is_accepted_is_refused(ada: User, daily: int) -> None:
    """406, and the forms are named."""
    answer = ada.client.get(f"/objects/{daily}/timemap", headers={"Accept": "text/html"})

    assert "application/link-format or application/json" in making.problem(answer, 406)


def test_a_long_timemap_comes_in_parts(server: Running, ada: User, action: int) -> None:
    """Each links to the next; together they list every version once."""
    number = making.recorded(server, ada, action, *[timedelta(days=1)] * 2500)
    path = f"/objects/{number}/timemap"
    versions: list[str] = []
    for part, after in enumerate(("", "?after=999", "?after=1999")):
        text = ada.client.get(f"{path}{after}").text
        versions += re.findall(r"/versions/(\d+)>", text)
        assert f'<{path}{after}>; rel="self"' in text
        following = re.findall(rf'<{path}(\?[^>]*)>; rel="timemap"; [^,]*; from="', text)
        assert following == [["?after=999"], ["?after=1999"], []][part]
        assert ("first memento" in text, "last memento" in text) == (part == 0, part == 2)
    assert versions == [str(version) for version in range(2500)]

    first = ada.client.get(path, headers={"Accept": "application/json"}).json()
    assert first["next_uri"] == f"{path}?after=999"
    assert "last" not in first["mementos"]


def test_only_versions_that_the_asker_may_view_are_mementos(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """In the TimeMap, of the TimeGate, and in every link."""
    number = making.half_open(server, ada, action)
    path, recorded = f"/objects/{number}", dates(ada, number)

    assert re.findall(r"/versions/(\d)>", ada.client.get(f"{path}/timemap").text) == list("0123")
    for client in (bob.client, nobody):
        for accept in ("application/link-format", "application/json"):
            shown = client.get(f"{path}/timemap", headers={"Accept": accept}).text
            assert set(re.findall(r"/versions/(\d)", shown)) == {"1", "3"}
        chosen = [at(client, path, each) for each in recorded]
        assert [each.headers["Location"][-1] for each in chosen] == list("1113")
        for answer in chosen:
            assert set(re.findall(r"/versions/(\d)", answer.headers["Link"])) == {"1", "3"}


def test_where_no_version_may_be_seen_no_date_leads_to_one(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """404 that says so: the object is public, and all its versions were restricted."""
    number = making.recorded(server, ada, action, timedelta(days=2), timedelta(days=1))
    making.set_access(server, ada, number, "public")

    for client in (bob.client, nobody):
        for instant in (*dates(ada, number), datetime(1999, 1, 1, tzinfo=UTC)):
            said = making.problem(at(client, f"/objects/{number}", instant), 404)
            assert "versions that you may see" in said


def test_who_may_not_view_the_object_has_no_timemap_and_no_timegate(bob: User, daily: int) -> None:
    """403 before any date."""
    making.problem(bob.client.get(f"/objects/{daily}/timemap"), 403)
    making.problem(at(bob.client, f"/objects/{daily}", datetime(1999, 1, 1, tzinfo=UTC)), 403)
    making.problem(bob.client.get("/objects/999999999/timemap"), 404)


def test_a_version_says_when_it_was_recorded_and_where_it_belongs(ada: User, daily: int) -> None:
    """From SQL and from memory, by each of its addresses: what of it never changes."""
    recorded = [http_date(each) for each in dates(ada, daily)]
    for prefix in (API, ""):
        path = f"{prefix}/objects/{daily}"
        for version in (0, 2, 0, 2, 2):
            answer = ada.client.get(f"{path}/versions/{version}")
            expected: dict[str, tuple[str, str | None]] = {
                "original": (path, None),
                "timegate": (path, None),
                "timemap": (f"{path}/timemap", None),
                "first": (f"{path}/versions/0", None),
            }
            if version == 2:
                expected["prev"] = (f"{path}/versions/1", None)
            assert answer.headers["Memento-Datetime"] == recorded[version]
            assert relations(answer) == expected


def test_a_version_links_none_that_is_closed_to_who_sees_it(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """From SQL and from memory, whoever asked before; what only a grant opens links them again."""
    number = making.half_open(server, ada, action)
    for _ in range(2):
        asking.new_version(ada.client, number, "{}")
    askers = (ada.client, bob.client, nobody)
    for client in askers * 2:
        for version in (1, 3, 4, 5):
            answer = client.get(f"/objects/{number}/versions/{version}")
            assert set(relations(answer)) == {"original", "timegate", "timemap"}

    making.set_access(server, ada, number, "restricted")
    for _ in range(2):
        found = relations(ada.client.get(f"/objects/{number}/versions/4"))
        assert found["first"][0].endswith("/versions/0")
        assert found["prev"][0].endswith("/versions/3")


@pytest.mark.parametrize("rest", ["timemap", "events", "versions"])
def test_a_slash_at_the_end_makes_no_difference(ada: User, daily: int, rest: str) -> None:
    """As at SampleDB's own collections."""
    path = f"{API}/objects/{daily}/{rest}"

    plain, slashed = ada.client.get(path), ada.client.get(f"{path}/")

    assert (slashed.status_code, slashed.content) == (plain.status_code, plain.content)
    assert slashed.status_code == 200
