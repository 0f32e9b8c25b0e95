"""A newcomer opens a link and takes part."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import Site


def enter(page: Page) -> None:
    """One tap; and what the room is edited with has come."""
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("button", name="Add a song")).to_be_visible()
    expect(page.locator(".shell[data-ready]")).to_have_count(1)


def add_song(page: Page, title: str) -> None:
    """By its title."""
    page.get_by_role("button", name="Add a song").click()
    page.get_by_label("Another song").fill(title)
    page.get_by_role("button", name="Add", exact=True).click()


def test_a_newcomer_adds_a_song_votes_and_talks(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("newcomer@example.com")
    show = artist.live_show(title="Barton Hall, Cornell")
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    page = open_page(f"/shows/{show['slug']}")
    expect(page.get_by_role("heading", name="Barton Hall, Cornell")).to_be_visible()
    enter(page)

    add_song(page, "Scarlet Begonias")
    row = page.get_by_role("listitem").filter(has_text="Scarlet Begonias")
    expect(row).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert artist.titles(show["id"]) == ["Scarlet Begonias"]

    page.get_by_role("button", name="Ripple").click()
    expect(page.get_by_role("button", name="Ripple Your choice 1")).to_be_visible()
    assert artist.get(f"/api/shows/{show['id']}/rounds")["items"][0]["tally"]["votes"] == 1

    page.get_by_role("button", name="Chat").click()
    page.get_by_label("Write a line").fill("Best night ever <b>really</b>")
    page.get_by_role("button", name="Send").click()
    line = page.get_by_role("log").get_by_text("Best night ever <b>really</b>")
    expect(line).to_be_visible()
    expect(page.get_by_text("waiting")).to_have_count(0)


def test_what_was_said_is_there_after_a_reload(site: Site, open_page: OpenPage) -> None:
    show = site.artist("reload@example.com").live_show()
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    add_song(page, "Loser")
    expect(page.get_by_text("All saved")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Actions for Loser")).to_be_visible()
    expect(page.get_by_role("button", name="Join the room")).to_have_count(0)
