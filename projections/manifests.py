"""manifests: every list of files that versions have, by its digest. Its SQL is in manifests.sql."""

from __future__ import annotations

from domain.manifest import StoredManifest
from projections.view import HeadView

view = HeadView("manifests", StoredManifest)
