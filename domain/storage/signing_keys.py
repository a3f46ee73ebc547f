"""The keys that sign access tokens: RSA, in one file beside the database, not in it.

The file is a JSON object: `keys`, of which the last signs, and `retired`, each with the public part
of a `key` that signs no more, and the time (Unix) `until` which a token of it may still be shown.
Every process looks whether the file has changed, so that a rotation needs no restart.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic, time
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from domain.storage.key_file import KeyFile

ALGORITHM = "RS256"
BITS = 2048
LIFETIME = 3600  # seconds that a token holds
LOOK = 1.0  # seconds between two looks at the file
OVERLAP = LIFETIME + 60  # seconds that a retired key is told of: looks and clocks lag


class SigningKeys:
    """The keys of a file, made at the first start or else at their first use."""

    def __init__(self, path: Path) -> None:
        self._file = KeyFile(path)
        self._looked = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._signing: RSAKey | None = None
        self._public: dict[str, tuple[RSAKey, float]] = {}

    def signing(self) -> RSAKey:
        """Return the key that signs, made where there is none. Raises Damaged."""
        self._look(at_once=True)
        if self._signing is None:
            self._file.begin(lambda: {"keys": [_made()], "retired": []})
            self._look(at_once=True)
        assert self._signing is not None  # noqa: S101 - the file is there now
        return self._signing

    def prepare(self) -> None:
        """Make the file where there is none; remove what a crash left beside it. Raises Damaged."""
        self._file.tidy()
        self.signing()

    def verifying(self, kid: str) -> RSAKey | None:
        """Return the public part of the key of this id, while tokens of it may hold."""
        self._look(at_once=kid not in self._public)  # another process may just have made it
        key, until = self._public.get(kid, (None, 0.0))
        return key if until > time() else None

    def public(self) -> dict[str, Any]:
        """Return the public parts as a JSON Web Key Set. Source: RFC 7517."""
        self.signing()
        now = time()
        return {"keys": [_told(key) for key, until in self._public.values() if until > now]}

    def rotate(self) -> str:
        """Have another key sign from now on, and return its id. Raises Damaged."""
        self.signing()
        with self._file.held():
            stored = self._file.read()
            now = time()
            retired = [each for each in stored["retired"] if each["until"] > now]
            retired += [
                {"key": _told(RSAKey.import_key(each)), "until": now + OVERLAP}
                for each in stored["keys"]
            ]
            made = _made()
            self._file.write({"keys": [made], "retired": retired})
        return str(made["kid"])

    def _look(self, *, at_once: bool = False) -> None:
        """Read the file again when it is another."""
        now = monotonic()
        if now - self._looked < LOOK and not at_once:
            return
        try:
            stat = self._file.path.stat()
        except FileNotFoundError:
            return
        if (stat.st_ino, stat.st_mtime_ns) != self._seen:
            stored = self._file.read()
            try:
                keys = [RSAKey.import_key(each) for each in stored["keys"]]
                public = {_kid(key): (_public(key), float("inf")) for key in keys}
                for each in stored["retired"]:
                    key = RSAKey.import_key(each["key"])
                    public[_kid(key)] = key, float(each["until"])
                self._signing = keys[-1]
            except (JoseError, KeyError, IndexError, TypeError, ValueError) as error:
                raise self._file.damaged from error
            self._public = public
            self._seen = stat.st_ino, stat.st_mtime_ns
        self._looked = now


def _made() -> dict[str, Any]:
    key = RSAKey.generate_key(BITS)
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _public(key: RSAKey) -> RSAKey:
    return RSAKey.import_key(_told(key))


def _told(key: RSAKey) -> dict[str, Any]:
    """Return the public part as it is told."""
    public = key.as_dict(private=False)
    return {
        "kty": "RSA",
        "kid": _kid(key),
        "use": "sig",
        "alg": ALGORITHM,
        "n": public["n"],
        "e": public["e"],
    }


def _kid(key: RSAKey) -> str:
    return str(key.kid)
