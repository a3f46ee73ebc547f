"""What CAP's answers are made of: links, slashes, forms. Source: the CAP specification."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.asking import User
from tests.api.cap.making import DEPOSITS, YEARS, act, deposit, new_type, published, put, share


def test_every_link_leads_where_it_says(ada: User) -> None:
    """Of a deposit, of a published one, and of its record; absolute, all of them."""
    made = deposit(ada.client, title="Tin")
    put(ada.client, made, "a.txt", b"tin")

    def followed(links: dict[str, str]) -> None:
        assert all(each.startswith(("http://", "https://")) for each in links.values())
        for name in {"self", "files", "html"} & links.keys():
            answer = ada.client.get(links[name])
            assert answer.status_code == 200, (name, answer.text)
        assert ada.client.get(f"{links['bucket']}/a.txt").content == b"tin"

    followed(made["links"])
    done = ada.client.post(made["links"]["publish"])
    assert done.status_code == 202
    followed(done.json()["links"])
    followed(ada.client.get(f"/api/records/{done.json()['recid']}").json()["links"])
    for name in ("edit", "discard", "clone"):
        assert ada.client.post(done.json()["links"][name]).status_code == 201


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_is_neither_needed_nor_wrong(ada: User, bob: User, slash: str) -> None:
    """At no path; nothing is redirected."""
    changes = [{"email": bob.name, "type": "user", "op": "add", "action": "deposit-read"}]
    made = ada.client.post(f"{DEPOSITS}{slash}", json={"$ana_type": "generic"})
    here = f"{DEPOSITS}/{made.json()['id']}"

    def done(action: str, body: Any = None) -> int:
        return ada.client.post(f"{here}/actions/{action}{slash}", json=body).status_code

    assert made.status_code == 201
    for path in (here, f"{here}/files", "/api/me", "/api/jsonschemas", "/api/jsonschemas/generic"):
        assert ada.client.get(f"{path}{slash}").status_code == 200
    assert ada.client.put(f"{here}{slash}", json={"a": 1}).status_code == 200
    assert ada.client.patch(f"{here}{slash}", json=[]).status_code == 200
    assert done("permissions", changes) == done("upload") == done("clone") == 201
    assert done("publish") == 202
    assert done("edit") == done("disconnect_webhook") == done("discard") == 201
    recid = ada.client.get(here).json()["recid"]
    assert ada.client.get(f"/api/records/{recid}{slash}").status_code == 200
    other = deposit(ada.client)["id"]
    assert ada.client.delete(f"{DEPOSITS}/{other}{slash}").status_code == 204


def test_a_form_says_what_one_may_and_has_the_schema_and_config_of_the_type(
    admin: User, ada: User, bob: User
) -> None:
    """The schema of deposits, and of a record that of records."""
    strict = {**YEARS, "required": ["title"]}
    kind = new_type(admin.client, record_schema=strict, config={"a": 1})
    made = deposit(ada.client, kind, title="Tin")
    form = {"Accept": "application/form+json"}
    path = f"{DEPOSITS}/{made['id']}"

    def shown(asker: User, path: str) -> tuple[bool, ...]:
        answer = asker.client.get(path, headers=form).json()
        schema = YEARS if "deposits" in path else strict
        assert answer["schemas"] == {"schema": schema, "uiSchema": {}, "config": {"a": 1}}
        return answer["can_update"], answer["can_admin"], answer["can_review"]

    assert shown(ada, path) == (True, True, False)
    for right, may in (("read", (False, False)), ("update", (True, False)), ("admin", (True,) * 2)):
        share(ada.client, made["id"], bob.name, right)
        assert shown(bob, path) == (*may, False)
    recid = act(ada.client, made["id"], "publish")["recid"]
    assert shown(bob, f"/api/records/{recid}") == (True, True, False)


def test_each_address_of_the_documentation_gives_what_it_says(
    ada: User, nobody: httpx.Client
) -> None:
    """Drafts, shared records, and one of either, with a token in the query and nothing else."""
    draft, done = deposit(ada.client, title="Tin"), published(ada.client, title="Lead")

    def shown(path: str) -> dict[str, Any]:
        answer = nobody.get(path, params={"access_token": ada.token, "by_me": "True"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    drafts, records = shown(DEPOSITS), shown("/api/records")
    assert draft["id"] in [each["id"] for each in drafts["hits"]["hits"]]
    assert done["recid"] in [each["id"] for each in records["hits"]["hits"]]
    assert shown(f"{DEPOSITS}/{draft['id']}")["metadata"] == {"title": "Tin"}
    assert shown(f"/api/records/{done['recid']}")["metadata"] == {"title": "Lead"}
