"""Wishes, thumbs, and a setlist with a past: from several phones in one room."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import log_in
from tests.browser.site import Site
from tests.browser.test_newcomer import add_song, enter


def wish(page: Page, title: str) -> None:
    """In one's own words."""
    page.get_by_label("Wish for a song").fill(title)
    page.get_by_role("button", name="Wish", exact=True).click()


def test_a_wish_that_is_played_lands_in_the_setlist_and_is_told(
    site: Site, open_page: OpenPage
) -> None:
    artist = site.artist("wish@example.com")
    show = artist.live_show()
    crew, ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(3))
    log_in(crew, artist.email)
    enter(ada)
    enter(bob)
    for page in (ada, bob, crew):
        page.get_by_role("button", name=re.compile("^Wishes")).click()
    wish(ada, "Dark Star")
    expect(ada.get_by_text("“Dark Star” is on the list.")).to_be_visible()
    expect(ada.get_by_text("You have 4 wishes left.")).to_be_visible()
    wish(ada, "Ripple")

    bob.get_by_role("button", name="I want “Ripple” too: 1").click()
    expect(bob.get_by_role("button", name="I want “Ripple” too: 2")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(ada.get_by_role("button", name="I want “Ripple” too: 2")).to_be_visible()
    wish(bob, "Dark Starr")
    expect(bob.get_by_text("Did you mean one of these?")).to_be_visible()
    bob.locator(".unclear").get_by_role("button", name="Dark Star").click()
    expect(bob.get_by_text("“Dark Star” was wished already")).to_be_visible()

    crew.get_by_role("button", name="Decide about Ripple").click()
    crew.get_by_role("button", name="Decline").first.click()
    crew.get_by_role("button", name="No time left").click()
    crew.locator("form.decline").get_by_role("button", name="Decline").click()
    expect(ada.get_by_text("Not tonight: “Ripple”. (No time left)")).to_be_visible()
    crew.get_by_role("button", name="Decide about Dark Star").click()
    crew.get_by_role("button", name="Playing now").click()
    expect(ada.get_by_text("They are playing your wish: “Dark Star”!")).to_be_visible()
    expect(bob.get_by_text("They are playing your wish")).to_have_count(0)
    bob.get_by_role("button", name="Room", exact=True).click()
    expect(bob.get_by_role("region", name="Now playing")).to_contain_text("Dark Star")
    expect(bob.locator(".setlist .row .title")).to_have_text(["Dark Star"])
    assert artist.titles(show["id"]) == ["Dark Star"]
    wish(ada, "Dark Star")
    expect(ada.get_by_text("“Dark Star” was wished already: you support it now.")).to_be_visible()


def test_ranks_do_not_jump_under_the_finger(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("steady@example.com")
    show = artist.live_show()
    one, two = site.guest("Ada"), site.guest("Bob")
    first = one.command(show["id"], "request_song", title="Deal")["data"]["song_request_id"]
    second = two.command(show["id"], "request_song", title="Loser")["data"]["song_request_id"]
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    page.get_by_role("button", name=re.compile("^Wishes")).click()
    titles = page.locator(".wishes").first.locator(".title")
    expect(titles).to_have_text(["Deal", "Loser"])
    button = page.get_by_role("button", name="I want “Deal” too: 1")
    button.focus()
    for name in ("Cy", "Di", "Ed"):
        site.guest(name).command(show["id"], "upvote_song_request", song_request_id=second)
    expect(page.get_by_role("button", name="I want “Loser” too: 4")).to_be_visible()
    expect(titles).to_have_text(["Deal", "Loser"])
    expect(page.get_by_role("button", name="The order has changed: sort again")).to_be_enabled()
    page.get_by_role("button", name="The order has changed: sort again").click()
    expect(titles).to_have_text(["Loser", "Deal"])
    assert first != second


def test_thumbs_say_what_is_right(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("thumbs@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], [("set1", "Bertha"), ("set1", "Loser")])
    crew, ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(3))
    log_in(crew, artist.email)
    enter(ada)
    enter(bob)
    ada.get_by_role("button", name="Bertha: that is right").click()
    expect(ada.get_by_role("button", name="Bertha: that is right")).to_have_attribute(
        "aria-pressed", "true"
    )
    bob.get_by_role("button", name="Bertha: that is wrong").click()
    row = ada.get_by_role("listitem").filter(has_text="Bertha")
    expect(row.get_by_text("1 of 2 agree so far")).to_be_visible()
    bob.get_by_role("button", name="Bertha: that is wrong").click()
    expect(row.get_by_text("agree so far")).to_have_count(0)

    crew.get_by_role("button", name="Actions for Loser").click()
    crew.get_by_role("button", name="Confirm", exact=True).click()
    loser = ada.get_by_role("listitem").filter(has_text="Loser")
    expect(loser.get_by_text("Crew confirmed")).to_be_visible()
    artist.command(show["id"], "seal_setlist")
    expect(row.get_by_text("Sealed by the artist")).to_be_visible()
    expect(ada.locator(".setlist > header").get_by_text("Sealed by the artist")).to_be_visible()


def test_the_past_of_a_setlist_comes_back(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("past@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], [("set1", "Bertha"), ("set1", "Loser")])
    crew, fan = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    log_in(crew, artist.email)
    enter(fan)
    titles = fan.locator(".setlist .row .title")
    add_song(fan, "Sugaree")
    expect(titles).to_have_text(["Bertha", "Loser", "Sugaree"])
    fan.get_by_role("button", name="Actions for Loser").click()
    fan.get_by_role("button", name="Edit").click()
    fan.get_by_label("Title").fill("Looser")
    fan.get_by_role("button", name="Save").click()
    expect(fan.get_by_text("All saved")).to_be_visible()

    fan.get_by_role("button", name="History").first.click()
    history = fan.get_by_role("dialog")
    expect(history.locator(".change").first).to_contain_text("Looser")
    became = history.locator(".became").first
    expect(became.locator("del")).to_have_text("Loser")
    expect(became.locator("ins")).to_have_text("Looser")
    expect(history.get_by_role("button", name="Back to here")).to_have_count(0)
    history.get_by_role("button", name="Undo").first.click()
    expect(titles).to_have_text(["Bertha", "Loser", "Sugaree"])
    expect(history.locator(".change").first).to_contain_text("Undone")

    crew.get_by_role("button", name="History").first.click()
    past = crew.get_by_role("dialog")
    expect(past.locator(".change")).to_have_count(4)
    past.locator(".change").last.get_by_role("button", name="Back to here").click()
    expect(past.locator(".preview .gone")).to_contain_text("Sugaree")
    expect(past.get_by_text("1 song changes.")).to_be_visible()
    past.get_by_role("button", name="Bring this list back").click()
    expect(titles).to_have_text(["Bertha", "Loser"])
    expect(past.locator(".change").first).to_contain_text("Brought back")
    removed = past.locator(".change").first.get_by_role("button", name="Bring it back")
    removed.click()
    expect(titles).to_have_text(["Bertha", "Loser", "Sugaree"])
    past.locator(".change").last.get_by_role("button", name="Only this song").first.click()
    expect(past.get_by_text("Only “Bertha”")).to_be_visible()
    expect(past.locator(".change")).to_have_count(1)


def test_a_finished_night_is_played_again(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("replay@example.com")
    show = artist.live_show()
    show_id = show["id"]
    artist.fill_setlist(show_id, [("set1", "Bertha"), ("set1", "Loser")])
    for song in ("song-0", "song-1"):
        artist.command(show_id, "set_now_playing", entry_id=song)
    round_id = artist.open_round(show_id, "Encore?", "Ripple", "U.S. Blues")
    pick = {"command_id": "replayed", "picks": [{"option_id": "o1"}]}
    site.guest("Ada").post(f"/api/rounds/{round_id}/vote", pick)
    artist.post(f"/api/rounds/{round_id}/close")
    artist.command(show_id, "post_chat", text="Good night!")
    artist.post(f"/api/shows/{show_id}/close")

    page = open_page(f"/shows/{show['slug']}")
    page.get_by_role("link", name="Play the night again").click()
    expect(page.get_by_role("slider", name="Moment of the night")).to_be_visible()
    expect(page.get_by_role("region", name="Encore?")).to_have_count(0)
    page.get_by_label("Speed").select_option("60")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("region", name="Encore?").get_by_text("Winner")).to_be_visible()
    expect(page.locator(".setlist .row .title")).to_have_text(["Bertha", "Loser"])
    expect(page.get_by_role("log")).to_contain_text("Good night!")
    expect(page.locator(".show-head .lamp")).to_have_text("Replay · Over")

    page.get_by_role("button", name="Moments").click()
    page.locator(".moments").get_by_role("button", name="Bertha").click()
    expect(page.get_by_role("region", name="Now playing")).to_contain_text("Bertha")
    expect(page.get_by_role("log")).not_to_contain_text("Good night!")
    page.get_by_role("link", name="Back to the show").click()
    expect(page.get_by_role("link", name="Play the night again")).to_be_visible()
