"""Deployment: what makes a version of an environment one that was deployed.

Nothing is built, so it is done in the moment in which the version is published. Source: the Divio
specification, "deployments" and "Mapping".
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

BUILD_MODE = 100  # characters


class Deployment(Struct, frozen=True, omit_defaults=True):
    """A deployment of the version that says it; `build_mode` is as it was asked for."""

    id: UUID
    build_mode: str | None = None


class Deployed(Struct, frozen=True):
    """A deployment, and the names of the variables in its version of the environment."""

    id: UUID
    environment: UUID
    slug: str  # of the environment
    number: int  # of the version
    at: datetime
    build_mode: str | None
    variables: tuple[str, ...]
