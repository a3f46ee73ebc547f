"""A service that is told of another issuer: its tokens in every door, and what a restart leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from joserfc.jwk import RSAKey

from tests.api import asking, logging_in
from tests.api.asking import User
from tests.api.iceprod import submitting
from tests.api.oauth.forging import encoded, hs256
from tests.api.oauth.issuing import AUDIENCE, KEY, OTHER, Issuer, answering, token
from tests.running import Running

DOORS = ("/datasets", "/api/v1/users/me", "/objects/", "/api/user/records", "/api/deposits")


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """The issuer that the service is told of."""
    with answering() as made:
        yield made


@pytest.fixture(scope="module")
def own(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service."""
    with Running(
        tmp_path_factory.mktemp("told") / "data",
        MUNIMENT_OAUTH_ISSUER=issuer.url,
        MUNIMENT_OAUTH_AUDIENCE=AUDIENCE,
    ) as service:
        yield service


@pytest.fixture(scope="module")
def user(own: Running) -> Iterator[User]:
    """Somebody who has an account here, and a login there by the same name."""
    made = asking.user(own, "ice")
    with made.client:
        yield made


def statuses(own: Running, shown: str, *paths: str) -> set[int]:
    """How requests with a token are answered."""
    with asking.client(own, shown) as client:
        return {client.get(path).status_code for path in paths}


def test_a_token_of_another_issuer_signs_in_at_every_door(
    own: Running, issuer: Issuer, user: User
) -> None:
    """As the account whose name it says; what is made by it is that account's."""
    shown = token(issuer.claims(preferred_username=user.name))

    assert statuses(own, shown, *DOORS) == {200}
    with asking.client(own, shown) as client:
        made = submitting.made(client)
    assert submitting.shown(user.client, made)["username"] == user.name


def test_no_other_token_does(own: Running, issuer: Issuer, user: User) -> None:
    """Nor is anybody asked for keys but the issuer that was configured."""
    claims = issuer.claims(preferred_username=user.name)
    header = {"alg": "RS256", "kid": "theirs", "typ": "JWT"}
    with answering() as other:
        other.tell(OTHER)
        elsewhere = f"{other.url}/certs"
        wrong = {
            "another audience": token(claims | {"aud": "account"}),
            "no audience": token({name: claims[name] for name in claims if name != "aud"}),
            "another issuer": token(claims | {"iss": other.url}, OTHER),
            "another issuer, by its key": token(claims | {"iss": other.url}),
            "another's key": token(claims, OTHER),
            "keys elsewhere": token(claims, OTHER, jku=elsewhere),
            "a key that it brings": token(claims, OTHER, jwk=OTHER.as_dict(private=False)),
            "another kid": token(claims, OTHER, kid="else", jku=elsewhere),
            "alg none": f"{encoded(header | {'alg': 'none'})}.{encoded(claims)}.",
            "HS256 by the public key": hs256(header, claims, KEY.as_pem(private=False)),
            "expired": token(claims | {"exp": claims["iat"] - 300}),
            "what refreshes": token(claims | {"typ": "Refresh"}),
            "nobody's": token(claims | {"preferred_username": "nobody-here"}),
            "an e-mail address": token(claims | {"preferred_username": "ice@example.org"}),
        }

        said = {name: statuses(own, shown, "/datasets") for name, shown in wrong.items()}

        assert said == {name: {401} for name in wrong}
        assert other.asked == []
    assert statuses(own, token(claims), "/datasets") == {200}


def test_logins_go_on_after_a_restart(own: Running, issuer: Issuer, user: User) -> None:
    """Codes that wait, what refreshes, access tokens and the keys; the other issuer has rotated."""
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    claims = issuer.claims(preferred_username=user.name)
    with asking.client(own) as client:
        codes = logging_in.begun(client)
        approved = logging_in.begun(client)
        logging_in.decided(client, approved.user, user.name)
        held = logging_in.tokens(client, user.name)
        keys = client.get("/oauth/jwks").json()
    issuer.tell(fresh)

    assert own.stop() == 0
    own.start()

    with asking.client(own) as client:
        assert client.get("/oauth/jwks").json() == keys
        assert logging_in.decided(client, codes.user, user.name).status_code == 200
        redeemed = [logging_in.polled(client, each) for each in (codes, approved, approved)]
        again = logging_in.refreshed(client, held["refresh_token"])
    assert [each.status_code for each in redeemed] == [200, 200, 400]
    assert again.status_code == 200
    ours = [each.json()["access_token"] for each in (*redeemed[:2], again)]
    for each in (held["access_token"], *ours):
        assert statuses(own, each, "/datasets") == {200}
    assert statuses(own, token(claims, fresh, kid="fresh"), "/datasets") == {200}
    assert statuses(own, token(claims), "/datasets") == {401}


def test_both_issuers_are_told_apart(own: Running, issuer: Issuer, user: User) -> None:
    """What the one says under the other's name is neither's."""
    with asking.client(own) as client:
        ours = client.get("/oauth/.well-known/openid-configuration").json()["issuer"]

    forged = token(issuer.claims(iss=ours, preferred_username=user.name, sub="x", sid="y"))

    assert statuses(own, forged, "/datasets") == {401}
