"""Pushing: the last checkpoint to a Git remote, beside sealing, which never waits for it."""

from __future__ import annotations

import logging
from threading import Event

from domain.errors import Refusal
from domain.storage.checkpoint_file import CheckpointFile
from domain.storage.git_copy import GitCopy

log = logging.getLogger(__name__)

PAUSE = 30.0  # seconds between two pushes
LOOK = 1.0  # seconds between two looks for the first checkpoint


class Pushing:
    """What is pushed from where. `failed`: the last push, if there was one, did not succeed."""

    def __init__(self, file: CheckpointFile, origin: str, copy: GitCopy) -> None:
        self._file = file
        self._origin = origin
        self._copy = copy
        self._pushed: str | None = None
        self.failed = False

    def run(self, stop: Event) -> None:
        """Push whatever is new until `stop`."""
        while not stop.is_set():
            try:
                self.push()
            except (OSError, Refusal) as error:
                if not self.failed:
                    log.error("Checkpoints cannot be pushed: %s", error)
                self.failed = True
            stop.wait(PAUSE if self._pushed or self.failed else LOOK)

    def push(self) -> None:
        """Push the last checkpoint, unless that was done. Raises Refusal, OSError."""
        note = self._file.last(self._origin)
        if note is not None and note != self._pushed:
            self._copy.push(note)
            self._pushed = note
        self.failed = False
