"""`muniment verify-log`: that a log goes on from a kept checkpoint, by all its leaves."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import click

from domain.errors import Refusal
from scripts.verify import key_of

if TYPE_CHECKING:
    from domain.evidence.tiles import Piece

PATIENCE = 60.0  # seconds that an answer may take
UNREAD = (
    "The headers were not read: that no stream has a gap, and no event stands out of order, is"
    " seen with --token of an administrator."
)


@click.command("verify-log")
@click.argument("old_checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="The public key, as /log/key gives it, or its file.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The service.")
@click.option(
    "--token",
    envvar="MUNIMENT_TOKEN",
    help="An administrator's token, to read all headers. [MUNIMENT_TOKEN]",
)
@click.option(
    "--proof",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A proof: what followed its events in their stream is listed; takes --token.",
)
def verify_log(
    old_checkpoint: Path, key: str, url: str, token: str | None, proof: Path | None
) -> None:
    """Show that the log at a service goes on from OLD_CHECKPOINT, which may hold several.

    The hashes of all leaves are read, and the roots are made of them: nothing else that the service
    says is believed. With --token the leaves themselves are read, which are the headers of events:
    then also that these are in order, and no stream has a gap. One line a contradiction, and exit
    code 1 if there is any.
    """
    from domain.evidence import checkpoints, notes, whole_log

    if proof is not None and token is None:
        raise click.UsageError("--proof takes --token: what followed stands in headers.")
    if not url.startswith(("http://", "https://")):
        raise Refusal("--url: expected http://… or https://….")
    try:
        known = notes.public_key(key_of(key))
        kept, _ = checkpoints.in_file(old_checkpoint.read_bytes())
        old = [checkpoints.check(each, known) for each in kept]
        last = checkpoints.check(_get(url, "checkpoint", None).decode(), known)
    except ValueError as error:
        raise Refusal(f"A checkpoint or the key is not good: {error}.") from error
    if not old:
        raise Refusal(f"There is no checkpoint in {old_checkpoint}.")
    wanted = sorted([*old, last], key=lambda each: each.size)
    listed = _Following(proof, known.text) if proof is not None else None
    if token is None:
        found = [*whole_log.check_hashes(_hashes(url, last.size), wanted)]
    else:
        leaves = _leaves(url, last.size, token)
        found = [*whole_log.check(listed.listening(leaves) if listed else leaves, wanted)]
    for each in found:
        click.echo(each)
    for line in listed.lines if listed else ():
        click.echo(line)
    said = f"{len(found)} contradictions" if found else f"it goes on from {len(old)} checkpoint(s)"
    read = "by their hashes" if token is None else "by their headers"
    click.echo(f"{last.size} events, {read}: {said}.", err=True)
    if token is None:
        click.echo(UNREAD, err=True)
    sys.exit(1 if found else 0)


class _Following:
    """The events of a proof's stream that are not in the proof."""

    def __init__(self, proof: Path, key: str) -> None:
        from scripts import verify_proof

        try:
            _, events = verify_proof.verify(proof.read_bytes(), key)
        except Exception as error:
            raise Refusal(f"The proof does not hold: {error}.") from error
        self._stream = events[0]["stream"]
        self._shown = {int.from_bytes(each["version"]) for each in events}
        self.lines: list[str] = []

    def listening(self, leaves: Iterator[bytes]) -> Iterator[bytes]:
        """Give the leaves on, and note those of the stream."""
        from domain.evidence import leaf
        from domain.instants import rfc3339

        for each in leaves:
            if each[2:18] == self._stream:
                header = leaf.decode(each)
                if header.version not in self._shown:
                    when = rfc3339(header.recorded_at)
                    self.lines.append(f"{when} event {header.version}, {header.topic}")
            yield each


def _hashes(url: str, size: int) -> Iterator[bytes]:
    from domain.evidence.merkle import HASH

    for piece in _pieces(size):
        hashes = _get(url, f"tile/0/{piece.path}", None)
        if len(hashes) != piece.width * HASH:
            raise Refusal(f"The tile {piece.number} has another width.")
        yield from (hashes[at : at + HASH] for at in range(0, len(hashes), HASH))


def _leaves(url: str, size: int, token: str) -> Iterator[bytes]:
    from domain.evidence import leaf

    for piece in _pieces(size):
        try:
            leaves = leaf.unbundled(_get(url, f"tile/entries/{piece.path}", token))
        except ValueError as error:
            raise Refusal(f"The bundle {piece.number} cannot be read: {error}.") from error
        if len(leaves) != piece.width:
            raise Refusal(f"The bundle {piece.number} has another width.")
        yield from leaves


def _pieces(size: int) -> Iterator[Piece]:
    from domain.evidence.tiles import WIDTH, Piece

    for number in range(-(-size // WIDTH)):
        yield Piece(number, min(WIDTH, size - number * WIDTH))


def _get(url: str, path: str, token: str | None) -> bytes:
    address = f"{url.rstrip('/')}/log/{path}"
    request = urllib.request.Request(address)  # noqa: S310 - http alone, as was asked
    if token is not None:
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            found: bytes = answer.read()
    except HTTPError as error:
        if token is not None and error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            raise Refusal(f"{address}: headers take an administrator's token.") from error
        raise Refusal(f"{address} cannot be read: {error}.") from error
    except OSError as error:
        raise Refusal(f"{address} cannot be read: {error}.") from error
    return found
