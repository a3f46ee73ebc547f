"""Pages of communities: what they show, to whom, and that browsers make sense of them."""

from __future__ import annotations

import httpx

from tests.api.asking import User, fresh
from tests.api.inveniordm.communing import COMMUNITIES, RESTRICTED, community
from tests.api.test_pages import Parsed, accessible, page

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_all_that_a_community_says_is_on_its_page(ada: User, nobody: httpx.Client) -> None:
    """As text, whatever markup is in it; its texts as the HTML that was kept of them."""
    made = community(
        ada.client,
        title='A <script>alert(1)</script> "can" & more',
        description="<p>Once <b>upon</b><script>alert(2)</script></p>",
        page="<h2>How to</h2>",
        type={"id": "topic"},
    )

    found = page(nobody, made["links"]["self_html"])

    assert found.said("h1") == made["metadata"]["title"]
    assert "Once upon" in found.said("section")
    assert "alert(2)" not in found.said("html")
    for text in (
        made["id"],
        "Topic",
        "CERN",
        "European Commission",
        "OpenAIRE, 246686",
        "may join",
    ):
        assert text in found.said("dl"), text
    assert "https://www.my_community.org" in found.values("href")
    here = [each for each in found.values("href") if each.startswith("/")]
    assert f"{COMMUNITIES}/{made['id']}/records" in here
    assert {nobody.get(each).status_code for each in here} == {200}


def test_a_logo_is_shown_where_it_is_an_image(ada: User, nobody: httpx.Client) -> None:
    """And only then; the page's policy lets a browser load it, and nothing else."""
    slug = community(ada.client)["id"]
    path = f"/communities/{slug}"

    assert "img" not in page(nobody, path).tags()
    ada.client.put(f"{COMMUNITIES}/{slug}/logo", content=b"<svg/>")
    assert "img" not in page(nobody, path).tags()
    ada.client.put(f"{COMMUNITIES}/{slug}/logo", content=PNG)
    found = page(nobody, path)

    [logo] = found.values("src")
    assert nobody.get(logo).content == PNG
    policy = nobody.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("; img-src 'self'")


def test_a_page_is_shown_as_its_community_is(ada: User, bob: User, nobody: httpx.Client) -> None:
    """A restricted one to its members; one that moved, is gone or never was is told of."""
    made = community(ada.client, RESTRICTED, title="A secret club")
    path, new = f"/communities/{made['id']}", fresh("moved")

    assert page(ada.client, path).said("h1") == "A secret club"
    for asker in (nobody, bob.client):
        closed = asker.get(path)
        accessible(Parsed(closed))
        assert closed.status_code == 403
        assert "secret" not in closed.text
    ada.client.post(f"{COMMUNITIES}/{made['id']}/rename", json={"id": new})
    led = ada.client.get(path)
    assert (led.status_code, led.headers["Location"]) == (301, f"/communities/{new}")
    ada.client.delete(f"{COMMUNITIES}/{new}")
    gone, none = nobody.get(path), nobody.get("/communities/no-such")
    assert [gone.status_code, none.status_code] == [410, 404]
    assert "has been deleted" in Parsed(gone).said("p")
    assert "no community here" in Parsed(none).said("p")


def test_a_page_holds_until_it_would_be_another(ada: User, nobody: httpx.Client) -> None:
    """304 for its tag, HEAD without a body."""
    slug = community(ada.client)["id"]
    path = f"/communities/{slug}"
    header = {"If-None-Match": nobody.get(path).headers["ETag"]}

    assert nobody.get(path, headers=header).status_code == 304
    assert nobody.head(path).content == b""
    ada.client.put(f"{COMMUNITIES}/{slug}/logo", content=PNG)
    assert nobody.get(path, headers=header).status_code == 200
