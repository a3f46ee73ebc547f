"""Records in the forms that other systems read, for tests."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.api.inveniordm.making import RECORDS

BIBTEX = "application/x-bibtex"
CSL = "application/vnd.citationstyles.csl+json"
DATACITE = "application/vnd.datacite.datacite+json"
DATACITE_XML = "application/vnd.datacite.datacite+xml"
DUBLIN_CORE = "application/x-dc+xml"
JSON_LD = "application/ld+json"
LINKSET = "application/linkset+json"
FORMS = (DATACITE, DATACITE_XML, JSON_LD, CSL, BIBTEX, DUBLIN_CORE, LINKSET)


def export(
    asker: httpx.Client, pid: str, media_type: str, params: dict[str, Any] | None = None
) -> httpx.Response:
    """Return a record in a form."""
    answer = asker.get(f"{RECORDS}/{pid}", headers={"Accept": media_type}, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == media_type
    return answer


def signs(page: httpx.Response) -> list[tuple[str, str]]:
    """Return the relations and targets of a page's Link header."""
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"', page.headers["Link"])
    return [(relation, target) for target, relation in found]
