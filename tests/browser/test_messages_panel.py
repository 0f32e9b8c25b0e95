"""Messages to a room from the panel: written, looked at, sent, followed, taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.embedded import StoreUrls
from tests.browser.cockpit import DESKTOP, signed_in
from tests.browser.conftest import OpenPage
from tests.browser.judging import look
from tests.browser.site import Caller, Site
from tests.browser.texting import phones, text, texting_site

VENUE = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}


@pytest.fixture(scope="module")
def site(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A node with a worker, where a sandbox takes texts."""
    del browser  # it is started before any process that it must not share its loop with
    with texting_site(embedded_stores, migrated_template) as site:
        yield site


def night(site: Site, email: str) -> tuple[Caller, dict[str, Any]]:
    """A show under way that takes votes by text."""
    artist = site.artist(email)
    show = artist.live_show(title="Barton Hall", venue=VENUE, takes_sms=True)
    return artist, show


def open_part(open_page: OpenPage, caller: Caller, show: dict[str, Any], part: str) -> Page:
    """A part of the show in the panel."""
    page = open_page("/health/live", viewport=DESKTOP, accept_downloads=True)
    page.add_init_script(signed_in(caller))
    page.goto(f"/panel/shows/{show['id']}/{part}")
    return page


def test_a_message_from_its_first_word_to_its_last_delivery(
    site: Site, open_page: OpenPage
) -> None:
    artist, show = night(site, "writes@example.com")
    ids = phones(artist, show, 3)
    artist.open_round(
        show["id"], "Encore?", "Ripple", "Deal", window={"duration_s": 3000},
    )  # fmt: skip
    text(artist, ids[2], "STOP")
    page = open_part(open_page, artist, show, "messages")

    page.get_by_role("link", name="Write the first one").click()
    page.get_by_role("button", name="Look once more").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    words = page.get_by_label("Your words")
    expect(words).to_be_focused()

    page.locator("label").filter(has_text="Nudge").click()
    expect(page.get_by_label("The round to vote in")).to_contain_text("Encore?")
    words = page.get_by_label("Your own words instead")
    words.fill("Encore? You’ve one minute – vote at ")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(words).to_have_value("Encore? You’ve one minute – vote at {title}")
    blamed = page.get_by_text("Only 70 characters fit into a text because of")
    expect(blamed).to_contain_text("’")
    page.get_by_role("button", name="Write it plainly").click()
    expect(words).to_have_value("Encore? You've one minute - vote at {title}")
    expect(blamed).to_have_count(0)
    arrives = page.get_by_role("figure", name="As it looks on a phone")
    expect(arrives).to_contain_text("vote at Barton Hall")
    expect(arrives).to_contain_text("STOP")
    sums = page.get_by_role("region", name="What it comes to")
    expect(sums).to_contain_text(re.compile("People\\s*2"))
    expect(sums).to_contain_text("1 person said STOP and does not get it.")
    look(page, "message-written")

    page.get_by_role("button", name="Look once more, for 2 people").click()
    asked = page.get_by_role("dialog", name="Send this to 2 people?")
    expect(asked).to_contain_text("vote at Barton Hall")
    expect(asked.get_by_role("button", name="Keep writing")).to_be_focused()
    asked.get_by_role("button", name="Keep writing").click()
    expect(words).to_have_value("Encore? You've one minute - vote at {title}")
    page.get_by_role("button", name="Look once more, for 2 people").click()
    asked.get_by_role("button", name="Send to 2 people").click()

    sent = page.get_by_role("region", name="Nudge")
    expect(sent).to_contain_text(re.compile("Delivered\\s*2"))
    expect(sent.get_by_text("Sent", exact=True)).to_be_visible()
    rows = page.get_by_role("region", name="Each message").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.get_by_text("Delivered")).to_have_count(2)
    expect(rows.first.get_by_role("button")).to_contain_text("•")
    rows.first.get_by_role("button").click()
    one = page.get_by_role("dialog", name="One message")
    expect(one).to_contain_text("vote at Barton Hall")
    expect(one.get_by_role("listitem").last).to_contain_text("Delivered")
    look(page, "message-life")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="All messages").click()
    expect(page.get_by_role("img", name="Progress: 2 delivered")).to_be_visible()
    page.get_by_role("link", name="Every message").click()
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_text("No message is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Kind").select_option("NUDGE")
    expect(page.locator(".rows li")).to_have_count(2)


def test_a_message_for_later_is_taken_back(site: Site, open_page: OpenPage) -> None:
    artist, show = night(site, "later@example.com")
    phones(artist, show, 1)
    page = open_part(open_page, artist, show, "messages/new")
    page.get_by_label("Your words").fill("Thanks for last night!")
    page.get_by_role("radio", name="Later").check(force=True)
    day = datetime.now(UTC) + timedelta(days=3)
    page.get_by_label("Day").fill(day.strftime("%Y-%m-%d"))
    page.get_by_label("Time", exact=True).fill("12:00")
    page.get_by_role("button", name="Look once more, for 1 person").click()
    page.get_by_role("dialog").get_by_role("button", name="Schedule for 1 person").click()
    expect(page.get_by_text("Scheduled", exact=True)).to_be_visible()

    page.get_by_role("link", name="All messages").click()
    row = page.get_by_role("listitem").filter(has_text="Thanks for last night!")
    row.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    expect(row.get_by_text("Scheduled", exact=True)).to_be_visible()
    row.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the rest").click()
    expect(row.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)
