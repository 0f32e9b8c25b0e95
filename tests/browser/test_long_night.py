"""Three hundred songs, fifty things a second, on a slow phone: every tap is answered."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.editors import until
from tests.browser.site import Caller, Site, setlist_update
from tests.browser.test_newcomer import enter

ENTRIES = 300
EVENTS_PER_SECOND = 50
SPEAKERS = 4
SLOWER = 4
MEDIAN_MS_MAX = 1_000
"""Aimed at: 100 ms. A loaded machine with two cores paints in software: what this bound tells
apart is a page that answers from one that is busy with itself. The figures are printed."""

WATCH = """() => {
  window.waits = {};
  new PerformanceObserver((seen) => {
    for (const {interactionId, duration} of seen.getEntries())
      if (interactionId) window.waits[interactionId] = Math.max(window.waits[interactionId] ?? 0, duration);
  }).observe({type: 'event', durationThreshold: 16, buffered: false});
}"""  # noqa: E501
ROWS = "[...document.querySelectorAll('.setlist .row')].length"


def long_show(artist: Caller) -> dict[str, str]:
    """A live show whose setlist is full."""
    show = artist.live_show(title="Three hundred songs")
    songs = [(f"set{1 + number // 60}", f"Song {number}") for number in range(ENTRIES)]
    for start in range(0, ENTRIES, 60):
        body = {
            "command_id": os.urandom(8).hex(),
            "update": setlist_update(songs[start : start + 60], first=start),
        }
        artist.post(f"/api/shows/{show['id']}/setlist/updates", body)
    return show


@contextmanager
def busy(site: Site, show_id: str) -> Iterator[None]:
    """Several people talk and rate for as long as the block lasts."""
    stop = threading.Event()
    people = [site.guest(f"Fan {number}") for number in range(4 * SPEAKERS)]

    def speak(speaker: int) -> None:
        with httpx.Client(base_url=site.url, timeout=30) as client:
            for number in itertools.count():
                if stop.wait(SPEAKERS / EVENTS_PER_SECOND):
                    return
                person = Caller(client, people[4 * speaker + number % 4].body)
                if number % 2:
                    person.command(show_id, "post_chat", text=f"line {speaker} {number}")
                else:
                    entry_id = f"song-{number * 7 % ENTRIES}"
                    person.command(show_id, "rate_entry", entry_id=entry_id, value=1)

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(SPEAKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def tap(page: Page, selector: str) -> None:
    """A raw tap, without Playwright's own waiting."""
    x, y = page.evaluate(
        """selector => {
          const element = [...document.querySelectorAll(selector)].find((one) => {
            const {top, bottom} = one.getBoundingClientRect();
            return top > 80 && bottom < innerHeight - 120;
          });
          const box = element.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        selector,
    )
    page.mouse.click(x, y)


@pytest.fixture
def night(site: Site, request: pytest.FixtureRequest) -> dict[str, str]:
    return long_show(site.artist(f"{request.node.name[:24]}@example.com"))


def test_a_full_setlist_in_a_busy_room_answers_a_slow_phone(
    site: Site, open_page: OpenPage, night: dict[str, str]
) -> None:
    page = open_page(f"/shows/{night['slug']}")
    enter(page)
    expect(page.get_by_role("heading", name="Set 5")).to_be_attached()
    assert page.evaluate(ROWS) < ENTRIES / 3, "a long list is a window"
    page.locator(".setlist").evaluate("element => element.scrollIntoView()")
    slow = page.context.new_cdp_session(page)
    with busy(site, night["id"]):
        slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.evaluate(WATCH)
        for _ in range(4):
            tap(page, ".row .more")
            page.wait_for_timeout(400)  # a person looks before the next tap
        for part in ("chat", "room"):
            page.locator(f"[data-part={part}]").click()
            expect(page.locator(f".shell[data-tab={part}]")).to_have_count(1)
            page.wait_for_timeout(400)
        until(page.wait_for_timeout, lambda: len(page.evaluate("waits")) >= 4, "taps are seen")
        waits = sorted(page.evaluate("Object.values(waits)"))
        slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    print(f"\ninteraction to next paint, {SLOWER}x slower: {waits} ms")
    assert waits[len(waits) // 2] <= MEDIAN_MS_MAX


def test_a_window_onto_the_list_keeps_its_places_and_its_focus(
    site: Site, open_page: OpenPage, night: dict[str, str]
) -> None:
    page = open_page(f"/shows/{night['slug']}")
    enter(page)
    first = page.get_by_role("button", name="Actions for Song 2", exact=True)
    first.focus()
    row = page.locator("[data-row=song-2]")
    expect(row).to_have_attribute("aria-setsize", "60")
    expect(row).to_have_attribute("aria-posinset", "3")
    page.get_by_role("heading", name="Set 4").evaluate("element => element.scrollIntoView()")
    expect(page.get_by_text("Song 190", exact=True)).to_be_visible()
    # Whoever reads on with the keyboard is where they were.
    expect(first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Actions for Song 3", exact=True)).to_be_focused()
    # What has the focus is taken out by somebody else: the next one has it.
    other = open_page(f"/shows/{night['slug']}")
    enter(other)
    other.get_by_role("button", name="Actions for Song 3", exact=True).click()
    expect(page.locator("[data-row=song-3]")).to_have_count(1)
    expect(page.get_by_text("is editing")).to_have_count(1)
    other.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Actions for Song 4", exact=True)).to_be_focused()
    # The picker goes where a finger would have to drag for a minute.
    page.get_by_role("button", name="Actions for Song 4", exact=True).click()
    page.get_by_role("button", name="Move to…").click()
    page.get_by_role("dialog").get_by_role("button", name="Encore", exact=True).click()
    page.get_by_role("button", name="Begin Encore with it").click()
    expect(page.get_by_text("“Song 4” is number 1 of Encore.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Encore")).to_have_count(0)
