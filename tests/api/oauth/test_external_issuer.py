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


def test_who_shows_a_known_key_waits_for_no_issuer_that_hangs(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys are asked for beside that, once, and go on meanwhile; newer ones come when it ends.

    What it has withdrawn is then worth nothing any more.
    """
    monkeypatch.setattr(external_issuer, "KEPT", 0.0)
    monkeypatch.setattr(external_issuer, "AGAIN", 0.0)
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    old, new = token(issuer.claims()), token(issuer.claims(), fresh, kid="fresh")

    async def read() -> list[bool]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        said = [await theirs.read(old) is not None]
        issuer.answering.clear()
        issuer.tell(fresh)
        try:
            said += [await theirs.read(old) is not None for _ in range(3)]
            assert not issuer.answering.is_set()  # all of that while it hung
        finally:
            issuer.answering.set()
        said += [await theirs.read(each) is not None for each in (new, old)]
        return said

    assert asyncio.run(read()) == [True, True, True, True, True, False]
    assert len(issuer.asked) <= 8


def test_keys_of_an_issuer_that_hangs_go_on_for_a_day_and_no_longer(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do others come from it: who shows an unknown one is refused when it has had its time."""
    monkeypatch.setattr(external_issuer, "AGAIN", 0.0)
    monkeypatch.setattr(external_issuer, "PATIENCE", 0.2)
    now = [0.0]
    monkeypatch.setattr(external_issuer, "monotonic", lambda: now[0])
    known, unknown = token(issuer.claims()), token(issuer.claims(), OTHER, kid="unknown")

    async def read() -> list[bool]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        said = [await theirs.read(known) is not None]
        issuer.answering.clear()
        try:
            for at, shown in (
                (23 * 3600.0, known),
                (23 * 3600.0, unknown),
                (25 * 3600.0, known),
            ):
                now[0] = at
                said.append(await theirs.read(shown) is not None)
        finally:
            issuer.answering.set()
        return said

    assert asyncio.run(read()) == [True, True, False, False]


def test_a_key_that_was_withdrawn_while_nobody_asked_is_found_out(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes first after a while waits for what the issuer says now."""
    now = [0.0]
    monkeypatch.setattr(external_issuer, "monotonic", lambda: now[0])
    old = token(issuer.claims())

    async def read() -> list[bool]:
        theirs = ExternalIssuer(issuer.url, AUDIENCE)
        said = [await theirs.read(old) is not None]
        issuer.tell(RSAKey.generate_key(2048, {"kid": "fresh"}))
        now[0] = 3600.0
        return [*said, await theirs.read(old) is not None]

    assert asyncio.run(read()) == [True, False]


def test_a_token_says_that_it_is_an_access_token(issuer: Issuer) -> None:
    """Else a program that people sign in to could act for them: its own id is the audience.

    Keycloak says it by the claim `typ`, others by the type in the header (RFC 9068) or by a scope;
    identity tokens have none of these, whatever else is in them.
    """
    claims = {name: value for name, value in issuer.claims().items() if name != "typ"}
    hashed = claims | {"scope": "openid", "at_hash": "x"}
    kinds = {
        "Keycloak's": token(claims | {"typ": "Bearer"}),
        "by RFC 9068": token(claims, typ="at+jwt"),
        "by RFC 9068, in full": token(claims, typ="application/at+jwt"),
        "with a scope": token(claims | {"scope": "openid profile"}),
        "with Entra's scope": token(claims | {"scp": "read"}),
        "plain": token(claims),
        "with an empty scope": token(claims | {"scope": ""}),
        "Keycloak's of identity": token(claims | {"typ": "ID", "scope": "openid"}),
        "Keycloak's that refreshes": token(claims | {"typ": "Refresh", "scope": "openid"}),
        "of identity, though a type is said": token(claims | {"typ": "ID"}, typ="at+jwt"),
        "with a nonce": token(claims | {"nonce": "x", "scope": "openid"}),
        "with a hash of another": token(hashed),
        "with a hash of a code": token(claims | {"c_hash": "x", "scp": "openid"}),
        "of another type": token(claims | {"scope": "openid"}, typ="id+jwt"),
    }

    said = dict(zip(kinds, name_of(issuer, *kinds.values()), strict=True))

    assert [name for name, whose in said.items() if whose == "ada"] == list(kinds)[:5]
