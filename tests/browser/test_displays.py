"""A night on the venue's projector and on the tablet at the amp, with votes from the hall."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.conftest import ARTEFACTS, OpenPage
from tests.browser.judging import axe_faults
from tests.browser.site import Caller, Site
from tests.browser.walk import Record

PROJECTOR = {"width": 1280, "height": 720}
TABLET = {"width": 1180, "height": 820}
SIZES = {
    "screen": ((1280, 720), (1920, 1080), (3840, 2160), (1080, 1920)),
    "stage": ((1180, 820), (820, 1180)),
}
SONGS = [
    ("set1", "Minglewood Blues"),
    ("set1", "Loser"),
    ("set2", "Scarlet Begonias"),
    ("encore1", "One More Saturday Night"),
]
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LENGTH = "bar => bar.getBoundingClientRect().width / bar.parentElement.clientWidth"
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('#app h1, #app h2, #app li, #app p, #app svg')]
  .filter((part) => part.checkVisibility() && !part.closest('.unseen, .songs .list'))
  .map((part) => [part, part.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1)
  .filter(([, box]) => box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
  .map(([part]) => part.outerHTML.slice(0, 120))"""
TELLING_ORDER = """() => {
  window.told = [];
  new MutationObserver(() => {
    for (const label of document.querySelectorAll('.places .label'))
      if (!window.told.includes(label.textContent)) window.told.push(label.textContent);
  }).observe(document.body, {childList: true, subtree: true});
}"""


@dataclass
class Hall:
    """A show under way with both its displays."""

    artist: Caller
    show_id: str
    screen: Page
    stage: Page
    displays: dict[str, str]
    record: Record

    def vote(self, site: Site, round_id: str, *options: int) -> None:
        """One guest after the other."""
        for option in options:
            guest = site.guest("Fan")
            guest.post(f"/api/shows/{self.show_id}/ticket")
            picks = [{"option_id": f"o{option}"}]
            guest.post(f"/api/rounds/{round_id}/vote", {"command_id": "one", "picks": picks})


@pytest.fixture
def hall(
    site: Site, open_page: OpenPage, request: pytest.FixtureRequest, record_property: Record
) -> Hall:
    artist = site.artist(f"{request.node.name[:40]}@example.com")
    show_id = artist.live_show(title="Barton Hall")["id"]
    artist.fill_setlist(show_id, SONGS)
    artist.command(show_id, "set_now_playing", entry_id="song-2")
    made = {
        kind: artist.post(f"/api/shows/{show_id}/displays", {"kind": kind, "name": kind})
        for kind in ("big_screen", "stage")
    }
    paths = {kind: body["url"].partition(site.url)[2] for kind, body in made.items()}
    screen = open_page(paths["big_screen"], viewport=PROJECTOR)
    stage = open_page(paths["stage"], viewport=TABLET)
    ids = {kind: body["id"] for kind, body in made.items()}
    return Hall(artist, show_id, screen, stage, ids, record_property)


def looked_at(hall: Hall, kind: str, name: str) -> None:
    """Nothing is cut off at any size, axe finds nothing, and a picture is kept."""
    page = hall.screen if kind == "screen" else hall.stage
    usual = page.viewport_size
    for width, height in SIZES[kind]:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT_OFF) == [], f"{name} at {width}×{height}"
        assert page.evaluate(SIDEWAYS) == 0
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{kind}-{name}-{width}.png")
    assert usual is not None
    page.set_viewport_size(usual)
    found = axe_faults(page)
    sizes = " ".join(f"{width}×{height}" for width, height in SIZES[kind])
    hall.record("walked", [f"Display, {kind}", name, sizes, "dark", len(found)])
    assert found == [], name


def scene(page: Page, kind: str) -> Locator:
    """The big screen's scene, once it is this one."""
    shown = page.locator(f'.screen[data-scene="{kind}"]')
    expect(shown).to_be_visible()
    return shown


def test_the_hall_votes_and_the_winner_is_told_last(site: Site, hall: Hall) -> None:
    screen, stage, artist = hall.screen, hall.stage, hall.artist
    expect(scene(screen, "join").get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    expect(stage.locator(".now .title")).to_have_text("Scarlet Begonias")
    expect(stage.locator(".next .title")).to_have_text("One More Saturday Night")
    looked_at(hall, "screen", "join")
    looked_at(hall, "stage", "now")

    songs = ("Dark Star", "Morning Dew", "Terrapin Station")
    round_id = artist.open_round(hall.show_id, "What next?", *songs, visibility="always")
    bars = scene(screen, "open").get_by_role("list", name="What next?").get_by_role("listitem")
    expect(bars).to_have_count(3)
    before = [bar.evaluate(LENGTH) for bar in bars.locator(".fill").all()]
    assert before == [0, 0, 0]
    hall.vote(site, round_id, 2, 1, 2, 3, 2)
    expect(bars.nth(1)).to_contain_text("3 votes, 60 %")
    expect(screen.get_by_text("5 have voted")).to_be_visible()
    lengths = [bar.evaluate(LENGTH) for bar in bars.locator(".fill").all()]
    assert lengths == pytest.approx([0.2, 0.6, 0.2], abs=0.01)
    expect(stage.get_by_role("list", name="What next?")).to_contain_text("3 votes")
    looked_at(hall, "screen", "open")
    looked_at(hall, "stage", "open")

    screen.evaluate(TELLING_ORDER)
    artist.post(f"/api/rounds/{round_id}/close")
    expect(scene(screen, "result").get_by_role("heading", level=1)).to_contain_text("Morning Dew")
    told: list[str] = screen.evaluate("window.told")
    assert told[-1] == "Morning Dew" and sorted(told) == sorted(songs)
    expect(stage.locator(".vote-bars .won")).to_contain_text("Morning Dew")
    looked_at(hall, "screen", "result")


def test_a_secret_count_shows_how_many_and_nothing_else(site: Site, hall: Hall) -> None:
    screen, artist = hall.screen, hall.artist
    scene(screen, "join")
    said: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: said.append(str(frame)))

    screen.on("websocket", listen)
    screen.reload()
    scene(screen, "join")
    round_id = artist.open_round(hall.show_id, "Encore?", "Ripple", "Deal", visibility="manual")
    hall.vote(site, round_id, 1, 1, 2)
    expect(screen.get_by_text("3 have voted")).to_be_visible()
    bars = scene(screen, "open").locator(".vote-bars")
    expect(bars.locator(".votes")).to_have_count(0)
    assert [bar.evaluate(LENGTH) for bar in bars.locator(".fill").all()] == [0, 0]
    assert not any('"name":"tally"' in frame for frame in said) and said
    expect(hall.stage.locator(".vote-bars .votes").first).to_have_text("2")
    looked_at(hall, "screen", "secret")
    artist.post(f"/api/rounds/{round_id}/close")
    expect(scene(screen, "awaiting").get_by_role("heading")).to_have_text("The votes are in")
    artist.post(f"/api/rounds/{round_id}/reveal")
    expect(scene(screen, "result").get_by_role("heading", level=1)).to_contain_text("Ripple")


def test_what_the_crew_says_and_a_lost_connection_are_told(hall: Hall) -> None:
    screen, stage = hall.screen, hall.stage
    scene(screen, "join")
    hall.artist.command(hall.show_id, "announce", text="The last train leaves at 23:40.")
    expect(scene(screen, "announcement").get_by_role("heading")).to_contain_text("last train")
    expect(stage.get_by_role("status").filter(has_text="last train")).to_be_visible()
    looked_at(hall, "screen", "announcement")
    stage.context.set_offline(True)
    expect(stage.get_by_text("No connection since")).to_be_visible()
    expect(stage.locator(".now .title")).to_have_text("Scarlet Begonias")
    hall.artist.command(hall.show_id, "set_now_playing", entry_id="song-1")
    stage.context.set_offline(False)
    expect(stage.locator(".now .title")).to_have_text("Loser")
    expect(stage.get_by_text("No connection since")).to_have_count(0)
    stage.get_by_role("button", name="Red light").click()
    looked_at(hall, "stage", "red")


def test_an_ended_display_shows_nothing_of_the_show(
    site: Site, hall: Hall, open_page: OpenPage
) -> None:
    scene(hall.screen, "join")
    expect(hall.stage.locator(".now .title")).to_be_visible()
    for display_id in hall.displays.values():
        hall.artist.client.delete(f"/api/displays/{display_id}", headers=hall.artist.headers)
    for page in (hall.screen, hall.stage):
        expect(
            page.get_by_role("heading", name="This screen has been switched off")
        ).to_be_visible()
        expect(page.locator("body")).not_to_contain_text("Barton Hall")
        expect(page.locator("body")).not_to_contain_text("Scarlet")
    without = open_page(f"/screen/{hall.displays['big_screen']}", viewport=PROJECTOR)
    expect(without.get_by_role("heading", name="This address is not whole")).to_be_visible()
    assert axe_faults(without) == []
