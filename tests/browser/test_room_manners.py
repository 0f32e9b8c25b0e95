"""What a room does by itself: where it opens, what a swipe does, what it does not offer."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.cockpit import signed_in
from tests.browser.conftest import OpenPage
from tests.browser.site import Site
from tests.browser.test_newcomer import enter

WIDE = {"width": 1440, "height": 900}

SWIPE = """([from, to]) => {
  const area = document.querySelector("main.room");
  const touch = (x) => new Touch({identifier: 1, target: area, clientX: x, clientY: 300});
  const say = (name, x, touches) => area.dispatchEvent(new TouchEvent(name, {
    bubbles: true, touches, changedTouches: [touch(x)],
  }));
  say("touchstart", from, [touch(from)]);
  say("touchend", to, []);
}"""


def swipe(page: Page, start: int, end: int) -> None:
    """A quick finger from one place of the screen's width to another."""
    page.evaluate(SWIPE, [start, end])


def test_a_swipe_goes_to_the_part_beside_and_no_further(site: Site, open_page: OpenPage) -> None:
    show = site.artist("swipe@example.com").live_show()
    page = open_page(f"/shows/{show['slug']}", has_touch=True)
    enter(page)
    parts = [page.locator(f"[data-part={name}]") for name in ("room", "requests", "chat")]
    for part in parts[1:]:
        swipe(page, 300, 100)
        expect(part).to_have_attribute("aria-pressed", "true")
    swipe(page, 300, 100)
    swipe(page, 100, 120)  # too short to be one
    expect(parts[2]).to_have_attribute("aria-pressed", "true")
    swipe(page, 100, 300)
    expect(parts[1]).to_have_attribute("aria-pressed", "true")


def test_on_a_wide_screen_the_list_opens_at_what_is_played(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("wide@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], [("set1", f"Song {number}") for number in range(90)])
    artist.command(show["id"], "set_now_playing", entry_id="song-70")
    page = open_page(f"/shows/{show['slug']}", viewport=WIDE)
    enter(page)
    expect(page.locator("#entry-song-70")).to_be_in_viewport()
    page.locator(".songs").evaluate("songs => songs.scrollTo({top: 0})")
    expect(page.locator("#entry-song-0")).to_be_in_viewport()  # the page has heard of it
    artist.command(show["id"], "set_now_playing", entry_id="song-71")
    expect(page.locator(".now")).to_contain_text("Song 71")
    expect(page.locator("#entry-song-0")).to_be_in_viewport()  # now it is its reader's


def test_a_cancelled_show_offers_nobody_to_join(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("rain@example.com")
    body = {"title": "Rained off", "starts_at": "2027-05-08T19:00:00Z", "access": "public"}
    show = artist.post("/api/shows", body)
    artist.post(f"/api/shows/{show['id']}/publish")
    artist.post(f"/api/shows/{show['id']}/cancel")
    page = open_page(f"/shows/{show['slug']}")
    expect(page.locator("#app .shell")).to_be_visible()
    expect(page.get_by_role("button", name="Join the room")).to_have_count(0)


def test_whoever_has_a_name_of_the_stage_is_told_the_name_here(
    site: Site, open_page: OpenPage
) -> None:
    show = site.artist("names@example.com").live_show()
    page = open_page("/health/live")
    page.add_init_script(signed_in(site.guest("The B\N{CYRILLIC SMALL LETTER A}nd")))
    page.goto(f"/shows/{show['slug']}")
    expect(page.locator(".shell[data-ready]")).to_be_visible()
    page.locator(".top button").click()
    told = page.get_by_role("dialog").get_by_text("In this room you are shown as Fan ")
    expect(told).to_be_visible()


def test_signing_out_asks_about_what_was_not_sent(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("leaving@example.com")
    show = artist.live_show()
    page = open_page("/health/live")
    page.add_init_script(signed_in(artist))
    page.goto(f"/shows/{show['slug']}")
    expect(page.locator(".shell[data-ready]")).to_be_visible()
    page.locator("[data-part=chat]").click()
    line = page.get_by_label("Write a line")
    expect(line).to_be_visible()
    page.locator(".top button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    line.fill("from the basement")
    line.press("Enter")
    expect(page.get_by_text("from the basement")).to_be_visible()
    page.locator(".top button").click()
    asked: list[str] = []

    def stay(question: object) -> None:
        asked.append(question.message)  # type: ignore[attr-defined]
        question.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    dialog.get_by_role("button", name="Sign out").click()
    expect(dialog).to_be_visible()
    assert asked and asked[0].startswith("1 thing that you did has not been sent")
    page.context.set_offline(False)
    page.keyboard.press("Escape")
    expect(page.locator(".line.waits")).to_have_count(0)


LISTEN = """() => {
  window.spoken = [];
  const regions = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
  new MutationObserver((changes) => {
    const changed = new Set();
    for (const {target} of changes) {
      const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
      const region = element?.closest(regions);
      if (region && region.textContent.trim()) changed.add(region.textContent.trim());
    }
    window.spoken.push(...changed);
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def test_a_reveal_is_told_once_to_whoever_listens(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("listen@example.com")
    show = artist.live_show()
    round_id = artist.open_round(show["id"], "Encore?", "Ripple", "Deal", visibility="manual")
    fan = site.guest("Robin")
    fan.post(f"/api/rounds/{round_id}/vote", {"command_id": "v1", "picks": [{"option_id": "o2"}]})
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    expect(page.locator(".shell[data-ready]")).to_be_visible()
    page.evaluate(LISTEN)
    artist.post(f"/api/rounds/{round_id}/close")
    card = page.get_by_role("region", name="Encore?")
    expect(card.get_by_text("The crew has not revealed the result.")).to_be_visible()
    artist.post(f"/api/rounds/{round_id}/reveal")
    expect(card.get_by_text("Winner")).to_be_visible()
    artist.command(show["id"], "announce", text="Good night")
    expect(page.locator(".announcement")).to_contain_text("Good night")
    told = [text for text in page.evaluate("spoken") if "Deal" in text]
    assert len(told) == 1, told
