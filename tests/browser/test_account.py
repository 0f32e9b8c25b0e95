"""One's account: from a guest to an account, through everything that it holds, to its end."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.site import PASSWORD, Site
from tests.browser.test_newcomer import enter

NEW_PASSWORD = "another long passphrase"


EDITED_OFFLINE = """() => {
  const { account_id } = JSON.parse(localStorage.getItem("setroom:session"));
  localStorage.setItem(`setroom:unsaved:some-show:${account_id}`, JSON.stringify(["one", "two"]));
}"""
"""What a room leaves on the device of two entries that it could not send."""


def test_from_a_guest_to_an_account_to_nobody(site: Site, open_page: OpenPage) -> None:
    show = site.artist("account@example.com").live_show()
    page = open_page(f"/shows/{show['slug']}", accept_downloads=True)
    enter(page)
    page.goto("/account")
    expect(page.get_by_role("heading", name="You are a guest")).to_be_visible()
    page.get_by_label("Name").first.fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()
    expect(page.get_by_text("Signed in with ada@example.com.")).to_be_visible()
    rooms = page.get_by_role("region", name="Your rooms")
    expect(rooms.get_by_role("link", name="Barton Hall")).to_be_visible()

    profile = page.get_by_role("region", name="Profile")
    profile.get_by_label("Name").fill(" ")
    profile.get_by_role("button", name="Save profile").click()
    expect(profile.get_by_text("This cannot be empty.")).to_be_visible()
    profile.get_by_label("Name").fill("Ada L.")
    profile.get_by_role("combobox", name="Home city").fill("Nowhere at all")
    profile.get_by_role("button", name="Save profile").click()
    expect(profile.get_by_text("Choose one of the suggestions, or leave")).to_be_visible()
    city = profile.get_by_role("combobox", name="Home city")
    city.fill("")
    city.press_sequentially("Barcelon")
    profile.get_by_role("listbox", name="Home city").get_by_role("option").first.click()
    profile.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    kept = site.sign_in("ada@example.com")
    stored = kept.get("/api/auth/profile")
    assert (stored["display_name"], stored["home_city"]["name"]) == ("Ada L.", "Barcelona")

    page.get_by_role("switch", name="Remember my rooms").uncheck()
    expect(page.get_by_text("You chose that no list is kept.")).to_be_visible()
    assert kept.get("/api/auth/profile")["privacy"]["remember_rooms"] is False

    page.reload()
    devices = page.get_by_role("region", name="Where you are signed in")
    expect(devices.get_by_text("python-httpx")).to_be_visible()
    devices.get_by_role("button", name="Sign out everywhere else").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    expect(devices.get_by_role("listitem")).to_have_count(1)
    assert site.client.get("/api/auth/profile", headers=kept.headers).status_code == 401

    password = page.get_by_role("region", name="Password")
    password.get_by_label("The one of now").fill("not this one")
    password.get_by_label("The new one").fill(NEW_PASSWORD)
    password.get_by_role("button", name="Change password").click()
    expect(password.get_by_text("This is not your password.")).to_be_visible()
    password.get_by_label("The one of now").fill(PASSWORD)
    password.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything").click()
    exported = json.loads(download.value.path().read_text())
    assert exported["format"] == 1
    page.evaluate(EDITED_OFFLINE)
    page.get_by_role("button", name="Sign out", exact=True).click()
    warning = page.get_by_role("dialog", name="Not everything is sent")
    expect(warning.get_by_text("2 things that you did in rooms wait")).to_be_visible()
    warning.get_by_role("button", name="Cancel").click()
    expect(warning).to_have_count(0)
    assert page.evaluate("localStorage.getItem('setroom:session')") is not None

    page.get_by_role("button", name="Delete…").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Your password").fill(PASSWORD)
    sheet.get_by_role("button", name="Delete for good").click()
    expect(sheet.get_by_text("This is not your password.")).to_be_visible()
    sheet.get_by_label("Your password").fill(NEW_PASSWORD)
    sheet.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Your account is deleted")).to_be_visible()
    assert page.evaluate("localStorage.getItem('setroom:session')") is None
    login = {"email": "ada@example.com", "password": NEW_PASSWORD}
    assert site.client.post("/api/auth/login", json=login).status_code == 401


def test_the_language_that_one_chooses_is_that_of_the_pages(
    site: Site, open_page: OpenPage
) -> None:
    artist = site.artist("language@example.com")
    page = open_page("/account", viewport={"width": 1440, "height": 900})
    page.get_by_label("E-mail").fill(artist.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Language", exact=True).select_option("es")
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_role("heading", name="Tu cuenta")).to_be_visible()
    expect(page.get_by_role("region", name="Privacidad")).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "es")
