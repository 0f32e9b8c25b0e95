"""The page of specimens: both themes at once, nothing against WCAG, and the keys that APG asks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTEFACTS, PHONE, OpenPage
from tests.browser.judging import axe_faults, layout_faults
from tests.browser.walk import Record

GROUND = "pane => getComputedStyle(pane).backgroundColor"


@pytest.fixture(params=[PHONE, {"width": 1440, "height": 900}], ids=["phone", "desk"])
def page(open_page: OpenPage, request: pytest.FixtureRequest) -> Page:
    page = open_page("/design", viewport=request.param)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Design system")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"design-{request.param['width']}.png", full_page=True)
    return page


def clean(page: Page) -> None:
    assert axe_faults(page) == []
    assert layout_faults(page) == []


def test_every_specimen_is_fit_for_everybody_in_both_themes(
    page: Page, record_property: Record
) -> None:
    dark, light = (page.locator(f'[data-theme="{theme}"]') for theme in ("dark", "light"))
    assert dark.evaluate(GROUND) == "rgb(12, 11, 13)"
    assert light.evaluate(GROUND) == "rgb(241, 236, 225)"
    clean(page)
    page.get_by_role("radio", name="Right to left").check()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.get_by_role("radio", name="Reduced").check()
    expect(page.locator("html")).to_have_attribute("data-motion", "reduced")
    clean(page)
    page.get_by_role("radio", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sistema de diseño")
    clean(page)


def test_tabs_menus_and_sheets_go_by_keys(open_page: OpenPage) -> None:
    page = open_page("/design", viewport={"width": 1440, "height": 900})
    pane = page.locator('[data-theme="dark"]')
    pane.get_by_role("tab", name="Rounds").focus()
    page.keyboard.press("ArrowLeft")
    expect(pane.get_by_role("tab", name="Chat")).to_be_focused()
    expect(pane.get_by_role("tabpanel")).to_contain_text("Chat")
    page.keyboard.press("Home")
    expect(pane.get_by_role("tab", name="Rounds")).to_have_attribute("aria-selected", "true")

    menu = pane.get_by_role("button", name="Actions for this song").last
    menu.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Remove the song")).to_be_focused()
    clean(page)
    page.keyboard.press("m")
    expect(page.get_by_role("menuitem", name="Move to…")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(pane.get_by_text("Chosen: Edit")).to_be_visible()

    ask = pane.get_by_role("button", name="Ask before")
    ask.click()
    dialog = page.get_by_role("dialog", name="Close the round now?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    clean(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(ask).to_be_focused()
