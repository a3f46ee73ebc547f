"""Tokens are made and revoked in a real Chromium: by mouse, by keyboard, and without scripts."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.asking import API, PASSWORD, Join, User
from tests.browser.visiting import visiting
from tests.running import Running

ALL = "/account/settings/applications/"
NEW = "/account/settings/applications/tokens/new/"
WAYS = (NEW, f"/app{NEW}", "/account/desktop-app/access-token/")
ME = f"{API}/users/me"


def sign_in(page: Page, user: User, password: str = PASSWORD) -> None:
    """Fill in the form by its labels, and send it."""
    page.get_by_label("Name or e-mail address").fill(user.name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def user(join: Join) -> User:
    """Somebody who has one token, without a name."""
    return join("browsing")


@pytest.mark.parametrize("path", WAYS)
def test_a_token_is_made_used_and_revoked(
    browser: Browser, server: Running, user: User, path: str
) -> None:
    """From where each client sends people; what is ticked is what the token may do."""
    scripts = path != NEW  # there they are switched off
    with visiting(browser, server, path, scripts=scripts) as seen:
        page = seen.page
        sign_in(page, user)
        page.get_by_label("Name", exact=True).fill("my laptop")
        write = page.get_by_label("Create and change")
        expect(write).not_to_be_checked()
        expect(write).to_have_accessible_description(
            "Create, save, upload, delete, edit and share drafts, records, objects and files."
            " Programs that upload or change something need it."
        )
        page.get_by_text("Create and change").click()  # the label ticks it
        page.get_by_role("button", name="Create", exact=True).click()
        shown = page.get_by_label("Token", exact=True)
        expect(shown).to_be_focused()
        secret = shown.input_value()
        expect(page.get_by_role("status")).to_contain_text("cannot be shown again")
        expect(page.get_by_text("read, write")).to_be_visible()
        bearer = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(server.url + ME, headers=bearer).json()["name"] == user.name

        page.get_by_role("button", name="All your tokens").click()
        expect(page.get_by_role("table", name="Tokens that act for you")).to_be_visible()
        assert secret not in page.content()
        page.get_by_role("button", name="Revoke my laptop").click()

        expect(page.get_by_role("status")).to_contain_text("was revoked")
        expect(page.get_by_role("button", name="Revoke my laptop")).to_have_count(0)
        assert httpx.get(server.url + ME, headers=bearer).status_code == 401


def test_a_problem_has_the_focus_and_leads_to_its_field(
    browser: Browser, server: Running, user: User
) -> None:
    """By keyboard alone; what was right stays as it was filled in."""
    with visiting(browser, server, NEW, scripts=False) as seen:
        page = seen.page
        sign_in(page, user, "a wrong one")
        problem = page.get_by_role("region", name="There is a problem")
        expect(problem).to_be_focused()
        expect(page).to_have_title(re.compile("^Problem: New token: sign in "))
        page.get_by_label("Password").fill(PASSWORD)  # the name is there still
        page.keyboard.press("Enter")

        page.get_by_label("Name", exact=True).fill(" ")
        page.get_by_label("Publish and act").press("Space")
        page.get_by_label("Name", exact=True).press("Enter")
        expect(problem).to_be_focused()
        expect(problem.get_by_role("link")).to_have_text(re.compile("^Name: A name has 1 to 100"))
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        name = page.get_by_label("Name", exact=True)
        expect(name).to_be_focused()
        expect(name).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Publish and act")).to_be_checked()
        name.fill("by keyboard")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", level=1)).to_have_text("Your new token")


def test_loading_the_page_of_a_token_anew_makes_no_other(
    browser: Browser, server: Running, user: User
) -> None:
    """The browser sends the form again: the token is not shown again, and stays the only one."""
    with visiting(browser, server, NEW, scripts=True) as seen:
        page = seen.page
        sign_in(page, user)
        page.get_by_label("Name", exact=True).fill("once")
        page.get_by_role("button", name="Create", exact=True).click()
        secret = page.get_by_label("Token", exact=True).input_value()

        page.reload()

        expect(page.get_by_role("region", name="There is a problem")).to_contain_text("made before")
        assert secret not in page.content()
        page.get_by_role("button", name="All your tokens").click()
        expect(page.get_by_role("button", name="Revoke once")).to_have_count(1)


def test_narrow_screens_and_dark_ones_show_all_of_it(
    browser: Browser, server: Running, user: User
) -> None:
    """Nothing is cut off at 320 pixels."""
    for scheme in ("light", "dark"):
        with visiting(browser, server, ALL, scripts=True) as seen:
            seen.page.set_viewport_size({"width": 320, "height": 640})
            seen.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            sign_in(seen.page, user)
            expect(seen.page.get_by_role("table")).to_be_visible()
            wide = seen.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, (scheme, wide)
