"""Who may have a record in another form: who may see it, and no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.exporting import FORMS, JSON_LD, LINKSET, export, signs
from tests.api.inveniordm.making import CLOSED, METADATA, RECORDS
from tests.running import Running

FILES_CLOSED = {"record": "public", "files": "restricted"}


@pytest.mark.parametrize("media_type", FORMS)
def test_the_holder_of_a_link_has_every_form(
    ada: User, nobody: httpx.Client, media_type: str
) -> None:
    """Of the record that it opens; 403 without it, and its token is in none."""
    pid = making.record(ada.client, making.body(access=CLOSED))["id"]
    link = ada.client.post(f"{RECORDS}/{pid}/access/links", json={"permission": "view"}).json()

    shown = export(nobody, pid, media_type, {"token": link["token"]})

    assert (pid if media_type == LINKSET else METADATA["title"]) in shown.text
    assert link["token"] not in shown.text
    without = nobody.get(f"{RECORDS}/{pid}", headers={"Accept": media_type})
    assert without.status_code == 403


def test_forms_of_an_embargoed_record_open_when_it_does(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """Nobody has to lift it; and what was held before is not what there is now."""
    pid = making.record(ada.client)["id"]
    ada.client.post(f"{RECORDS}/{pid}/draft")
    to = Access("restricted", "restricted", Embargo(datetime.now(UTC) + timedelta(days=2), None))
    asking.decide(server, ada.name, making.published_with, pid, to)

    for media_type in FORMS:
        answer = nobody.get(f"{RECORDS}/{pid}", headers={"Accept": media_type})
        assert answer.status_code == 403
    assert nobody.get(f"/records/{pid}").status_code == 403
    closed = export(ada.client, pid, JSON_LD)
    assert closed.json()["isAccessibleForFree"] is False

    ada.client.post(f"{RECORDS}/{pid}/draft")
    over = Access("restricted", "restricted", Embargo(datetime.now(UTC) - timedelta(days=2), None))
    asking.decide(server, ada.name, making.published_with, pid, over)

    opened = export(nobody, pid, JSON_LD)
    assert opened.json()["isAccessibleForFree"] is True
    assert opened.headers["ETag"] != closed.headers["ETag"]


def test_restricted_files_are_in_no_form_of_an_open_record(ada: User, nobody: httpx.Client) -> None:
    """Nor in its page's header, whoever asks: forms are given on."""
    pid = filing.filed(ada.client, "secret.txt", access=FILES_CLOSED)

    for asker in (nobody, ada.client):
        for media_type in (JSON_LD, LINKSET):
            assert "secret.txt" not in export(asker, pid, media_type).text
        assert "item" not in {relation for relation, _ in signs(asker.get(f"/records/{pid}"))}
