"""For everybody: by keys alone, with large letters, in few colours, on a wall, and by ear."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTEFACTS, PHONE, OpenPage
from tests.browser.judging import layout_faults, settle
from tests.browser.nights import Night, busy_night
from tests.browser.site import Site
from tests.browser.test_newcomer import enter

DESKTOP = {"width": 1440, "height": 900}
STOPS_MAX = 120
"""More than a page of the walk has; a page on which the Tab key goes in circles has no end."""

FOCUSED = """() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.top + Math.min(box.height, innerHeight) / 2, 1), innerHeight - 2);
  const above = document.elementFromPoint(x, y);
  const labelled = element.labels?.length ? element.labels[0].textContent : '';
  const by = element.getAttribute('aria-labelledby')?.split(' ')
    .map((id) => document.getElementById(id)?.textContent).join(' ');
  return {
    what: `${element.localName}.${element.className}`,
    name: (element.getAttribute('aria-label') ?? by ?? (labelled || element.textContent)).trim(),
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    outlined: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)
      || style.boxShadow !== 'none',
    covered: above !== null && above !== element && !element.contains(above)
      && !above.contains(element) && above.closest('label')?.control !== element,
  };
}"""


@pytest.fixture(scope="module")
def night(site: Site) -> Night:
    return busy_night(site)


def tab_through(page: Page) -> list[str]:
    """The names of what the Tab key stops at; asserts that each stop can be seen."""
    names: list[str] = []
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return names
        assert stop["name"], f"{stop['what']} has no name"
        assert stop["seen"], f"{stop} is out of sight"
        assert stop["outlined"], f"{stop} does not show its focus"
        assert not stop["covered"], f"{stop} is behind something"
        names.append(stop["name"])
    raise AssertionError(f"the Tab key does not get out: {names[-8:]}")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_tab_key_goes_through_the_room(
    night: Night, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    page = open_page(night.path, viewport=viewport)
    enter(page)
    page.locator("body").click(position={"x": 2, "y": 2})
    names = tab_through(page)
    assert any("Sugar Magnolia" in name for name in names)
    assert "Actions for Morning Dew" in names
    # With keys alone: a song gets its place, and the focus stays with it.
    titles = page.locator(".setlist .row .title")
    before = [title.strip() for title in titles.all_inner_texts()]
    more = page.get_by_role("button", name="Actions for Loser")
    more.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move down").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Move down")).to_be_focused()
    expect(titles.nth(before.index("Loser") + 1)).to_have_text(re.compile("Loser"))


def test_the_tab_key_goes_through_the_front_page(night: Night, open_page: OpenPage) -> None:
    page = open_page("/")
    names = tab_through(page)
    assert names[0] == "Skip to the content"
    assert any(night.show["title"] in name for name in names)


def test_letters_of_twice_the_size(night: Night, open_page: OpenPage) -> None:
    page = open_page(night.path, viewport={"width": 1280, "height": 800})
    enter(page)
    for path in (None, "/", "/account"):
        if path is not None:
            page.goto(path)
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        settle(page)
        faults = layout_faults(page)
        page.screenshot(
            path=ARTEFACTS / f"large-letters-{(path or 'room').strip('/') or 'home'}.png"
        )
        assert faults == [], path or "room"


def test_few_colours_and_a_wall(night: Night, open_page: OpenPage) -> None:
    page = open_page(night.path, viewport=DESKTOP, forced_colors="active")
    enter(page)
    page.get_by_role("button", name="Sugar Magnolia").click()
    chosen = page.get_by_role("button", name="Sugar Magnolia Your choice")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    page.screenshot(path=ARTEFACTS / "room-forced-colours.png")
    assert layout_faults(page) == []
    page.emulate_media(forced_colors="none")
    for path in (night.path, "/"):
        page.goto(path)
        page.set_viewport_size({"width": 3840, "height": 2160})
        settle(page)
        page.screenshot(path=ARTEFACTS / f"wall-{'home' if path == '/' else 'room'}.png")
        assert layout_faults(page) == []
