"""Pages of communities: what they say of themselves. Source: InvenioRDM, `self_html`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from falcon.asgi import Request, Response
from markupsafe import Markup
from msgspec.structs import replace

from api.inveniordm.communities.finding import is_renamed, lead, seen
from api.inveniordm.communities.logo import IMAGES
from api.pages import dialect
from api.pages.drawing import HEADERS, draw
from api.pages.page import Link
from api.pages.records import Page
from api.pages.telling import Item, Line, Text, identified
from domain.errors import Gone, NotFound, Refusal
from domain.group import Policies
from projections.communities import Community

# A logo is shown, by this page alone.
POLICY = "Content-Security-Policy"
SHOWING = f"{HEADERS[POLICY]}; img-src 'self'"
TEXTS = {
    "description": "Description",
    "page": "Information",
    "curation_policy": "Curation policy",
}
MEMBERS = {
    "open": "Whoever signs in may join as a reader",
    "closed": "Its owners and managers let members in",
}
RECORDS = {
    "open": "Whoever manages a record may put it in",
    "closed": "Members may put in records that they manage",
    "restricted": "Its curators may put in records that they manage",
}


def words(refusal: Refusal, status: int) -> dict[str, Any]:
    """Return what the page of a refusal says."""
    said = dialect.words(refusal, status)
    if isinstance(refusal, Gone):
        return said | {"message": refusal.message}
    if isinstance(refusal, NotFound):
        return said | {"message": "There is no community here. Its address may be mistyped."}
    return said


class CommunityPage(Page):
    """/communities/{community}"""

    dialect = replace(dialect.DIALECT, error=words)
    takes_links = False

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with the community's page, 304 when the asker has it; 301 from an address before.

        Raises NotFound, Gone, Anonymous, Forbidden.
        """
        found = await seen(self.service, req.context.actor, community)
        root = self.root(req)
        if is_renamed(found, community):
            lead(req, resp, f"{root}/communities/{found.slug}")
            return
        self.show(req, resp, draw("community.html", page=_page(found, root)))
        resp.set_header(POLICY, SHOWING)


def _page(found: Community, root: str) -> dict[str, Any]:
    said = orjson.loads(found.metadata)
    api = f"{root}/api/communities/{found.slug}"
    is_image = found.logo is not None and found.logo.media_type in IMAGES
    told = ((title, list(items)) for title, items in _said(found, said))
    return {
        "title": said.get("title", found.slug),
        "logo": f"{api}/logo" if is_image else None,
        "closed": found.policies.visibility == "restricted",
        "texts": [
            Text(title, Markup(said[name]))  # noqa: S704 - sanitised before it was stored
            for name, title in TEXTS.items()
            if said.get(name)
        ],
        "lines": [Line(title, items) for title, items in told if items],
        "json": api,
        "links": [Link(f"{api}/records", "Its records, as JSON"), Link(api, "This, as JSON")],
    }


def _said(found: Community, said: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[Item]]]:
    yield "Identifier", [Item(found.slug)]
    if type_ := said.get("type"):
        yield "Type", [Item(str(type_["id"] if isinstance(type_, dict) else type_).capitalize())]
    if website := said.get("website"):
        yield "Website", [Item(website, website)]
    yield "Affiliations", map(_affiliation, said.get("affiliations", ()))
    yield "Funding", map(_funding, said.get("funding", ()))
    yield from _policies(found.policies)


def _policies(policies: Policies) -> Iterable[tuple[str, list[Item]]]:
    yield "Members", [Item(MEMBERS[policies.member_policy])]
    yield "Records", [Item(RECORDS[policies.record_policy])]


def _affiliation(said: Mapping[str, Any]) -> Item:
    known = (identified(each).href for each in said.get("identifiers", ()))
    return Item(said.get("name") or said.get("id") or "", next(filter(None, known), None))


def _funding(said: Mapping[str, Any]) -> Item:
    funder, award = said.get("funder", {}), said.get("award", {})
    title = award.get("title")
    if isinstance(title, dict):
        title = next(iter(title.values()), None)
    grant = ", ".join(each for each in (title, award.get("number") or award.get("id")) if each)
    name = funder.get("name") or funder.get("id") or ""
    return Item(name or grant, more=(grant or None) if name else None)
