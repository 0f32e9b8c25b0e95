"""Three hundred songs, fifty things a second, on a slow phone: every tap is answered."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.cockpit import open_cockpit
from tests.browser.conftest import OpenPage
from tests.browser.paint_times import PaintTimes, Tracer
from tests.browser.site import Caller, Site, setlist_update
from tests.browser.test_newcomer import enter

ENTRIES = 300
EVENTS_PER_SECOND = 50
SPEAKERS = 4
SLOWER = 4
CPU_MS_MAX = 80.0
"""Of the page's main thread, from an input to the paint that answers it: half of all interactions
keep to it. Corrected by what a fixed piece of work takes on this machine meanwhile."""

CPU_KIND_MS_MAX = 200.0
"""Half of those of each kind keep to it. There are only a few of a kind, and what the correction
leaves over on a busy machine was seen to double them."""

CPU_WORST_MS_MAX = 300.0
"""98 of 100 interactions keep to it: garbage and a neighbour's burst are in the last two."""

IN_THE_COCKPIT = 1.5
"""A dialog over the whole cockpit makes the style of all that is under it anew as it comes and as
it goes."""

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
    """A raw tap on the first one that is in reach of a thumb, without Playwright's own waiting."""
    x, y = page.evaluate(
        """selector => {
          const fixed = ".dock, dialog, .say";
          const element = [...document.querySelectorAll(selector)].find((one) => {
            const {top, bottom, width} = one.getBoundingClientRect();
            return width > 0 && top > 0 && (one.closest(fixed) || bottom < innerHeight - 120);
          });
          const box = element.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        }""",
        selector,
    )
    page.mouse.click(x, y)


def type_keys(at: Tracer, page: Page, kind: str, text: str) -> None:
    """Each key is an interaction of its own."""
    for key in text:
        at.do(kind, lambda key=key: page.keyboard.press(key))  # type: ignore[misc]


def use_everything(page: Page, at: Tracer) -> None:
    """What a fan does in a night: each thing several times, with a look between."""
    page.evaluate("scrollTo(0, 0)")
    for _ in range(4):
        at.do("vote", lambda: tap(page, ".option:not([aria-pressed=true])"))
    page.locator(".setlist").evaluate("element => element.scrollIntoView()")
    for _ in range(6):
        at.do("actions of a song", lambda: tap(page, ".row .more"))
    for _ in range(3):
        at.do("button: add a song", lambda: tap(page, ".dock-add"))
        page.get_by_label("Another song").focus()
        type_keys(at, page, "key: search", "son")
        at.do("close a sheet", lambda: page.keyboard.press("Escape"))
    for _ in range(3):
        at.do("to the chat", lambda: tap(page, "[data-part=chat]"))
        page.get_by_label("Write a line").focus()
        type_keys(at, page, "key: a line", "hi")
        at.do("send a line", lambda: page.keyboard.press("Enter"))
        at.do("to the room", lambda: tap(page, "[data-part=room]"))
    for _ in range(3):
        at.do("title: type here", lambda: tap(page, ".row .title"))
        type_keys(at, page, "key: a title", "x")
        at.do("title: done", lambda: page.keyboard.press("Enter"))
    at.do("actions of a song", lambda: tap(page, ".row .more"))
    for _ in range(3):
        at.do("rate a song", lambda: tap(page, ".thumbs-pair.asked .thumb.up"))
        at.do("move a song", lambda: tap(page, ".actions .icon-down"))


@pytest.fixture
def night(site: Site, request: pytest.FixtureRequest) -> dict[str, str]:
    artist = site.artist(f"{request.node.name[:24]}@example.com")
    show = long_show(artist)
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues", "Johnny B. Goode")
    return show


def drive_everything(page: Page, at: Tracer) -> None:
    """What crew does in a night, in the cockpit."""
    for _ in range(3):
        at.do("play a song", lambda: tap(page, ".entry .row > button[aria-pressed=false]"))
        at.do("menu of a song", lambda: tap(page, ".entry .menu-button"))
        at.do("key: in a menu", lambda: page.keyboard.press("ArrowDown"))
        at.do("move a song", lambda: page.keyboard.press("Enter"))
    for _ in range(3):
        at.do("key: the wishes", lambda: page.keyboard.press("w"))
        at.do("key: the talk", lambda: page.keyboard.press("t"))
        at.do("key: extend", lambda: page.keyboard.press("e"))
        at.do("key: lock", lambda: page.keyboard.press("l"))
    for _ in range(3):
        at.do("key: add a song", lambda: page.keyboard.press("a"))
        page.get_by_role("dialog").get_by_role("textbox").first.focus()
        type_keys(at, page, "key: search", "son")
        at.do("close a sheet", lambda: page.keyboard.press("Escape"))
    for _ in range(3):
        page.get_by_label("Write as crew").focus()
        type_keys(at, page, "key: a line", "hi")
        at.do("send a line", lambda: page.keyboard.press("Enter"))


def measured(
    site: Site,
    page: Page,
    show_id: str,
    use: Callable[[Page, Tracer], None],
    *,
    desk: bool = False,
) -> PaintTimes:
    """How long a page takes to answer while the room is busy, within its bounds."""
    more = IN_THE_COCKPIT if desk else 1.0
    tracer = Tracer(page)
    slow = page.context.new_cdp_session(page)
    times = PaintTimes()
    with busy(site, show_id):
        slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        with tracer.traced(times, rate=SLOWER) as at:
            use(page, at)
        slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    burden = tracer.burden
    times.lightened(burden.cpu_ms)
    print(f"\n{SLOWER}x slower, {EVENTS_PER_SECOND} events a second; ms")
    print(f"the machine: {burden.cpu_ms:.2f}x work (corrected), {burden.wall_ms:.2f}x wall clock")
    print(times.report())
    for kind in times.answers:
        assert times.cpu_ms(0.5, kind) <= more * CPU_KIND_MS_MAX, kind
    assert times.cpu_ms(0.5) <= CPU_MS_MAX
    assert times.cpu_ms(0.98) <= more * CPU_WORST_MS_MAX
    return times


def test_a_full_setlist_in_a_busy_room_answers_a_slow_phone(
    site: Site, open_page: OpenPage, night: dict[str, str]
) -> None:
    page = open_page(f"/shows/{night['slug']}")
    enter(page)
    expect(page.get_by_role("heading", name="Set 5")).to_be_attached()
    assert page.evaluate(ROWS) < ENTRIES / 3, "a long list is a window"
    times = measured(site, page, night["id"], use_everything)
    assert len(times.answers) >= 12, "every kind was seen"


def test_the_cockpit_of_a_long_night_answers_a_slow_tablet(
    site: Site, open_page: OpenPage, request: pytest.FixtureRequest
) -> None:
    artist = site.artist(f"{request.node.name[:24]}@example.com")
    show = long_show(artist)
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues", duration_s=3_000)
    page = open_cockpit(open_page, artist, show["id"])
    expect(page.get_by_role("heading", name="Set 5")).to_be_attached()
    times = measured(site, page, show["id"], drive_everything, desk=True)
    assert len(times.answers) >= 12, "every kind was seen"


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
    expect(page.get_by_role("heading", name="Encore", exact=True)).to_have_count(0)
