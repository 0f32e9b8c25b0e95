"""The cockpit in three sizes and both themes, for people to look at; see `test_looks`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cockpit import crew_member, open_cockpit
from tests.browser.conftest import OpenPage
from tests.browser.site import Site
from tests.browser.test_cockpit import named, vote
from tests.browser.test_looks import NIGHT, SIZES, THEMES, Scene, look


@pytest.fixture(scope="module")
def desk(site: Site) -> Scene:
    """A night under way, with something to do everywhere."""
    artist, ana = named(site, "Jerry"), named(site, "Ana")
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    show = artist.live_show(
        title="Grateful Dead at Barton Hall", venue=venue, artists=[{"name": "Grateful Dead"}]
    )
    show_id = show["id"]
    crew_member(artist, show_id, ana)
    artist.fill_setlist(show_id, NIGHT)
    words = {"mode": "hold", "words": ["kazoo"]}
    artist.command(show_id, "set_word_filter", **words)
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú")]
    lines = (
        "Anybody else on the rail?", "That Dancing was twelve minutes long!!", "Less kazoo please",
        "setlist says Deal, I heard Deal too", "buy cheap tickets at example dot com",
    )  # fmt: skip
    for number, line in enumerate(lines):
        fans[number % len(fans)].command(show_id, "post_chat", text=line)
    chat = artist.get(f"/api/shows/{show_id}/poll")["state"]["chat"]
    report = {"chat_message_id": chat[-1]["chat_message_id"], "reason": "spam"}
    fans[1].command(show_id, "report_chat", **report)
    for fan, title in zip(fans, ("Ripple", "Althea", "Bertha"), strict=False):
        fan.command(show_id, "request_song", title=title)
    robin = chat[0]["participant_id"]
    ana.command(show_id, "mute_participant", participant_id=robin, duration_s=1800)
    hidden = artist.open_round(
        show_id, "Who sings it better?", "Bobby", "Jerry", visibility="manual"
    )
    for fan, option in zip(fans, ("o1", "o2", "o2", "o2"), strict=True):
        vote(fan, hidden, option)
    ana.post(f"/api/rounds/{hidden}/close")
    opened = artist.open_round(
        show_id, "What should close the night?",
        "Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station",
        window={"duration_s": 600}, visibility="always", quorum=6,
    )  # fmt: skip
    for fan, option in zip(fans, ("o1", "o1", "o2", "o4"), strict=True):
        vote(fan, opened, option)
    artist.command(show_id, "set_now_playing", entry_id="song-16")
    ana.command(show_id, "announce", text="Ten minutes of grace on the parking lot.")
    return Scene(artist, show)


def part(page: Page, name: str) -> None:
    """Brings a part of the desk to the front."""
    page.locator("nav.panes").get_by_role("button", name=name).click()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_cockpit(desk: Scene, open_page: OpenPage, size: str, theme: str) -> None:
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    page = open_cockpit(
        open_page, desk.artist, desk.show["id"], viewport=viewport, color_scheme=theme
    )
    expect(page.get_by_text("Ana announced").first).to_be_attached()
    look(page, f"cockpit-{size}-{theme}")
    if size == "phone":
        part(page, "Setlist")
        look(page, f"cockpit-list-{size}-{theme}")
    part(page, "Wishes")
    look(page, f"cockpit-wishes-{size}-{theme}")
    part(page, "Chat")
    page.get_by_role("tab", name="Check").click()
    look(page, f"cockpit-check-{size}-{theme}")
    if size == "tablet":
        page.get_by_role("tab", name="People").click()
        look(page, f"cockpit-people-{size}-{theme}")
        page.get_by_role("tab", name="Words").click()
        look(page, f"cockpit-words-{size}-{theme}")
        return
    if size == "phone":
        part(page, "Rounds")
    page.get_by_role("button", name="New round").click()
    page.get_by_text("More rules").click()
    look(page, f"cockpit-form-{size}-{theme}")
    page.keyboard.press("Escape")
    page.locator("button.health").click()
    look(page, f"cockpit-health-{size}-{theme}")
