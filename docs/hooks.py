"""What the builder of the guide is told: pages that are made from code, or stand elsewhere."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from scripts import reference

ROOT = Path(__file__).resolve().parent.parent
MADE = {
    "reference/settings.md": reference.settings,
    "reference/events.md": reference.events,
    "reference/verbs.md": reference.verbs,
    "reference/verify-proof.md": (ROOT / "scripts" / "verify_proof.md").read_text,
    "changelog.md": (ROOT / "CHANGELOG.md").read_text,
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add them to those in the folder."""
    for path, page in MADE.items():
        files.append(File.generated(config, path, content=page()))
    return files
