"""A headless Chromium: Debian's, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.conftest import join  # noqa: F401 - a fixture

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "There is no Chromium, so no page was seen in a browser. `make test` installs Debian's where it"
    " may; else: apt-get install --no-install-recommends chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser; without one the tests are skipped, and say so.

    A module's: while playwright is there, nothing else may run a loop in this thread.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()
