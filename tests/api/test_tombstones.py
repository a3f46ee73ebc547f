"""What was erased is 410 in every door, with when and why, in the door's own words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.api.cap.making import BASIC, DEPOSITS, act, deposit
from tests.api.iceprod import submitting
from tests.api.iceprod.submitting import DATASETS
from tests.api.inveniordm import making
from tests.api.inveniordm.making import RECORDS
from tests.api.oai import validating

OAI = "{http://www.openarchives.org/OAI/2.0/}"
WHY = "Article 17 GDPR"
TOLD = re.compile(rf"was erased on 20[0-9-]+T[0-9:.]+(Z|\+00:00): {WHY}")


def erase(admin: User, object_id: object) -> None:
    """Erase an object."""
    done = admin.client.post(f"/objects/{object_id}/erasures", json={"reason": WHY})
    assert done.status_code == 201, done.text


def erase_version(admin: User, object_id: object, number: int) -> None:
    """Erase one version of an object."""
    wanted = {"reason": WHY, "versions": [number, number]}
    done = admin.client.post(f"/objects/{object_id}/erasures", json=wanted)
    assert done.status_code == 201, done.text


@pytest.mark.parametrize("prefix", ["", API])
def test_an_object_says_when_and_why(admin: User, ada: User, action: int, prefix: str) -> None:
    """In SampleDB's door and in that of histories."""
    number = asking.new_object(ada.client, action)
    erase(admin, number)

    gone = ada.client.get(f"{prefix}/objects/{number}/versions/0")

    assert gone.status_code == 410
    assert TOLD.search(gone.json()["message"])


def test_a_record_says_when_and_why(admin: User, ada: User, nobody: httpx.Client) -> None:
    """In InvenioRDM's words."""
    pid = making.record(ada.client)["id"]
    erase(admin, pid)

    gone = nobody.get(f"{RECORDS}/{pid}")

    assert gone.status_code == 410
    assert TOLD.search(gone.json()["message"])


@pytest.mark.parametrize("done", ["begun", "published"])
def test_a_deposit_says_when_and_why(admin: User, ada: User, done: str) -> None:
    """In CAP's words, whether it had been published or not; so does its bucket."""
    made = deposit(ada.client, title="orpiment")
    if done == "published":
        act(ada.client, made["id"], "publish")
    erase(admin, made["id"])

    path = f"{DEPOSITS}/{made['id']}"
    answers = [ada.client.get(path, headers=headers) for headers in ({}, BASIC)]
    answers += [
        ada.client.get(f"{made['links']['bucket']}/a"),
        ada.client.post(f"{path}/actions/clone"),
    ]

    for gone in answers:
        assert gone.status_code == 410
        assert TOLD.search(gone.json()["message"])


def test_a_dataset_says_when_and_why(admin: User, ada: User, bob: User) -> None:
    """In IceProd's words, to its owner as to administrators; others may not, as before."""
    dataset = submitting.made(ada.client, group="simprod", auth_groups_read=[])
    erase(admin, dataset)

    for who in (ada, admin):
        for gone in (
            who.client.get(f"{DATASETS}/{dataset}"),
            who.client.get(f"/config/{dataset}"),
            who.client.put(f"{DATASETS}/{dataset}/priority", json={"priority": 1}),
        ):
            assert gone.status_code == 410
            assert gone.json()["code"] == 410
            assert TOLD.search(gone.json()["error"])
    refused = bob.client.get(f"{DATASETS}/{dataset}")
    assert (refused.status_code, WHY in refused.text) == (403, False)


def test_an_erased_record_is_deleted_to_harvesters(
    admin: User, ada: User, nobody: httpx.Client
) -> None:
    """GetRecord gives a header with when; there are no metadata of it, and no list has it."""
    pid = making.record(ada.client)["id"]
    name = f"oai:localhost:{pid}"
    erase(admin, pid)

    answer = nobody.get(f"/oai2d?verb=GetRecord&metadataPrefix=oai_dc&identifier={name}")
    formats = nobody.get(f"/oai2d?verb=ListMetadataFormats&identifier={name}")

    assert validating.faults(answer.content) == []
    tree = ElementTree.fromstring(answer.content)  # noqa: S314 - our own
    header = tree.find(f".//{OAI}header")
    assert header is not None
    assert header.get("status") == "deleted"
    assert header.findtext(f"{OAI}identifier") == name
    told = ada.client.get(f"/objects/{pid}/erasures").json()[0]
    assert header.findtext(f"{OAI}datestamp") == f"{told['erased_at'][:19]}Z"
    assert tree.find(f".//{OAI}metadata") is None
    assert "noMetadataFormats" in formats.text
    assert WHY not in answer.text
    assert name not in nobody.get("/oai2d?verb=ListIdentifiers&metadataPrefix=oai_dc").text


def test_what_everybody_could_not_read_is_unknown_to_harvesters(
    admin: User, ada: User, nobody: httpx.Client
) -> None:
    """As it was before."""
    pid = making.record(ada.client, making.body(access=making.CLOSED))["id"]
    erase(admin, pid)

    name = f"oai:localhost:{pid}"
    answer = nobody.get(f"/oai2d?verb=GetRecord&metadataPrefix=oai_dc&identifier={name}")

    assert "idDoesNotExist" in answer.text


def test_what_never_was_is_not_said_to_have_been_erased(
    admin: User, ada: User, action: int
) -> None:
    """A file that an object never had, beside a version that is there: 404."""
    number = asking.new_object(ada.client, action, '{"n":0}')
    asking.new_version(ada.client, number, '{"n":1}')
    erase_version(admin, number, 1)

    assert ada.client.get(f"/objects/{number}/versions/1").status_code == 410
    for below in ("files/9", "comments/9", "locations/9"):
        never = ada.client.get(f"{API}/objects/{number}/{below}")
        assert (below, never.status_code, WHY in never.text) == (below, 404, False)
