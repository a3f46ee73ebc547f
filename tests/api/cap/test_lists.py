"""Lists of deposits: what may be asked of them. Source: the CAP specification, "Endpoints"."""

from __future__ import annotations

import pytest

from tests.api.asking import User
from tests.api.cap.making import DEPOSITS, deposit


@pytest.mark.parametrize("query", ["q=%00", "q=tin%00", "type=%00"])
def test_nul_is_no_character_of_a_query(ada: User, query: str) -> None:
    """400, in this door's words."""
    deposit(ada.client, title="Tin")

    refused = ada.client.get(f"{DEPOSITS}?{query}")

    assert refused.status_code == 400
    assert "NUL" in refused.json()["message"]
