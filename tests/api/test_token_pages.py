"""Pages of tokens, as browsers without scripts use them: forms, what they carry, who sends them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.cursors import Cursors
from api.pages.signing_in import Ticket
from domain.account import Profile
from domain.commands import accounts
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking, logging_in
from tests.api.asking import API, PASSWORD, Join, User
from tests.api.test_pages import Parsed, accessible
from tests.running import Running

ALL = "/account/settings/applications/"
NEW = "/account/settings/applications/tokens/new/"
WAYS = (NEW, f"/app{NEW}", "/account/desktop-app/access-token/")
ME = f"{API}/users/me"

Form = dict[str, Any]


def page(answer: httpx.Response, status: int = 200) -> Parsed:
    """Return the page that came, which is accessible and kept by nobody."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    parsed = Parsed(answer)
    accessible(parsed, forms=True)
    return parsed


def fields(parsed: Parsed) -> dict[str, str]:
    """What the hidden fields of a page's first form hold, and what it proposes."""
    found: dict[str, str] = {}
    for tag, attrs in parsed.elements:
        if tag == "form" and found:
            break
        if tag == "input" and attrs.get("type") != "checkbox":
            found[attrs["name"] or ""] = attrs.get("value") or ""
    return found


def signed_in(nobody: httpx.Client, name: str, path: str = NEW) -> Parsed:
    """Sign in on a page."""
    form = {"do": "sign-in", "username": name, "password": PASSWORD}
    return page(nobody.post(path, data=form))


def secret(parsed: Parsed) -> str:
    """The token that a page shows."""
    return next(attrs["value"] or "" for _, attrs in parsed.elements if attrs.get("id") == "token")


def told(parsed: Parsed) -> list[tuple[str | None, str]]:
    """Where the problems of a page lead."""
    ids = set(parsed.values("id"))
    links = [attrs["href"] for tag, attrs in parsed.elements if tag == "a"][1:]
    assert {(each or "")[1:] for each in links} <= ids
    return [(each, parsed.said("section")) for each in links]


@pytest.mark.parametrize("path", [ALL, *WAYS])
def test_who_comes_is_asked_for_name_and_password(nobody: httpx.Client, path: str) -> None:
    """With and without a slash; the page holds nothing that a browser would send by itself."""
    for each in (path, path.rstrip("/")):
        found = page(nobody.get(each))
        assert fields(found) == {"do": "sign-in", "username": "", "password": ""}


@pytest.mark.parametrize("path", WAYS)
def test_a_token_is_made_and_shown_once(nobody: httpx.Client, ada: User, path: str) -> None:
    """It works, has the scopes that were ticked, and ends after the day that was chosen."""
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    name = asking.fresh("by page")
    form = fields(signed_in(nobody, ada.name, path)) | {"name": name, "until": day.isoformat()}

    shown = page(nobody.post(path, data=form | {"scope": ["write", "user:email"]}), 201)

    token = secret(shown)
    answer = nobody.get(ME, headers={"Authorization": f"Token {token}"})
    assert answer.json()["name"] == ada.name
    [listed] = [
        each
        for each in ada.client.get("/api/me/tokens").json()["hits"]["hits"]
        if each["name"] == name
    ]
    assert listed["scopes"] == ["read", "write", "user:email"]
    assert listed["expires_at"] == f"{day + timedelta(days=1)}T00:00:00.000000Z"
    assert listed["made_with"] is None


def test_without_a_tick_a_token_reads(nobody: httpx.Client, ada: User) -> None:
    """And without a day it has no end; the form proposes one of a month."""
    proposed = fields(signed_in(nobody, ada.name))
    month = (datetime.now(UTC) + timedelta(days=30)).date()
    assert abs(datetime.fromisoformat(proposed["until"]).date() - month) <= timedelta(days=1)

    shown = page(nobody.post(NEW, data=proposed | {"name": "reader", "until": ""}), 201)

    assert "read" in shown.said("dd")
    assert "write" not in shown.said("dd")
    assert "no end" in shown.said("dd")


def test_a_form_that_is_sent_again_makes_no_other_token(nobody: httpx.Client, ada: User) -> None:
    """409 without the token, as when a browser loads the page anew; changed, it makes one."""
    form = fields(signed_in(nobody, ada.name)) | {"name": asking.fresh("twice")}
    token = secret(page(nobody.post(NEW, data=form), 201))

    again = nobody.post(NEW, data=form)
    other = nobody.post(NEW, data=form | {"name": asking.fresh("changed")})

    assert "made before" in page(again, 409).said("li")
    assert token not in again.text
    assert other.status_code == 201


def test_tokens_are_listed_and_revoked(nobody: httpx.Client, join: Join) -> None:
    """Each with a button of its own; the one that is pressed ends it at once."""
    user = join("pager")
    made = user.client.post("/api/me/tokens", json={"name": "<b>old</b>"}).json()
    listed = signed_in(nobody, user.name, ALL)
    labels = listed.values("aria-label")
    form = fields(listed) | {"do": "revoke", "token": made["id"]}

    gone = page(nobody.post(ALL, data=form))
    again = page(nobody.post(ALL, data=form), 404)

    assert labels == ["Revoke <b>old</b>", "Revoke (without a name)"]
    assert "was revoked" in gone.said("p")
    assert gone.values("aria-label") == labels[1:]
    assert "no such token" in again.said("li")
    shown = {"Authorization": f"Bearer {made['token']}"}
    assert nobody.get(ME, headers=shown).status_code == 401


def test_when_a_token_was_last_used_is_on_the_page(nobody: httpx.Client, join: Join) -> None:
    """To the minute; of one that was not used yet that is said."""
    user = join("seen")
    user.client.post("/api/me/tokens", json={"name": "unused"})
    until, used = time.monotonic() + 30, None
    while used is None and time.monotonic() < until:
        hits = user.client.get("/api/me/tokens").json()["hits"]["hits"]
        used = hits[1]["last_used_at"]  # the one that asks, which is written down a moment later
        time.sleep(0.02)

    cells = signed_in(nobody, user.name, ALL).text["td"]

    assert used is not None
    assert cells[2::4] == ["not yet", f"{used[:16].replace('T', ' ')} UTC"]


def test_a_stranger_revokes_nothing_here(nobody: httpx.Client, ada: User, bob: User) -> None:
    """404 for another's token, in the words for none."""
    made = ada.client.post("/api/me/tokens", json={"name": "hers"}).json()
    form = fields(signed_in(nobody, bob.name, ALL)) | {"do": "revoke"}

    for id_ in (made["id"], "none"):
        assert "no such token" in page(nobody.post(ALL, data=form | {"token": id_}), 404).said("li")
    shown = {"Authorization": f"Bearer {made['token']}"}
    assert nobody.get(ME, headers=shown).status_code == 200


def test_the_list_goes_on_on_further_pages(nobody: httpx.Client, join: Join) -> None:
    """By a form: a place in it is nobody's address."""
    user = join("many")
    for number in range(25):
        user.client.post("/api/me/tokens", json={"name": f"token {number}"})
    first = signed_in(nobody, user.name, ALL)
    after = [a["value"] for _, a in first.elements if a.get("name") == "after"]

    second = page(nobody.post(ALL, data=fields(first) | {"do": "open", "after": after[0]}))

    assert len(first.values("aria-label")) == 25
    assert second.values("aria-label") == ["Revoke (without a name)"]


def test_programs_are_listed_and_logged_out(nobody: httpx.Client, join: Join) -> None:
    """Each with a button of its own, beside the tokens; 404 for a stranger and the second time."""
    user, stranger = join("programs"), join("stranger")
    held = logging_in.tokens(nobody, user.name)
    listed = signed_in(nobody, user.name, ALL)
    [pressed] = [a["value"] for _, a in listed.elements if a.get("name") == "login"]
    form = {"do": "end", "login": pressed}
    theirs = fields(signed_in(nobody, stranger.name, ALL)) | form

    refused = page(nobody.post(ALL, data=theirs), 404)
    gone = page(nobody.post(ALL, data=fields(listed) | form))
    again = page(nobody.post(ALL, data=fields(listed) | form), 404)

    assert listed.values("aria-label")[1].startswith(f"Log out {logging_in.CLIENT} since ")
    assert "was logged out" in gone.said("p")
    assert len(gone.values("aria-label")) == 1
    assert all("no such login" in each.said("li") for each in (refused, again))
    shown = {"Authorization": f"Bearer {held['access_token']}"}
    assert nobody.get(ME, headers=shown).status_code == 401


def test_the_list_of_programs_goes_on_on_further_pages(nobody: httpx.Client, join: Join) -> None:
    """By a form of its own."""
    user = join("many programs")
    for _ in range(26):
        logging_in.tokens(nobody, user.name)
    first = signed_in(nobody, user.name, ALL)
    after = [a["value"] for _, a in first.elements if a.get("name") == "logins_after"]

    more = {"do": "open", "logins_after": after[0]}
    second = page(nobody.post(ALL, data=fields(first) | more))

    assert len([each for each in first.values("aria-label") if "Log out" in each]) == 25
    assert len([each for each in second.values("aria-label") if "Log out" in each]) == 1


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": ""}, "#name", "1 to 100"),
        ({"name": "x" * 101}, "#name", "1 to 100"),
        ({"until": "2001-01-01"}, "#until", "in the past"),
        ({"until": "tomorrow"}, "#until", "no day"),
        ({"until": "9999-12-31"}, "#until", "no day"),
        ({"scope": "admin"}, "#scopes", "no scope"),
    ],
)
def test_what_is_wrong_with_a_form_is_told_beside_it(
    server: Running,
    nobody: httpx.Client,
    ada: User,
    changed: Form,
    field: str,
    said: str,
) -> None:
    """400 with a summary that has the focus and leads to each field; what was right stays."""
    form: Form = fields(signed_in(nobody, ada.name)) | {"name": "kept", "scope": "actions"}
    before = asking.stored(server)

    found = page(nobody.post(NEW, data=form | changed), 400)

    assert [where for where, _ in told(found)] == [field]
    assert said in found.said("section")
    assert found.said("title").startswith("Problem: ")
    [summary] = [attrs for tag, attrs in found.elements if tag == "section"]
    assert "autofocus" in summary
    [wrong] = [attrs for _, attrs in found.elements if attrs.get("aria-invalid") == "true"]
    assert set((wrong["aria-describedby"] or "").split()) <= set(found.values("id"))
    if "name" not in changed:
        assert fields(found)["name"] == "kept"
    if "scope" not in changed:
        assert [a["value"] for _, a in found.elements if "checked" in a] == ["actions"]
    assert asking.stored(server) == before


def test_a_wrong_password_is_told_as_one(nobody: httpx.Client, join: Join) -> None:
    """403 with the form and the name again; so for a name that nobody has, and for a token."""
    user = join("forgetful")
    for name, password in (
        (user.name, "not the one"),
        ("no-such-user", PASSWORD),
        (user.name, user.token),
        (user.name, ""),
    ):
        form = {"do": "sign-in", "username": name, "password": password}
        found = page(nobody.post(NEW, data=form), 403)
        assert [where for where, _ in told(found)] == ["#username"]
        assert fields(found) == {"do": "sign-in", "username": name, "password": ""}
        assert password == "" or password not in nobody.post(NEW, data=form).text


def test_after_ten_failures_one_waits_and_the_right_password_passes(
    nobody: httpx.Client, join: Join
) -> None:
    """429 with Retry-After, as at every door."""
    user = join("guessed")
    form = {"do": "sign-in", "username": user.name, "password": "wrong"}

    statuses = [nobody.post(NEW, data=form).status_code for _ in range(11)]
    last = nobody.post(NEW, data=form)

    assert statuses[:10] == [403] * 10
    assert page(last, 429).said("section")
    assert int(last.headers["Retry-After"]) > 0
    assert signed_in(nobody, user.name)


def test_a_ticket_is_good_on_these_pages_alone(nobody: httpx.Client, ada: User) -> None:
    """It is no token anywhere, and one that was changed is none."""
    ticket = fields(signed_in(nobody, ada.name))["ticket"]

    for shown in (ticket, f"{ticket}x"):
        assert nobody.get(ME, headers={"Authorization": f"Bearer {shown}"}).status_code == 401
        assert nobody.get(ME, params={"access_token": shown}).status_code == 401
    for wrong in ("", "x", f"{ticket}x", ada.token):
        found = page(nobody.post(ALL, data={"do": "open", "ticket": wrong}), 403)
        assert "Sign in again" in found.said("section")


def test_a_ticket_ends_with_the_password_and_with_its_time(
    server: Running, nobody: httpx.Client, join: Join
) -> None:
    """403: whoever found the page open can do no more."""
    user = join("changing")
    ticket = fields(signed_in(nobody, user.name))["ticket"]
    cursors = Cursors(wiring.link_key(Settings(data=server.data)))
    read = cursors.read(ticket, Ticket)
    over = cursors.text(Ticket(read.account, read.version, read.name, read.number, 1))
    assert nobody.post(ALL, data={"do": "open", "ticket": ticket}).status_code == 200

    asking.operate(server, accounts.change, user.name, Profile(), password="another")

    for each in (ticket, over):
        assert nobody.post(ALL, data={"do": "open", "ticket": each}).status_code == 403
    left = read.until - datetime.now(UTC).timestamp()
    assert left <= timedelta(minutes=10).total_seconds()


def test_other_sites_send_no_form_here(nobody: httpx.Client, ada: User) -> None:
    """403 where a browser says so; without a ticket, or a password, a form does nothing anyway."""
    form = {"do": "sign-in", "username": ada.name, "password": PASSWORD}

    for origin, status in (
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 200),
        ("none", 200),
    ):
        answer = nobody.post(NEW, data=form, headers={"Sec-Fetch-Site": origin})
        assert answer.status_code == status
    credentials = {"Authorization": f"Bearer {ada.token}"}
    unticketed = nobody.post(NEW, data={"do": "create", "name": "x"}, headers=credentials)
    assert unticketed.status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"do=%ff",
        b"do=open&do=open",
        b"&".join(b"a=b" for _ in range(100)),
        b"username=a%00b&do=sign-in",
        b"x" * (65 << 10),
    ],
)
def test_what_is_no_form_is_refused(nobody: httpx.Client, body: bytes) -> None:
    """400 as a page."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    refused = nobody.post(NEW, content=body, headers=headers)

    assert refused.status_code == 400
    assert Parsed(refused).said("h1")


def test_forms_say_what_they_do(nobody: httpx.Client, ada: User) -> None:
    """400 for anything else."""
    form = fields(signed_in(nobody, ada.name))

    for path, does in ((NEW, "revoke"), (NEW, ""), (ALL, "create"), (ALL, "x")):
        assert nobody.post(path, data=form | {"do": does}).status_code == 400
