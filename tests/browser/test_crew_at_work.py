"""Crew finds people who have said nothing, lets held ballots count, and opens and closes a show."""

from __future__ import annotations

import os

from playwright.sync_api import expect

from tests.browser.cockpit import open_cockpit
from tests.browser.conftest import OpenPage
from tests.browser.site import PASSWORD, Caller, Site
from tests.browser.test_cockpit import named, vote


def on_device(site: Site, token: str) -> Caller:
    """A new account on a device."""
    body = {
        "email": f"{os.urandom(6).hex()}@example.com",
        "password": PASSWORD,
        "display_name": "Somebody",
        "device_token": token,
    }
    return Caller(site.client, Caller(site.client, {}).post("/api/auth/signup", body))


def test_whoever_has_said_nothing_is_found_named_and_muted(site: Site, open_page: OpenPage) -> None:
    artist = named(site, "Jerry")
    show = artist.live_show()
    show_id = show["id"]
    for name in ("Quiet Robin", "Silent Stella", "Bertha"):
        site.guest(name).get(f"/api/shows/{show_id}/poll?wait_s=0")
    page = open_cockpit(open_page, artist, show_id)
    page.keyboard.press("q")
    form = page.get_by_role("dialog", name="New round")
    form.get_by_label("How people vote").select_option("weighted")
    form.get_by_role("button", name="Name the jury…").click()
    jury = page.get_by_role("dialog", name="The jury")
    expect(jury.get_by_role("checkbox")).to_have_count(4)
    jury.get_by_role("checkbox", name="Bertha").check()
    jury.get_by_role("searchbox", name="Find somebody by name").fill("STELLA")
    expect(jury.get_by_role("checkbox")).to_have_count(1)
    expect(jury.get_by_text("guest · here now")).to_be_visible()
    jury.get_by_role("checkbox", name="Silent Stella").check()
    # Whoever was chosen before stays chosen while others are looked for.
    jury.get_by_role("button", name="Name 2 jurors").click()
    expect(page.get_by_text("The jury is 2 people.")).to_be_visible()

    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    page.keyboard.press("t")
    page.get_by_role("tab", name="People").click()
    find = page.get_by_role("searchbox", name="Find somebody by name")
    find.fill("nobody at all")
    expect(page.get_by_text("Nobody of that name has come.")).to_be_visible()
    find.fill("robin")
    page.get_by_role("button", name="Moderate Quiet Robin").click()
    page.get_by_role("menuitem", name="Mute for 30 minutes").click()
    expect(page.get_by_role("tabpanel").get_by_text("Muted", exact=True).first).to_be_visible()
    people = artist.get(f"/api/shows/{show_id}/participants?q=quiet")["items"]
    muted = artist.get(f"/api/shows/{show_id}/poll?wait_s=0")["state"]["moderation"]["muted"]
    assert [one["participant_id"] for one in muted] == [people[0]["participant_id"]]


def test_a_show_is_opened_its_held_ballots_let_count_and_closed_from_the_cockpit(
    site: Site, open_page: OpenPage
) -> None:
    artist = named(site, "Phil")
    show = artist.post(
        "/api/shows",
        {"title": "Winterland", "starts_at": "2027-05-08T19:00:00Z", "access": "public"},
    )
    show_id = show["id"]
    artist.post(f"/api/shows/{show_id}/publish")
    page = open_cockpit(open_page, artist, show_id)
    page.get_by_role("button", name="Open the room").click()
    page.get_by_role("dialog").get_by_role("button", name="Open the room").click()
    expect(page.get_by_text("The room is open.")).to_be_visible()
    assert artist.get(f"/api/shows/{show_id}")["status"] == "live"

    round_id = artist.open_round(show_id, "Encore?", "Ripple", "Deal")
    first = site.guest("Robin")
    for _ in range(4):
        vote(on_device(site, first.body["device_token"]), round_id, "o1")
    vote(first, round_id, "o2")
    card = page.get_by_role("article", name="Encore?")
    expect(card.get_by_role("listitem").filter(has_text="Ripple")).to_contain_text("3 votes")
    card.get_by_role("button", name="More about Encore?").click()
    page.get_by_role("menuitem", name="Look at the votes").click()
    held = page.get_by_role("dialog", name="Look at the votes")
    expect(held.get_by_role("listitem")).to_have_count(2)
    expect(held.get_by_text("Device 1")).to_have_count(2)
    held.get_by_role("button", name="Let it count").first.click()
    expect(page.get_by_text("1 ballot counts now.")).to_be_visible()
    expect(held.get_by_role("listitem")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(card.get_by_role("listitem").filter(has_text="Ripple")).to_contain_text("4 votes")

    page.get_by_role("button", name="More about the show").click()
    page.get_by_role("menuitem", name="Close the show").click()
    page.get_by_role("dialog").get_by_role("button", name="Close the show").click()
    expect(page.get_by_text("Closed. The results are ready.")).to_be_visible()
    assert artist.get(f"/api/shows/{show_id}")["status"] == "closed"
    result = artist.get(f"/api/shows/{show_id}/rounds")["items"][-1]["result"]
    assert (result["options"], result["held"]) == ({"o1": 4, "o2": 0}, 1)
