"""What a program asks for is approved or refused in a real Chromium. Source: RFC 8628, 3.3."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api import asking, logging_in
from tests.api.asking import PASSWORD, Join, User
from tests.browser.visiting import visiting
from tests.running import Running

PAGE = "/oauth/device"


@pytest.fixture
def program(server: Running) -> Iterator[httpx.Client]:
    """The program, elsewhere."""
    with asking.client(server) as client:
        yield client


@pytest.fixture
def user(join: Join) -> User:
    """Whoever has started it."""
    return join("approving")


def fill_in(page: Page, user: User, password: str = PASSWORD) -> None:
    """Fill in who one is, by the labels."""
    page.get_by_label("Name or e-mail address").fill(user.name)
    page.get_by_label("Password").fill(password)


def test_a_login_is_approved_by_the_address_that_the_program_shows(
    browser: Browser, server: Running, program: httpx.Client, user: User
) -> None:
    """The code stands there already; no script is needed."""
    codes = logging_in.begun(program)
    shown = urlsplit(codes.told["verification_uri_complete"])
    with visiting(browser, server, f"{shown.path}?{shown.query}", scripts=False) as seen:
        expect(seen.page.get_by_label("Code")).to_have_value(codes.user)
        fill_in(seen.page, user)
        seen.page.get_by_role("button", name="Approve").click()

        expect(seen.page.get_by_role("status")).to_contain_text("may act for you now")
        expect(seen.page.get_by_role("button")).to_have_count(0)
    assert logging_in.polled(program, codes).status_code == 200


def test_a_code_is_typed_in_and_a_mistake_is_told(
    browser: Browser, server: Running, program: httpx.Client, user: User
) -> None:
    """By keyboard alone, in small letters; after a wrong password code and name are there still."""
    codes = logging_in.begun(program)
    with visiting(browser, server, PAGE, scripts=True) as seen:
        page = seen.page
        page.get_by_label("Code").fill(codes.user.lower().replace("-", ""))
        fill_in(page, user, "a wrong one")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("password is wrong")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")

        expect(page.get_by_role("status")).to_contain_text("may act for you now")
        assert PASSWORD not in page.content()
    assert logging_in.polled(program, codes).status_code == 200


def test_a_login_is_refused(
    browser: Browser, server: Running, program: httpx.Client, user: User
) -> None:
    """Nothing is cut off at 320 pixels."""
    codes = logging_in.begun(program)
    with visiting(browser, server, PAGE, scripts=True) as seen:
        seen.page.set_viewport_size({"width": 320, "height": 640})
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
        seen.page.get_by_label("Code").fill(codes.user)
        fill_in(seen.page, user)
        seen.page.get_by_role("button", name="Refuse").click()

        expect(seen.page.get_by_role("status")).to_contain_text("was refused")
    answer = logging_in.polled(program, codes)
    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")
