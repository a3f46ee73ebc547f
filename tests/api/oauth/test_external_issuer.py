"""Tokens of an issuer that is configured: whose keys count, and what they must say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from api import external_issuer
from api.external_issuer import ExternalIssuer
from tests.api.oauth.forging import hs256
from tests.api.oauth.issuing import AUDIENCE, KEY, OTHER, Issuer, answering, token


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that answers."""
    with answering() as made:
        yield made


def name_of(issuer: Issuer, *tokens: str) -> list[str | None]:
    """Whom each token stands for."""

    async def read() -> list[str | None]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        found = [await theirs.read(each) for each in tokens]
        return [None if each is None else each.name for each in found]

    return asyncio.run(read())


def test_a_token_of_it_stands_for_its_username(issuer: Issuer) -> None:
    """Its keys are fetched once, from its own address."""
    assert name_of(issuer, *[token(issuer.claims())] * 3) == ["ada"] * 3
    assert len(issuer.asked) == 2


def test_what_is_wrong_with_a_token_is_found(issuer: Issuer) -> None:
    """Each is but in one point what is accepted."""
    claims = issuer.claims()
    header = {"kid": "theirs", "typ": "JWT"}
    wrong = [
        token(claims, OTHER),
        token(claims, OTHER, jwk=OTHER.as_dict(private=False)),
        token(claims, OTHER, jku="http://127.0.0.1:1/"),
        hs256(header, claims, KEY.as_pem(private=False)),
        token(claims, kid="unknown"),
        token(claims | {"iss": "https://else.example"}),
        token(claims | {"aud": "other"}),
        token({name: claims[name] for name in claims if name != "aud"}),
        token(claims | {"exp": int(time.time()) - 300}),
        token({name: claims[name] for name in claims if name != "exp"}),
        token({name: claims[name] for name in claims if name != "preferred_username"}),
        token(claims | {"typ": "Refresh"}),
        token(claims | {"typ": "ID"}),
        token(claims)[:-4],
        "a.b.c",
    ]

    assert name_of(issuer, *wrong, token(claims)) == [None] * len(wrong) + ["ada"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/realms/ice/.well-known/openid-configuration", {"issuer": "https://else.example"}),
        ("/realms/ice/certs", "http://127.0.0.1:1/certs"),
        ("/realms/ice/certs", None),
        ("/realms/ice/certs", {"keys": []}),
        ("/realms/ice/certs", []),
    ],
)
def test_keys_come_from_the_issuer_alone(issuer: Issuer, path: str, said: Any) -> None:
    """Not from where it leads, and not from what is no set of keys."""
    if isinstance(said, dict) and "issuer" in said:
        said = issuer.answers[path] | said
    issuer.answers[path] = said

    assert name_of(issuer, token(issuer.claims())) == [None]


def test_keys_at_another_address_are_not_taken(issuer: Issuer) -> None:
    """Though its own discovery names them."""
    elsewhere = issuer.url.replace("127.0.0.1", "localhost")
    path = "/realms/ice/.well-known/openid-configuration"
    issuer.answers[path] |= {"jwks_uri": f"{elsewhere}/certs"}

    assert name_of(issuer, token(issuer.claims())) == [None]
    assert issuer.asked == [path]


def test_unknown_keys_are_not_asked_for_again_and_again(issuer: Issuer) -> None:
    """Else whoever shows nonsense has the issuer asked as often as he likes."""
    forged = [token(issuer.claims(), kid=f"unknown-{each}") for each in range(20)]

    assert name_of(issuer, *forged) == [None] * 20
    assert len(issuer.asked) == 2


def test_another_key_of_the_issuers_is_found(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It rotates: the new key is asked for when it is first shown, and the old one is gone."""
    monkeypatch.setattr(external_issuer, "AGAIN", 0.0)
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    old, new = token(issuer.claims()), token(issuer.claims(), fresh, kid="fresh")

    async def read() -> list[bool]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        before = [await theirs.read(each) is not None for each in (new, old)]
        issuer.tell(fresh)
        return before + [await theirs.read(each) is not None for each in (new, old)]

    assert asyncio.run(read()) == [False, True, True, False]
