"""An object as it stood: what was recorded by an instant, and what was in force at one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.api.history import making
from tests.running import Running

TICK = timedelta(microseconds=1)


@pytest.fixture(scope="module")
def corrected(server: Running, ada: User, action: int) -> int:
    """Versions valid since now, 2020, 2010 and 2015, recorded in this order."""
    number = asking.new_object(ada.client, action)
    years = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2010, 2015))
    making.backdated(server, ada, number, *years)
    return number


def recorded_at(ada: User, number: int, version: int) -> datetime:
    """When a version was recorded, as the list says it."""
    return datetime.fromisoformat(making.versions(ada.client, number)[version]["recorded_at"])


def shown(client: httpx.Client, number: int | str, **instants: object) -> str:
    """Which version a question about time leads to."""
    answer = client.get(f"/objects/{number}", params={k: str(v) for k, v in instants.items()})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].rpartition("/")[2]


@pytest.mark.parametrize("version", range(4))
def test_as_of_an_instant_it_is_the_latest_version_recorded_by_then(
    ada: User, corrected: int, version: int
) -> None:
    """From the very instant on, not a microsecond before; whatever the versions say of it."""
    at = recorded_at(ada, corrected, version)

    assert shown(ada.client, corrected, as_of=at.isoformat()) == str(version)
    if version:
        assert shown(ada.client, corrected, as_of=(at - TICK).isoformat()) == str(version - 1)


@pytest.mark.parametrize(
    ("valid_at", "version"),
    [
        ("2010-01-01T00:00:00Z", "2"),
        ("2014-12-31T23:59:59.999999Z", "2"),
        ("2015-01-01", "3"),
        ("2019-12-31T23:59:59.999999Z", "3"),
        ("2020-01-01", "1"),
        ("2100-01-01", "0"),
    ],
)
def test_valid_at_an_instant_it_is_the_version_in_force_then(
    ada: User, corrected: int, valid_at: str, version: str
) -> None:
    """The one whose validity began last, not the one that was recorded last."""
    assert shown(ada.client, corrected, valid_at=valid_at) == version


def test_both_times_together_ask_what_was_known_then(ada: User, corrected: int) -> None:
    """What was valid in 2017 is corrected by each version that says so."""
    known = [recorded_at(ada, corrected, version).isoformat() for version in (2, 3)]

    assert shown(ada.client, corrected, valid_at="2017-01-01", as_of=known[0]) == "2"
    assert shown(ada.client, corrected, valid_at="2017-01-01", as_of=known[1]) == "3"


def test_of_two_versions_valid_from_the_same_instant_the_later_counts(
    server: Running, ada: User, action: int
) -> None:
    """A correction of what was said before."""
    number = asking.new_object(ada.client, action)
    making.backdated(server, ada, number, *[datetime(2001, 1, 1, tzinfo=UTC)] * 2)

    assert shown(ada.client, number, valid_at="2005-01-01") == "2"


def test_it_leads_to_the_version_the_way_it_was_come_by(
    server: Running, ada: User, corrected: int
) -> None:
    """By number and pid, through both doors; the bytes are the version's."""
    for prefix in (API, ""):
        for id_ in (corrected, asking.pid_of(server, corrected)):
            answer = ada.client.get(f"{prefix}/objects/{id_}?valid_at=2012-01-01")
            assert answer.headers["Location"] == f"{prefix}/objects/{id_}/versions/2"
            assert asking.data_of(ada.client.get(answer.headers["Location"])) == b'{"version":2}'


@pytest.mark.parametrize(
    "spelling",
    [
        "2015-01-01T01:00:00%2B01:00",
        "2015-01-01T01:00:00+01:00",  # the query's + is a blank
        "2014-12-31T19:00:00-05:00",
        "2015-01-01T00:00:00Z",
        "2015-01-01t00:00:00z",
        "2015-01-01%2000:00:00",
        "2015-01-01T00:00:00",
        "2015-01-01T00:00:00.0",
        "2015-01-01T00:00:00.000000Z",
        "2015-01-01",
    ],
)
def test_an_instant_may_be_spelled_in_many_ways(ada: User, corrected: int, spelling: str) -> None:
    """All of them are the first instant of 2015, in UTC."""
    answer = ada.client.get(f"/objects/{corrected}?valid_at={spelling}")

    assert answer.headers["Location"].endswith("/versions/3")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2015",
        "2015-13-01",
        "2015-02-29",
        "2015-1-1",
        "2015-01-01T00",
        "2015-01-01T00:00",
        "2015-01-01T24:00:01Z",
        "2015-01-01T23:59:60Z",
        "2015-01-01T00:00:00.1234567Z",
        "2015-01-01T00:00:00,5Z",
        "2015-01-01T00:00:00 0100",
        "2015-01-01T00:00:00+25:00",
        "2015-01-01T00:00:00ZZ",
        "0000-01-01",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "٢٠١٥-01-01",
        "2015-01-01\n",
        "1" * 5000,
    ],
)
@pytest.mark.parametrize("name", ["as_of", "valid_at"])
def test_an_instant_that_is_none_is_malformed(
    ada: User, corrected: int, name: str, text: str
) -> None:
    """400, and the parameter is named."""
    answer = ada.client.get(f"/objects/{corrected}?{name}={quote(text)}")

    assert making.problem(answer, 400).startswith(f"{name} is malformed")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2015-01-01T23:59:60Z", "a leap second"),
        ("2015-01-01T00:00:00.1234567Z", "more than six digits of a second"),
        ("2015-02-29T00:00:00Z", "no day 2015-02-29"),
        ("2015-02-28 24:00:01", "no time 24:00:01"),
    ],
)
def test_what_of_an_instant_is_wrong_is_said(
    ada: User, corrected: int, text: str, fault: str
) -> None:
    """Where it has the form but for one thing."""
    answer = ada.client.get(f"/objects/{corrected}", params={"as_of": text})

    assert fault in making.problem(answer, 400).partition("midnight)")[2]


def test_an_instant_given_twice_is_malformed(ada: User, corrected: int) -> None:
    """Nobody chooses between them."""
    answer = ada.client.get(f"/objects/{corrected}?as_of=2020-01-01&as_of=2021-01-01")

    assert "2 times" in making.problem(answer, 400)


def test_as_of_the_future_is_refused(ada: User, corrected: int) -> None:
    """What will be recorded is not known; what will be in force by what is known now, is."""
    answer = ada.client.get(f"/objects/{corrected}?as_of=2999-01-01")

    assert "lies in the future" in making.problem(answer, 400)
    assert shown(ada.client, corrected, valid_at="2999-01-01") == "0"


def test_as_of_before_its_first_version_an_object_is_unborn(ada: User, corrected: int) -> None:
    """404, also for what was in force then: nobody could know it."""
    before = (recorded_at(ada, corrected, 0) - TICK).isoformat()
    for more in ({}, {"valid_at": "2012-01-01"}):
        answer = ada.client.get(f"/objects/{corrected}", params={"as_of": before, **more})
        assert "unborn" in making.problem(answer, 404)


def test_before_any_version_was_valid_there_is_none(ada: User, corrected: int) -> None:
    """404: it says that nothing was valid yet, and what was known."""
    answer = ada.client.get(f"/objects/{corrected}?valid_at=2009-12-31")
    assert "No version was valid yet at valid_at 2009-12-31" in making.problem(answer, 404)

    first = recorded_at(ada, corrected, 0).isoformat()
    asked = {"valid_at": "2015-01-01", "as_of": first}
    known = ada.client.get(f"/objects/{corrected}", params=asked)
    assert "recorded by as_of" in making.problem(known, 404)


def test_an_object_that_is_not_there_is_not_found(ada: User) -> None:
    """Whatever is asked of it."""
    for asked in ("as_of=2020-01-01", "valid_at=2020-01-01"):
        answer = ada.client.get(f"/objects/999999999?{asked}")
        assert "There is no object" in making.problem(answer, 404)


def test_only_an_answer_about_what_is_settled_may_be_kept(
    server: Running, ada: User, action: int
) -> None:
    """As of an instant less than 60 seconds ago, something may still come to be recorded."""
    number = making.recorded(server, ada, action, timedelta(minutes=2), timedelta())
    just_now = recorded_at(ada, number, 1)

    def kept(**instants: str) -> bool:
        answer = ada.client.get(f"/objects/{number}", params=instants)
        assert answer.status_code == 302
        return "max-age" in answer.headers["Cache-Control"]

    settled = (datetime.now(UTC) - timedelta(seconds=61)).isoformat()
    assert kept(as_of=settled)
    assert kept(as_of=settled, valid_at="2100-01-01")
    assert not kept(as_of=just_now.isoformat())
    assert not kept(valid_at="2100-01-01")
    assert not kept()


def test_a_restricted_version_stays_closed_as_of_its_instant(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """It is not passed over for another: as of then, the object was that version."""
    number = making.half_open(server, ada, action)
    for line in making.versions(ada.client, number):
        for name in ("as_of", "valid_at"):
            asked = f"/objects/{number}?{name}={line['recorded_at']}"
            for client in (ada.client, bob.client, nobody):
                answer = client.get(asked)
                if line["version"] in (1, 3) or client is ada.client:
                    assert answer.headers["Location"].endswith(f"/versions/{line['version']}")
                else:
                    making.problem(answer, 404)
                    assert not {"Location", "Link", "Memento-Datetime"} & set(answer.headers)


def test_who_was_granted_nothing_is_told_one_thing_whatever_the_reason(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """Hidden, unborn and not valid yet: neither status nor words tell them apart."""
    number = making.half_open(server, ada, action)
    hidden = recorded_at(ada, number, 0)
    asked = [
        {"as_of": (hidden - TICK).isoformat()},
        {"as_of": hidden.isoformat()},
        {"valid_at": (hidden - TICK).isoformat()},
        {"valid_at": hidden.isoformat()},
        {"valid_at": "2000-01-01", "as_of": hidden.isoformat()},
        {"valid_at": "2000-01-01"},
        {"as_of": recorded_at(ada, number, 2).isoformat()},
    ]
    for client in (bob.client, nobody):
        answers = [client.get(f"/objects/{number}", params=each) for each in asked]
        assert len({making.problem(each, 404) for each in answers}) == 1
        assert len({frozenset(each.headers) for each in answers}) == 1


def test_who_may_not_view_the_object_is_not_told_when_it_began(bob: User, corrected: int) -> None:
    """403 before any word about its life."""
    for asked in ("as_of=1990-01-01", "valid_at=1990-01-01", "valid_at=2016-01-01"):
        making.problem(bob.client.get(f"/objects/{corrected}?{asked}"), 403)
