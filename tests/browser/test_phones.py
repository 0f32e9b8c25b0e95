"""People with only a phone, beside the big screen: they text, and the bars move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from storage.embedded import StoreUrls
from tests.browser.cockpit import DESKTOP, open_cockpit, signed_in
from tests.browser.conftest import OpenPage, fresh_database
from tests.browser.judging import look
from tests.browser.pages import phones
from tests.browser.site import Caller, Site, running_site
from tests.browser.walk import Record, Scene, walk

SONGS = ("Dark Star", "Blue Sky", "Morning Dew")


@pytest.fixture(scope="module")
def site(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A node whose texts a sandbox carries."""
    del browser  # it is started before any process that it must not share its loop with
    with (
        fresh_database(embedded_stores, migrated_template) as database_url,
        running_site(database_url, embedded_stores.redis_url, {"SETROOM_SMS": "sandbox"}) as site,
    ):
        yield site


@pytest.fixture(scope="module")
def table(site: Site) -> phones.Table:
    return phones.table(site)


def ask(artist: Caller, show_id: str, **config: Any) -> str:
    """A round that stays open."""
    window = {"duration_s": 3000, "sms_grace_s": 0}
    return artist.open_round(
        show_id, "The encore?", *SONGS, visibility="always", window=window, **config
    )


def put_up(open_page: OpenPage, site: Site, artist: Caller, show_id: str) -> Page:
    """The show's big screen."""
    made = artist.post(f"/api/shows/{show_id}/displays", {"kind": "big_screen", "name": "Hall"})
    return open_page(made["url"].partition(site.url)[2], viewport={"width": 1280, "height": 720})


def device(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def say(phone: Locator, text: str, answer: str | re.Pattern[str]) -> None:
    """Types a text on a phone and reads the answer."""
    phone.get_by_role("textbox").fill(text)
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.get_by_role("textbox")).to_have_value("")
    expect(phone.locator("li").filter(has_not=phone.locator(".own")).last).to_contain_text(answer)


def bar(screen: Page, song: str, votes: int) -> None:
    row = screen.get_by_role("list", name="The encore?").get_by_role("listitem")
    expect(row.filter(has_text=song)).to_contain_text(re.compile(rf"{song}\D*{votes}\b"))


def test_phones_text_and_the_bar_on_the_big_screen_moves(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("table@example.com")
    show = artist.live_show(title="Barton Hall", takes_sms=True)
    screen = put_up(open_page, site, artist, show["id"])
    expect(screen.get_by_text(f"JOIN {show['join_code']}")).to_be_visible()
    expect(screen.get_by_text("+1 201 555 0100")).to_be_visible()
    page = open_page("/health/live", viewport=DESKTOP)
    page.add_init_script(signed_in(artist))
    page.goto("/panel/try/phones")
    alex, robin, sam = (device(page, name) for name in ("Alex", "Robin", "Sam"))

    # Joining: by the ready-made text, in the language of the number's country.
    alex.get_by_role("button", name=f"JOIN {show['join_code']}").click()
    expect(alex.get_by_text("you're in Barton Hall!")).to_be_visible()
    expect(alex.get_by_text("Msg & data rates may apply")).to_be_visible()
    say(robin, f"join {show['join_code'].lower()}", "Du bist bei Barton Hall!")
    say(sam, f"Join {show['join_code']}!", "te uniste a Barton Hall!")

    # Voting: by number, and changed by name with a slip, which asks back instead of guessing.
    ask(artist, show["id"])
    cockpit = open_cockpit(open_page, artist, show["id"])
    alex.get_by_role("button", name="1 Dark Star").click()
    expect(alex.get_by_text("Got it: 1 Dark Star.")).to_be_visible()
    bar(screen, "Dark Star", 1)
    say(alex, "blu sky", "Did you mean 2 Blue Sky?")
    bar(screen, "Dark Star", 1)
    bar(screen, "Blue Sky", 0)
    say(alex, "blue sky", "2 Blue Sky")
    bar(screen, "Blue Sky", 1)
    bar(screen, "Dark Star", 0)
    say(robin, "２", "2 Blue Sky")
    say(sam, "3️⃣", "3 Morning Dew")
    bar(screen, "Blue Sky", 2)
    bar(screen, "Morning Dew", 1)
    expect(screen.get_by_text("3 have voted")).to_be_visible()
    by_channel = cockpit.locator(".channel")
    expect(by_channel.filter(has_text="by SMS")).to_contain_text("3")

    # A night's consent, with the link that makes phone and app one person.
    say(alex, "CONFIRM", re.compile("/c/"))
    link = alex.get_by_role("link").last
    expect(link).to_have_attribute("href", re.compile(rf"^{re.escape(site.url)}/c/\S+$"))
    expect(alex.locator("[data-tick=delivered]").last).to_be_attached()

    # STOP holds for everything, and START brings back.
    say(sam, "stop please", "START")
    expect(sam.get_by_role("group", name="Ready-made texts").get_by_role("button")).to_have_text(
        ["START", "HELP"]
    )
    say(sam, "1", re.compile("START"))
    bar(screen, "Morning Dew", 1)
    look(page, "phones-in-the-middle")

    # A crowd.
    page.get_by_role("radio", name="10", exact=True).check()
    page.get_by_role("button", name="Let 10 phones vote").click()
    expect(page.get_by_text("10 joined, 10 voted.")).to_be_visible(timeout=90_000)
    expect(screen.get_by_text("13 have voted")).to_be_visible()
    expect(by_channel.filter(has_text="by SMS")).to_contain_text("13")
    page.get_by_role("button", name="Send them home").click()
    expect(page.get_by_role("button", name="Send them home")).to_be_hidden()


def test_what_a_phone_was_sent_is_there_after_a_reload_and_on_no_other_table(
    site: Site, open_page: OpenPage
) -> None:
    artist, other = site.artist("keeps@example.com"), site.artist("another@example.com")
    page = open_page("/health/live", viewport=DESKTOP)
    page.add_init_script(signed_in(artist))
    page.goto("/panel/try/phones")
    say(device(page, "Alex"), "HELP", "Setroom")
    device(page, "Alex").get_by_role("button", name="Alex: more").click()
    page.get_by_role("menuitem", name="Switch off").click()
    expect(device(page, "Alex").get_by_text("Switched off.")).to_be_visible()
    page.reload()
    expect(device(page, "Alex").get_by_text("HELP", exact=True).first).to_be_visible()
    expect(device(page, "Alex").get_by_role("textbox")).to_be_disabled()
    device(page, "Robin").get_by_role("button", name="Robin: more").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(device(page, "Robin")).to_have_count(0)
    assert other.get("/api/sandbox/phones")["items"] == []


def test_a_fan_confirms_a_phone_where_a_round_asks_for_one(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("asks@example.com")
    show = artist.live_show(title="Barton Hall", takes_sms=True)
    ask(artist, show["id"], who={"channels": ["web", "sms"], "identity": "phone"})
    phone = artist.post("/api/sandbox/phones", {"name": "Ann"})["items"][0]["id"]
    page = open_page(f"/shows/{show['slug']}")
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("button", name="Add a song")).to_be_visible()

    page.get_by_role("button", name="Confirm my phone").click()
    sheet = page.get_by_role("dialog", name="Confirm your phone")
    said = sheet.get_by_text(re.compile(r"^CONFIRM \d+$"))
    expect(said).to_be_visible()
    link = sheet.get_by_role("link", name="Write the text for me").get_attribute("href")
    words = said.inner_text()
    assert link == f"sms:+12015550100?&body={words.replace(' ', '%20')}"
    look(page, "confirm-a-phone")

    artist.post(f"/api/sandbox/phones/{phone}/texts", {"body": words})
    expect(sheet.get_by_text("is yours. You can vote now.")).to_be_visible()
    sheet.get_by_role("button", name="Back to the round").click()
    expect(page.get_by_text(re.compile("Your phone .* is confirmed."))).to_be_visible()
    page.get_by_role("button", name="Blue Sky").click()
    expect(page.get_by_text("1 has voted").or_(page.get_by_text("You can change"))).to_be_visible()
    results = artist.get(f"/api/shows/{show['id']}/rounds")["items"][0]
    assert results["tally"]["options"]["o2"] == 1


@pytest.mark.parametrize("scene", phones.SCENES, ids=lambda scene: scene.name)
def test_the_phones(
    table: phones.Table, open_page: OpenPage, record_property: Record, scene: Scene
) -> None:
    def signed(path: str, **options: Any) -> Page:
        page = open_page("/health/live", **options)
        page.add_init_script(signed_in(table.artist))
        page.goto(path)
        return page

    walk(signed, scene, table, record_property)
