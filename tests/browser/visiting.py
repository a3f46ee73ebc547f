"""A page in a browser that knows nothing yet, and what it does behind the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from tests.running import Running


@dataclass
class Seen:
    """A page, and what the browser complains of or asks for beside it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def visiting(browser: Browser, server: Running, path: str, *, scripts: bool) -> Iterator[Seen]:
    """Open a page in a browser that knows nothing yet; at the end it has learned nothing."""
    context = browser.new_context(base_url=server.url, java_script_enabled=scripts)
    context.set_default_timeout(20_000)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda said: seen.complaints.append(said.text))
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", lambda request: seen.asked.append(request.url))
    try:
        seen.page.goto(path)
        yield seen
        assert [each for each in seen.complaints if "status of 4" not in each] == []
        assert context.cookies() == []
        assert {urlsplit(each).netloc for each in seen.asked} == {urlsplit(server.url).netloc}
        assert {urlsplit(each).query for each in seen.asked} <= {"", urlsplit(path).query}
    finally:
        context.close()
