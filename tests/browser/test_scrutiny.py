"""The artist is told of a farm of guests where the round is driven, and holds its votes there."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.cockpit import DESKTOP, open_cockpit
from tests.browser.conftest import OpenPage
from tests.browser.judging import look
from tests.browser.site import Caller, Site
from tests.browser.test_cockpit import named, vote

CROWD = FARM = 30
"""As many of each as are needed to tell them apart."""

MORE = 16
"""More than half as many again: what makes somebody be told once more."""


def come(site: Site, show_id: str, name: str) -> Caller:
    guest = site.guest(name)
    guest.post(f"/api/shows/{show_id}/ticket")
    return guest


def judged(page: Page, name: str, *views: tuple[str, int, int]) -> None:
    """In these themes and sizes."""
    for theme, width, height in views:
        page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        page.set_viewport_size({"width": width, "height": height})
        look(page, f"{name}-{width}-{theme}")
    page.set_viewport_size(DESKTOP)


def test_a_farm_of_guests_is_told_of_held_and_looked_through(
    site: Site, open_page: OpenPage
) -> None:
    artist = named(site, "Jerry")
    show_id = artist.live_show()["id"]
    crowd = [come(site, show_id, f"Fan {number}") for number in range(CROWD)]
    round_id = artist.open_round(show_id, "Encore?", "Ripple", "Deal")
    for number, one in enumerate(crowd):
        vote(one, round_id, "o2" if number % 3 == 0 else "o1")
    for number in range(FARM):
        vote(site.guest(f"Bot {number}"), round_id, "o2")

    page = open_cockpit(open_page, artist, show_id)
    card = page.get_by_role("article", name="Encore?")
    told = card.get_by_role("group", name="Votes for Deal")
    expect(told).to_contain_text("Was somebody sent to vote for “Deal”?")
    expect(told).to_contain_text("100% of the newcomers picked it (30 votes), and 33% of everybody")
    judged(page, "scrutiny-card", ("dark", 390, 844), ("light", 1440, 900))

    # Somebody who knows them says so, and is told again when many more have come for it.
    told.get_by_role("button", name="They are fine").click()
    expect(told).to_have_count(0)
    card.get_by_role("button", name="More about Encore?").click()
    page.get_by_role("menuitem", name="Look at the votes").click()
    votes = page.get_by_role("dialog", name="Look at the votes")
    expect(votes.get_by_role("meter", name="Guest, here before the round")).to_have_attribute(
        "aria-valuetext", "30"
    )
    expect(votes.get_by_text("Nothing is held.")).to_be_visible()
    more = [site.guest(f"Late bot {number}") for number in range(MORE)]
    for one in more:
        vote(one, round_id, "o2")
    told = votes.get_by_role("group", name="Votes for Deal")
    expect(told).to_contain_text("(46 votes)")
    judged(page, "scrutiny-open", ("dark", 320, 640), ("light", 390, 844))

    told.get_by_role("button", name="Hold these votes").click()
    expect(page.get_by_text("46 votes are held")).to_be_visible()
    expect(told).to_have_count(0)
    held = votes.get_by_role("listitem")
    expect(held).to_have_count(FARM + MORE)
    expect(votes.get_by_role("meter", name="Newcomer")).to_have_attribute(
        "aria-valuetext", "46 (46 ballots held)"
    )
    held.filter(has_text="Late bot 3").get_by_role("button", name="Let it count").click()
    expect(held).to_have_count(FARM + MORE - 1)
    judged(page, "scrutiny-held", ("dark", 820, 1180))
    page.keyboard.press("Escape")

    expect(card.get_by_role("listitem").filter(has_text="Deal")).to_contain_text("11 votes")
    card.get_by_role("button", name="45 ballots held").click()
    expect(held).to_have_count(FARM + MORE - 1)
    page.keyboard.press("Escape")
    result = artist.post(f"/api/rounds/{round_id}/close")["result"]
    assert (result["options"], result["held"]) == ({"o1": 20, "o2": 11}, FARM + MORE - 1)
