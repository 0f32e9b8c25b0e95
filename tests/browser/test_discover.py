"""Finding a show: with the keyboard, by a city, by one's position, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.bands import BAND, Addresses, found_band
from tests.browser.conftest import OpenPage
from tests.browser.judging import axe_faults
from tests.browser.site import Site

ITHACA = {"latitude": 42.4440, "longitude": -76.5019}


@pytest.fixture(scope="module")
def addresses(site: Site) -> Addresses:
    return found_band(site, site.artist("finder@example.com"))


def test_the_keyboard_finds_a_band(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/", viewport={"width": 1440, "height": 900})
    field = page.get_by_role("combobox", name="Artist, venue, city, song or date")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("wandrers")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.filter(has_text=BAND)).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    assert axe_faults(page) == []
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    expect(field).to_be_focused()
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("wandrers")
    field.press("ArrowDown")
    expect(options.filter(has_text=BAND)).to_be_visible()
    while BAND not in page.locator("[aria-selected=true]").all_inner_texts().__str__():
        field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url(f"**{addresses['artist']}")
    expect(page.get_by_role("heading", level=1, name=BAND)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Wandering on"))).to_be_visible()


def test_enter_searches_for_what_was_typed(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/")
    page.get_by_role("combobox", name="Artist, venue").fill("wandering")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=wandering")
    expect(page.get_by_role("link", name=re.compile("Wandering by the lake"))).to_be_visible()
    page.get_by_role("link", name="Venues").click()
    expect(page.get_by_text("Nothing is called")).to_be_visible()


def test_shows_near_a_city_and_near_me(open_page: OpenPage, addresses: Addresses) -> None:
    page = open_page("/", geolocation=ITHACA, permissions=["geolocation"])
    here = page.locator(".near-found")
    field = page.get_by_role("combobox", name="Or a city")
    field.press_sequentially("Reykjav")
    page.get_by_role("option", name=re.compile("Reykjavík")).click()
    expect(here).to_contain_text("No show within 100 km")
    with page.expect_request("**/near?*") as asked:
        page.get_by_role("button", name="Use my position").click()
    assert "near=42.44%2C-76.50" in asked.value.url, "rounded before it is sent"
    expect(here.get_by_role("heading", name="Shows near your position")).to_be_visible()
    expect(here.get_by_role("link", name=re.compile("Wandering by the lake"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"/$"))


def test_whoever_keeps_their_position_names_a_city(
    open_page: OpenPage, addresses: Addresses
) -> None:
    page = open_page("/", permissions=[])
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Name a city instead")).to_be_visible()
    field = page.get_by_role("combobox", name="Or a city")
    expect(field).to_be_focused()
    field.fill("Ithaca")
    field.press("Enter")
    expect(page.locator(".near-found").get_by_text("Wandering by the lake")).to_be_visible()


def test_everything_can_be_found_without_a_script(
    open_page: OpenPage, addresses: Addresses
) -> None:
    page = open_page("/", java_script_enabled=False)
    page.get_by_label("Or a city").fill("Ithaca")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("heading", name="Shows near Ithaca")).to_be_visible()
    page.get_by_label("Artist, venue, city, song or date").fill("wanderers")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(f"Artist {BAND}")).click()
    expect(page.get_by_role("heading", level=1, name=BAND)).to_be_visible()
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("heading", name="Próximos conciertos")).to_be_visible()
