"""Checkpoints in a Git remote: a commit a push, whose one file is the last checkpoint.

Each commit follows the one before it and none is forced, so that a remote which takes no forced
pushes shows whether the log was ever another. A repository of our own lies in the data folder.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from domain.errors import Refusal
from domain.evidence import checkpoints

BRANCH = "refs/heads/main"
PATIENCE = 60.0  # seconds that git may take
WHO = ("-c", "user.name=muniment", "-c", "user.email=muniment@localhost")


class GitCopy:
    """The repository, and the remote that it is pushed to."""

    def __init__(self, folder: Path, remote: str) -> None:
        self.folder = folder.absolute()
        self.remote = remote

    def push(self, note: str) -> None:
        """Return once a checkpoint is at the remote. Raises Refusal."""
        if not (self.folder / "HEAD").exists():
            self._git("init", "--quiet", "--bare", str(self.folder), anywhere=True)
        if self._said("rev-parse", "--quiet", "--verify", BRANCH) is None:
            self._said("fetch", "--quiet", "--", self.remote, f"{BRANCH}:{BRANCH}")
        if self._said("show", f"{BRANCH}:checkpoint") != note:
            self._commit(note)
        self._git("push", "--quiet", "--", self.remote, f"{BRANCH}:{BRANCH}")

    def _commit(self, note: str) -> None:
        blob = self._git("hash-object", "-w", "--stdin", given=note).strip()
        tree = self._git("mktree", given=f"100644 blob {blob}\tcheckpoint\n").strip()
        before = self._said("rev-parse", "--quiet", "--verify", BRANCH)
        parent = () if before is None else ("-p", before.strip())
        said = f"{checkpoints.read(note).size} events"
        commit = self._git(*WHO, "commit-tree", tree, *parent, "-m", said).strip()
        self._git("update-ref", BRANCH, commit)

    def _said(self, *words: str) -> str | None:
        try:
            return self._git(*words)
        except Refusal:
            return None

    def _git(self, *words: str, given: str = "", anywhere: bool = False) -> str:
        where = () if anywhere else (f"--git-dir={self.folder}",)
        try:
            done = subprocess.run(
                ["git", *where, *words],
                input=given,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refusal(f"git cannot be run: {error}") from error
        if done.returncode:
            raise Refusal(f"git {words[0]}: {' '.join(done.stderr.split())}")
        return done.stdout
