"""A show's whole life in the control panel: made, lined up, crewed, closed, looked back on."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Position, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import PASSWORD, Site
from tests.browser.test_weight import Scales

DESKTOP = {"width": 1440, "height": 900}
PANEL_BYTES_MAX = 200 * 1024
"""Everything that the panel loads to show the list of shows."""


def sign_up(page: Page, name: str, email: str) -> None:
    """A new account, on whatever page asks for one."""
    expect(page.get_by_label("E-mail")).to_be_visible()
    if page.get_by_role("button", name="I need an account").is_visible():
        page.get_by_role("button", name="I need an account").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()


def part(page: Page, name: str) -> None:
    """Opens one part of a show."""
    page.get_by_role("navigation", name=re.compile("^Parts of")).get_by_role(
        "link", name=name, exact=True
    ).click()
    expect(page.locator(".parts [aria-current=page]")).to_have_text(name)


def step(page: Page, name: str, told: str) -> None:
    """Takes the show's next step, with the question that belongs to it."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text(told)).to_be_visible()


def taken(page: Page, name: str) -> Path:
    """The file that a button's tap saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).click()
    return download.value.path()


def made_link(page: Page) -> str:
    """The path of the invitation that was just made; puts its sheet away."""
    sheet = page.get_by_role("dialog")
    address = sheet.get_by_label("Link to the invitation").input_value()
    sheet.get_by_role("button", name="I have it").click()
    return urlsplit(address).path


def fill_show(page: Page) -> None:
    """A show in Nashville, said with its city's time zone."""
    page.get_by_label("Title").fill("The Ryman")
    page.get_by_label("Artist 1").fill("The Night Owls")
    page.get_by_label("Artist 1").press("Enter")
    page.get_by_label("Artist 2").fill("Marigold Motel")
    page.get_by_role("textbox", name="Venue").fill("Ryman Auditorium")
    city = page.get_by_role("combobox", name="City")
    city.press_sequentially("Nashvil")
    expect(page.get_by_role("option", name=re.compile("Nashville TN"))).to_be_visible()
    city.press("ArrowDown")
    city.press("Enter")
    expect(city).to_have_value("Nashville")
    expect(page.get_by_label("Country")).to_have_value("US")
    expect(page.get_by_label("Time zone of the venue")).to_have_value("America/Chicago")
    page.get_by_label("Date").fill("2027-05-08")
    page.get_by_label("Starts at").fill("20:00")
    page.get_by_label("Ends at").fill("00:30")
    page.get_by_role("radio", name="Watch freely, vote with the code").check()


def test_a_show_from_its_draft_to_the_archive(site: Site, open_page: OpenPage) -> None:
    owner = open_page("/panel", viewport=DESKTOP, accept_downloads=True)
    sign_up(owner, "Olive", "olive@example.com")
    owner.get_by_role("link", name="Make the first show").click()
    owner.get_by_role("button", name="Make the draft").click()
    expect(owner.get_by_label("Title")).to_be_focused()
    expect(owner.get_by_text("This cannot be empty.")).to_be_visible()
    fill_show(owner)
    expect(owner.get_by_text("Central Daylight Time")).to_be_visible()
    owner.get_by_role("button", name="Make the draft").click()
    expect(owner.get_by_role("heading", name="The Ryman", level=1)).to_be_visible()
    show_id = urlsplit(owner.url).path.rsplit("/", 1)[-1]
    show = site.client.get(f"/api/shows/{show_id}")
    assert show.status_code == 404, "a draft is its crew's alone"

    part(owner, "Line-up")
    rows = owner.get_by_role("list", name="Line-up, in order").get_by_role("listitem")
    owner.get_by_role("button", name="Add an artist").click()
    owner.get_by_label("Name").fill("Ada and the Engines")
    owner.get_by_role("radio", name="Guest").check()
    owner.get_by_role("switch", name="Invite them").check()
    owner.get_by_role("button", name="Add to the line-up").click()
    made_link(owner)
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("Invited")
    owner.get_by_role("button", name="Move Ada and the Engines up").click()
    expect(rows.nth(1)).to_contain_text("Ada and the Engines")
    expect(owner.get_by_role("button", name="Move Ada and the Engines up")).to_be_focused()
    lower_half: Position = {"x": 10.0, "y": 45.0}
    rows.nth(0).locator(".handle").drag_to(
        rows.nth(1).locator(".handle"), target_position=lower_half
    )
    expect(rows.nth(0)).to_contain_text("Ada and the Engines")

    part(owner, "Crew")
    owner.get_by_role("button", name="Make the invitation").click()
    link = made_link(owner)
    expect(
        owner.get_by_role("button", name="Withdraw the invitation for Moderator")
    ).to_be_visible()
    crew = open_page(link)
    expect(crew.get_by_role("heading", name="The Ryman")).to_be_visible()
    expect(crew.get_by_text("Olive invites you")).to_be_visible()
    sign_up(crew, "Mo", "mo@example.com")
    crew.get_by_role("button", name="Accept").click()
    crew.get_by_role("link", name="To the show").click()
    expect(crew.get_by_text("You are: Moderator")).to_be_visible()
    expect(crew.get_by_role("button", name="Publish")).to_have_count(0)
    late = open_page(link)
    expect(late.get_by_text("This invitation has been answered")).to_be_visible()

    part(owner, "Displays")
    owner.get_by_role("radio", name="Big screen").check()
    owner.get_by_label("Where it stands").fill("Projector")
    owner.get_by_role("button", name="Make it").click()
    address = owner.get_by_label("Address of the display").input_value()
    assert re.search(r"/screen/[0-9a-f-]+#.{20,}$", address)
    owner.get_by_role("button", name="I have it").click()
    owner.get_by_role("button", name="End: Projector").click()
    owner.get_by_role("dialog").get_by_role("button", name="End", exact=True).click()
    expect(owner.get_by_text("“Projector” has ended.")).to_be_visible()

    part(owner, "Overview")
    step(owner, "Publish", "Published. Fans can find it now.")
    part(owner, "Code & poster")
    expect(owner.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()
    assert taken(owner, "PNG").read_bytes().startswith(b"\x89PNG")
    assert taken(owner, "Download the PDF").read_bytes().startswith(b"%PDF")
    part(owner, "Overview")
    step(owner, "Open the room", "The room is open.")

    artist = site.sign_in("olive@example.com")
    artist.fill_setlist(show_id, [("set1", "Harbour Lights"), ("encore1", "Paper Lanterns")])
    artist.command(show_id, "set_now_playing", entry_id="song-0")
    round_id = artist.open_round(show_id, "What next?", "Paper Lanterns", "Night Bus")
    code = artist.get(f"/api/shows/{show_id}")["join_code"]
    for option in ("o1", "o1", "o2"):
        fan = site.guest("Fan")
        fan.post(f"/api/shows/{show_id}/ticket", {"join_code": code})
        fan.command(show_id, "cast_vote", round_id=round_id, picks=[{"option_id": option}])
    step(owner, "Close the show", "Closed. The results are ready.")

    part(owner, "Results")
    night = owner.get_by_role("article").filter(has_text="What next?")
    expect(night).to_contain_text("3 votes · 3 voters")
    expect(night.locator("li").filter(has_text="Paper Lanterns")).to_contain_text("winner")
    night.get_by_text("How it was counted").click()
    expect(night).to_contain_text("Hash of the rules")
    plot = owner.get_by_role("img", name=re.compile("^What people did"))
    expect(plot).to_be_visible()
    expect(owner.get_by_text("Harbour Lights").first).to_be_visible()
    results = owner.get_by_role("group", name="Results")
    with owner.expect_download() as download:
        results.get_by_role("button", name="CSV").click()
    assert "Paper Lanterns" in download.value.path().read_text()

    part(owner, "Overview")
    step(owner, "Archive", "Archived.")
    owner.get_by_role("link", name="Shows", exact=True).first.click()
    past = owner.get_by_role("region", name="Past")
    expect(past.get_by_role("listitem")).to_contain_text("Archived")
    expect(past.get_by_role("listitem")).to_contain_text("20:00 (Chicago)")
    past.get_by_role("button", name="More for The Ryman").click()
    owner.get_by_role("menuitem", name="Use as a template").click()
    expect(owner.get_by_label("Artist 1")).to_have_value("Ada and the Engines")
    expect(owner.get_by_label("Date")).to_have_value("")


def test_what_is_written_is_not_lost_by_a_slip(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("slip@example.com")
    show = artist.post("/api/shows", {"title": "Draft", "starts_at": "2027-05-08T20:00:00Z"})
    page = open_page(f"/panel/shows/{show['id']}")
    page.get_by_label("E-mail").fill(artist.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    parts = page.get_by_role("navigation", name=re.compile("^Parts of"))
    parts.get_by_role("link", name="Details").click()
    page.get_by_label("Title").fill("Another title")
    part_link = parts.get_by_role("link", name="Crew")
    part_link.click()
    page.get_by_role("dialog", name="Leave without saving?").get_by_role(
        "button", name="Cancel"
    ).click()
    expect(page.get_by_label("Title")).to_have_value("Another title")
    page.go_back()
    expect(page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="Another title", level=1)).to_be_visible()
    part_link.click()
    expect(page.get_by_role("heading", name="Invite somebody")).to_be_visible()


def test_the_panel_weighs_no_more_than_it_may(site: Site, open_page: OpenPage) -> None:
    page = open_page("/health/live")
    scales = Scales(page)
    page.goto("/panel")
    sign_up(page, "Light", "light@example.com")
    expect(page.get_by_text("No show yet")).to_be_visible()
    scales.settle()
    assert scales.total <= PANEL_BYTES_MAX, scales.report("panel")
    assert scales.total > 20 * 1024, "the panel came from nowhere"
