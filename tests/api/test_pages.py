"""Pages of records and drafts: what they show, to whom, and that browsers make sense of them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.filing import add, begun
from tests.api.inveniordm.making import CLOSED, METADATA, RECORDS
from tests.running import Running

EMPTY = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
LOCALES = ("de", "fr")
NESTED = re.compile(r"h[1-6]")
MARKUP: dict[str, Any] = {
    "title": 'A <script>alert(1)</script> "Romans" & story',
    "description": "<p>Once <b>upon</b><script>alert(2)</script> a time</p>",
    "additional_titles": [{"title": "Eine Geschichte", "type": {"id": "alternative-title"}}],
    "additional_descriptions": [{"description": "<p>How</p>", "type": {"id": "methods"}}],
    "contributors": [
        {
            "person_or_org": {"name": "<i>Legion</i>", "type": "organizational"},
            "role": {"id": "editor"},
        }
    ],
    "publisher": "Press & Sons",
    "version": "v1.0",
    "subjects": [{"subject": "tin"}],
    "languages": [{"id": "deu"}],
    "dates": [{"date": "1939/1945", "type": {"id": "other"}, "description": "A <date>"}],
    "rights": [{"id": "cc-by-4.0"}, {"title": {"en": "Mine"}, "link": "https://rights.example/"}],
    "identifiers": [{"identifier": "10.5281/zenodo.9999988", "scheme": "doi"}],
    "related_identifiers": [
        {
            "identifier": "https://related.example/a?b=1&c=2",
            "scheme": "url",
            "relation_type": {"id": "cites"},
            "resource_type": {"id": "dataset"},
        }
    ],
    "funding": [{"funder": {"id": "01ggx4157"}, "award": {"number": "7", "title": {"en": "Tin"}}}],
    "sizes": ["11 pages"],
    "formats": ["application/pdf"],
    "locations": {"features": [{"place": "Ulm", "description": "On the <river>"}]},
    "references": [{"reference": "Nielsen et al."}],
}


class Parsed(HTMLParser):
    """A page as a browser would read it, with what is wrong with its structure."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, list[str]] = {}
        self._open: list[str] = []
        assert answer.text.startswith("<!DOCTYPE html>\n")
        self.feed(answer.text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold an end to what was begun last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text under each element that it is in."""
        for tag in set(self._open):
            self.text.setdefault(tag, []).append(data)

    def said(self, tag: str) -> str:
        """Return all text within elements of a name."""
        return " ".join(" ".join(self.text.get(tag, [])).split())

    def values(self, attribute: str) -> list[str]:
        """Return what elements have for an attribute."""
        return [found for _, attrs in self.elements if (found := attrs.get(attribute)) is not None]

    def tags(self) -> list[str]:
        """Return the elements' names, in order."""
        return [tag for tag, _ in self.elements]


def accessible(page: Parsed, *, forms: bool = False) -> None:
    """Hold a page to what all must be: WCAG's rules that can be read from the text.

    `forms`: it may have some, each field with a label.
    """
    tags, ids = page.tags(), page.values("id")
    assert page.elements[0] == ("html", {"lang": "en"})
    assert [tags.count(each) for each in ("title", "main", "h1")] == [1, 1, 1]
    assert page.said("title")
    assert len(ids) == len(set(ids))
    assert set(page.values("aria-labelledby")) <= set(ids)
    links = [attrs for tag, attrs in page.elements if tag == "a"]
    assert links[0] == {"class": "skip", "href": "#content"}
    assert "content" in ids
    levels = [int(tag[1]) for tag in tags if NESTED.fullmatch(tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert tags.count("caption") == tags.count("table")
    assert all("scope" in attrs for tag, attrs in page.elements if tag == "th")
    assert all("alt" in attrs for tag, attrs in page.elements if tag == "img")
    assert not set(tags) & {"script", "iframe", "object", "embed", "base"}
    assert forms or "form" not in tags
    shown = [a for tag, a in page.elements if tag == "input" and a.get("type") != "hidden"]
    labels = {attrs["for"] for tag, attrs in page.elements if tag == "label"}
    assert {each["id"] for each in shown} == labels
    assert tags.count("legend") == tags.count("fieldset")
    described = " ".join(page.values("aria-describedby")).split()
    assert set(described) <= set(ids)
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]
    assert page.values("style") == []


def page(asker: httpx.Client, path: str, **headers: str) -> Parsed:
    """Return the page at a path, which is accessible."""
    answer = asker.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    parsed = Parsed(answer)
    accessible(parsed)
    return parsed


def test_all_of_a_records_metadata_is_on_its_page(ada: User, nobody: httpx.Client) -> None:
    """As text, whatever markup is in it; a description as the HTML that was kept of it."""
    record = making.record(ada.client, making.body(**MARKUP))

    found = page(nobody, f"/records/{record['id']}")

    assert found.said("h1") == MARKUP["title"]
    assert MARKUP["title"] in found.said("title")
    assert "Once upon a time" in found.said("section")
    assert "alert(2)" not in found.said("html")
    for text in (
        *("Brown, Troy", "Collins, Thomas", "European Organization for Nuclear Research"),
        *("Eine Geschichte", "<i>Legion</i>", "Editor", "Press & Sons", "v1.0", "tin", "German"),
        *("June 1, 2020", "Photo", "1939/1945", "A <date>", "Creative Commons Attribution 4.0"),
        *("Mine", "10.5281/zenodo.9999988", "Cites", "Tin", "11 pages", "application/pdf"),
        *("Ulm, On the <river>", "Nielsen et al.", record["id"]),
    ):
        assert text in found.said("dl"), text
    assert {
        "https://orcid.org/0000-0002-1825-0097",
        "https://doi.org/10.5281/zenodo.9999988",
        "https://related.example/a?b=1&c=2",
        "https://rights.example/",
    } <= set(found.values("href"))


def test_a_page_is_in_the_language_asked_for(ada: User, nobody: httpx.Client) -> None:
    """As far as dates and vocabularies go; each language has its own tag."""
    path = f"/records/{making.record(ada.client)['id']}"

    german = page(nobody, path, **{"Accept-Language": "de-DE,de;q=0.9"})

    assert "1. Juni 2020" in german.said("dl")
    assert "de-DE" in german.values("lang")
    tags = {nobody.get(path, headers={"Accept-Language": each}).headers["ETag"] for each in LOCALES}
    assert len(tags) == len(LOCALES)
    assert nobody.get(path).headers["Vary"] == "Accept-Language"


def test_every_link_to_here_leads_somewhere(ada: User, nobody: httpx.Client) -> None:
    """For who shows no credential; none of them carries one."""
    pid = begun(ada.client)
    add(ada.client, pid, "a b%ü/c.txt", b"tin")
    making.publish(ada.client, pid)

    found = Parsed(nobody.get(f"/records/{pid}?access_token={ada.token}"))
    here = [each for each in found.values("href") if each.startswith("/")]

    assert len(here) >= 6
    assert f"/objects/{pid}/events" in here
    assert {nobody.get(each).status_code for each in here} == {200}
    assert nobody.get(next(each for each in here if each.endswith("/content"))).content == b"tin"
    assert ada.token not in nobody.get(f"/records/{pid}?access_token={ada.token}").text


def test_files_are_listed_with_sizes_and_checksums(ada: User, nobody: httpx.Client) -> None:
    """The first hundred of them, and where all are."""
    pid = begun(ada.client)
    data = b"tin and lead\n" * 1000
    add(ada.client, pid, "one.txt", data)
    making.publish(ada.client, pid)

    found = page(nobody, f"/records/{pid}")

    assert "one.txt" in found.said("table")
    assert "13.0 kB" in found.said("table")
    assert f"sha256:{sha256(data).hexdigest()}" in found.said("table")


def test_restricted_files_are_not_listed(ada: User, nobody: httpx.Client) -> None:
    """The page of a record that is open says that they are closed, and until when."""
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    access = {"record": "public", "files": "restricted"}
    pids = []
    for more in ({}, {"embargo": {"active": True, "until": day}}):
        pid = begun(ada.client, access=access | more)
        add(ada.client, pid, "secret-name.txt")
        making.publish(ada.client, pid)
        pids.append(pid)

    closed, embargoed = (page(nobody, f"/records/{pid}") for pid in pids)

    assert "Files are restricted to those who were given access." in closed.said("p")
    assert f"Files are restricted until {day}" in embargoed.said("p")
    for pid in pids:
        assert "secret-name" not in nobody.get(f"/records/{pid}").text
        assert "secret-name.txt" in page(ada.client, f"/records/{pid}").said("table")


def test_versions_are_listed_and_an_older_one_says_so(ada: User, nobody: httpx.Client) -> None:
    """Only those that the reader may see."""
    first = making.record(ada.client)["id"]
    pids = [first]
    for access in (CLOSED, making.OPEN):
        draft = ada.client.post(f"{RECORDS}/{first}/versions").json()["id"]
        ada.client.put(f"{RECORDS}/{draft}/draft", json=making.body(access=access))
        pids.append(making.publish(ada.client, draft)["id"])

    older, latest = page(nobody, f"/records/{first}"), page(nobody, f"/records/{pids[2]}")

    assert "There is a newer version" in older.said("p")
    assert "There is a newer version" not in latest.said("p")
    assert f"/records/{pids[2]}" in older.values("href")
    assert f"/records/{pids[1]}" not in older.values("href")
    assert "Version 1, this one" in older.said("table")
    assert f"/records/{pids[1]}" in page(ada.client, f"/records/{first}").values("href")


def test_the_latest_and_the_parent_lead_to_the_newest(ada: User, nobody: httpx.Client) -> None:
    """302; a draft's too, once something is published."""
    record = making.record(ada.client)
    pid, parent = record["id"], record["parent"]["id"]
    draft = ada.client.post(f"{RECORDS}/{pid}/versions").json()["id"]

    for path in (f"/records/{pid}/latest", f"/records/{draft}/latest", f"/records/{parent}"):
        answer = nobody.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/records/{pid}")
    assert nobody.get(f"/records/{draft}").status_code == 404


def test_the_links_of_records_and_drafts_lead_to_pages(ada: User) -> None:
    """`self_html` and `latest_html`."""
    draft = making.draft(ada.client)
    page(ada.client, draft["links"]["self_html"])
    record = making.publish(ada.client, draft["id"])

    page(ada.client, record["links"]["self_html"])
    assert ada.client.get(record["links"]["latest_html"]).is_redirect
    assert ada.client.get(draft["links"]["self_html"]).headers["Location"].endswith(record["id"])


def test_a_draft_is_shown_with_what_it_lacks(ada: User, bob: User, nobody: httpx.Client) -> None:
    """To those who may see drafts, and its files as far as they have come."""
    draft = making.draft(ada.client, {"files": {"enabled": True}, "metadata": {"title": "No"}})
    path = f"/uploads/{draft['id']}"
    ada.client.post(f"{RECORDS}/{draft['id']}/draft/files", json=[{"key": "late.txt"}])

    found = page(ada.client, path)

    assert "Untitled draft" in found.said("h1")
    assert "metadata.creators" in found.said("section")
    assert "late.txt" in found.said("table")
    assert "not uploaded yet" in found.said("table")
    assert [each.get(path).status_code for each in (bob.client, nobody)] == [403, 403]


@pytest.mark.parametrize("path", ["/records/{}", "/uploads/{}", "/records/{}/latest"])
@pytest.mark.parametrize("pid", ["aaaaa-aaaaa", "x", "%00", "<b>", "a" * 300])
def test_what_is_not_there_is_told_on_a_page(nobody: httpx.Client, path: str, pid: str) -> None:
    """404, with nothing of the address in it."""
    answer = nobody.get(path.format(pid))

    assert answer.status_code == 404
    accessible(Parsed(answer))
    assert answer.headers["Cache-Control"] == "no-store"


def test_refusals_of_these_paths_alone_are_pages(nobody: httpx.Client) -> None:
    """Methods and paths that are not there too; elsewhere a refusal is JSON."""
    for answer, status in (
        (nobody.post("/records/aaaaa-aaaaa"), 405),
        (nobody.get("/records/a/b/c"), 404),
        (nobody.get("/records/a", headers={"Authorization": "Bearer no"}), 401),
    ):
        assert answer.status_code == status
        accessible(Parsed(answer))
    assert nobody.get(f"{RECORDS}/aaaaa-aaaaa").json()["status"] == 404


def test_a_restricted_record_says_how_to_sign_in(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """403, with nothing of the record; who is signed in is told that it is not for him."""
    record = making.record(ada.client, making.body(access=CLOSED, title="A secret story"))
    path = f"/records/{record['id']}"

    answers = [each.get(path) for each in (nobody, bob.client)]
    stranger, bobs = (Parsed(each) for each in answers)

    assert [each.status_code for each in answers] == [403, 403]
    assert "Authorization: Bearer" in stranger.said("pre")
    assert "Authorization" not in bobs.said("html")
    for each in (stranger, bobs):
        accessible(each)
        assert "secret story" not in each.said("html")
    assert page(ada.client, path).said("h1") == "A secret story"


def test_a_page_holds_until_it_would_be_another(ada: User, nobody: httpx.Client) -> None:
    """304 for its tag, HEAD without a body."""
    pid = making.record(ada.client)["id"]
    path = f"/records/{pid}"
    tag = nobody.get(path).headers["ETag"]

    held = nobody.get(path, headers={"If-None-Match": tag})
    head = nobody.head(path)
    ada.client.post(f"{RECORDS}/{pid}/draft")
    ada.client.put(f"{RECORDS}/{pid}/draft", json=making.body(title="Another story"))
    making.publish(ada.client, pid)
    changed = nobody.get(path, headers={"If-None-Match": tag})

    assert (held.status_code, held.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)
    assert head.headers["Cache-Control"] == "private, no-cache"
    assert (changed.status_code, Parsed(changed).said("h1")) == (200, "Another story")


def test_a_browser_is_let_use_the_pages_own_style_and_nothing_else(
    ada: User, nobody: httpx.Client
) -> None:
    """By its digest; of refusals too. What leads out does not say from where."""
    for path in (f"/records/{making.record(ada.client)['id']}", "/records/x"):
        answer = nobody.get(path)
        style = answer.text.partition("<style>")[2].partition("</style>")[0]
        digest = b64encode(sha256(style.encode()).digest()).decode()
        policy = [each.strip() for each in answer.headers["Content-Security-Policy"].split(";")]

        assert policy[:2] == ["default-src 'none'", f"style-src 'sha256-{digest}'"]
        assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_object_of_another_door_has_a_page(
    server: Running, ada: User, nobody: httpx.Client, action: int
) -> None:
    """Its document is indented, each number and string as it was written."""
    sent = r'{"name":"<tin>","mass":1.00,"none":[],"é":["\u00e9 \" {",{"a":1e40}]}'
    number = asking.new_object(ada.client, action, sent)
    path = f"/records/{asking.pid_of(server, number)}"

    found = page(ada.client, path)
    shown = "".join(found.text["pre"])

    assert found.said("h1") == "<tin>"
    assert re.sub(r"\n *|(?<=:) ", "", shown) == sent
    assert '\n  "mass": 1.00,\n  "none": [],\n' in shown
    assert nobody.get(path).status_code == 403


def test_a_document_too_long_for_a_page_is_led_to(server: Running, ada: User, action: int) -> None:
    """The page stays small."""
    number = asking.new_object(ada.client, action, '{"name":"long","x":"%s"}' % ("y" * 400_000))
    path = f"/records/{asking.pid_of(server, number)}"

    assert "400.0 kB" in page(ada.client, path).said("pre")
    assert len(ada.client.get(path).content) < 10_000


def test_long_metadata_is_shown_whole(ada: User, nobody: httpx.Client) -> None:
    """Made where it holds up nothing else."""
    text = ("tin & lead " * 30_000).strip()
    record = making.record(ada.client, making.body(description=text))

    assert text in page(nobody, f"/records/{record['id']}").said("section")


def test_metadata_that_no_vocabulary_knows_is_no_failure(ada: User) -> None:
    """A draft of nothing has a page."""
    draft = ada.client.post(RECORDS).json()

    page(ada.client, f"/uploads/{draft['id']}")
    assert METADATA["title"] not in ada.client.get(f"/uploads/{draft['id']}").text


def test_a_draft_has_a_page_whatever_is_wrong_with_it(ada: User) -> None:
    """Each member of its metadata in turn is of no type that it could be of."""
    path = f"/uploads/{making.draft(ada.client)['id']}"
    for wrong in _each_wrong(METADATA | MARKUP):
        saved = ada.client.put(
            f"{RECORDS}{path.removeprefix('/uploads')}/draft", json={"metadata": wrong}
        )
        assert saved.status_code == 200
        page(ada.client, path)


def _each_wrong(value: Any) -> Iterator[Any]:
    """Give a value as often as it has members, each time with another one spoilt."""
    if isinstance(value, dict | list):
        for at, held in value.items() if isinstance(value, dict) else enumerate(value):
            for wrong in (False, *_each_wrong(held)):
                spoilt: Any = value.copy()
                spoilt[at] = wrong
                yield spoilt
