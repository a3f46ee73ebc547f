"""Every GET of this door that answers JSON: in both media types, and indented where asked to."""

from __future__ import annotations

import httpx
import pytest

from api.inveniordm.routes import PATHS
from domain.term import Content, Ref
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import communing, filing, terms
from tests.api.inveniordm.making import RECORDS, V1
from tests.running import Running

BYTES = ("/content", "/logo")  # what ends so answers with a file
GETS = [
    path for path, kind in PATHS.items() if hasattr(kind, "on_get") and not path.endswith(BYTES)
]
TERMS = {
    "/api/vocabularies/{vocabulary}/{term}": "image-photo",
    "/api/affiliations/{term}": "01ggx4157",
}


@pytest.fixture(scope="module")
def named(server: Running, ada: User) -> dict[str, str]:
    """What stands for the names in paths: a record that is being edited, its file, its link."""
    pid = filing.filed(ada.client, "a.txt")
    assert ada.client.post(f"{RECORDS}/{pid}/draft").is_success
    link = ada.client.post(f"{RECORDS}/{pid}/access/links", json={"permission": "view"})
    subject = asking.fresh("subject")
    terms.put(server, {Ref("subjects", subject): Content(subject="Tin", scheme="MeSH")})
    return {
        "pid": pid,
        "key": "a.txt",
        "link": link.json()["id"],
        "community": communing.community(ada.client)["id"],
        "vocabulary": "resourcetypes",
        "term": subject,
    }


@pytest.mark.parametrize("path", GETS)
def test_it_is_answered_as_asked(ada: User, named: dict[str, str], path: str) -> None:
    """The content type is that of Accept, of nobody's choice JSON; lines are broken on demand."""
    url = path.format(**named | ({"term": TERMS[path]} if path in TERMS else {}))

    def get(accept: str, query: str = "") -> httpx.Response:
        answer = ada.client.get(url + query, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text
        return answer

    plain, shown, any_ = (get(each) for each in ("application/json", V1, "*/*"))
    assert plain.headers["Content-Type"] == any_.headers["Content-Type"] == "application/json"
    assert shown.headers["Content-Type"] == V1
    for accept, flat in (("application/json", plain), (V1, shown)):
        pretty = get(accept, "?prettyprint=1")
        assert pretty.headers["Content-Type"] == accept
        assert pretty.content.startswith(b"{\n  ")
        assert b"\n" not in flat.content
        assert pretty.json().keys() == flat.json().keys()
