"""`muniment verify`: a proof checked offline, with nothing but the log's public key."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from domain.errors import Refusal


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, help="The public key, as /log/key gives it, or its file.")
def verify(file: Path, key: str) -> None:
    """Check the proof in FILE and print what it shows. Exit code 1 when it does not hold."""
    from cryptography.exceptions import InvalidSignature

    from scripts import verify_proof

    try:
        size, events = verify_proof.verify(file.read_bytes(), key_of(key))
    except (ValueError, LookupError, StopIteration, InvalidSignature) as error:
        raise Refusal(f"The proof does not hold: {error or 'the signature is wrong'}.") from error
    _tell(size, events)


def key_of(text: str) -> str:
    """Return the key that an option gives, itself or in a file. Raises Refusal."""
    if "+" in text:
        return text
    try:
        return Path(text).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Refusal(f"{text} is no key, and no file with one.") from None


def _tell(size: int, events: list[dict[str, Any]]) -> None:
    from domain.event import TICK
    from domain.evidence.leaf import EPOCH
    from domain.instants import rfc3339

    for each in events:
        number = int.from_bytes(each["version"])
        recorded = EPOCH + int.from_bytes(each["recorded_at"], signed=True) * TICK
        click.echo(f"{rfc3339(recorded)} event {number}, {each['topic'].decode()}")
        if "state" in each:
            sys.stdout.buffer.write(each["state"] + b"\n")
            sys.stdout.flush()
    count = f"{len(events)} events of one stream"
    click.echo(f"The proof holds: {count}, in a log of {size}.", err=True)
    if number == len(events):
        click.echo("None is missing between them.", err=True)
    click.echo("What follows them in the log, muniment verify-log --proof shows.", err=True)
