"""What people do on many pages."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.site import PASSWORD


def log_in(page: Page, email: str) -> None:
    """With an account."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
