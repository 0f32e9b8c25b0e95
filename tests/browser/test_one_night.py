"""One night with everybody in it: the artist at the panel, three fans, a guest, the big screen.

A fan edits in the basement while another moves songs about; a round is opened, voted on and
revealed before everybody's eyes; somebody is muted; a lock refuses an edit; the server is killed
and comes back.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from storage.embedded import StoreUrls
from tests.browser.cockpit import signed_in
from tests.browser.conftest import EXPECT_MS, fresh_database
from tests.browser.site import Caller, Site, start_node, wait_ready
from tests.browser.test_cockpit import named, press_twice
from tests.browser.test_newcomer import add_song, enter

POCKET: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
PROJECTOR: ViewportSize = {"width": 1280, "height": 720}
SONGS = ["Bertha", "Sugaree", "Deal"]


class House:
    """A node that can be killed and started again on the same address."""

    def __init__(self, listener: socket.socket, stores: tuple[str, str]) -> None:
        self._listener = listener
        self._stores = stores
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        self.site = Site(self.url, self.client)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = start_node(self._listener, *self._stores)
        wait_ready(self._process, self.client)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def house(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[House]:
    with (
        fresh_database(embedded_stores, migrated_template) as database_url,
        socket.socket() as listener,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.set_inheritable(True)
        house = House(listener, (database_url, embedded_stores.redis_url))
        house.start()
        yield house
        house.kill()
        house.client.close()


@pytest.fixture
def people(browser: Browser) -> Iterator[list[BrowserContext]]:
    contexts: list[BrowserContext] = []
    yield contexts
    for context in contexts:
        context.close()


def arrive(
    browser: Browser,
    people: list[BrowserContext],
    url: str,
    who: Caller | None = None,
    size: ViewportSize = POCKET,
) -> Page:
    """Another device opens an address."""
    context = browser.new_context(viewport=size, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(EXPECT_MS)
    people.append(context)
    page = context.new_page()
    if who is not None:
        page.add_init_script(signed_in(who))
    page.goto(url)
    return page


def test_one_night(browser: Browser, house: House, people: list[BrowserContext]) -> None:
    site = house.site
    artist = named(site, "Jerry")
    show = artist.live_show()
    show_id, address = show["id"], f"{house.url}/shows/{show['slug']}"
    artist.fill_setlist(show_id, [("set1", title) for title in SONGS])
    made = artist.post(f"/api/shows/{show_id}/displays", {"kind": "big_screen", "name": "Left"})

    desk = arrive(browser, people, f"{house.url}/panel/shows/{show_id}/live", artist, DESK)
    screen = arrive(browser, people, made["url"], None, PROJECTOR)
    callers = [named(site, name) for name in ("Ada", "Ben", "Cleo")]
    ada, ben, cleo = (arrive(browser, people, address, caller) for caller in callers)
    guest = arrive(browser, people, address)
    enter(guest)
    for page in (ada, ben, cleo, guest):
        expect(page.get_by_role("button", name="Add a song")).to_be_visible()
    expect(desk.locator(".cockpit .health .good")).to_be_visible()
    # Five people; a screen is none.
    expect(guest.get_by_text("5 here")).to_be_visible()

    # Offline edits and another's moves merge.
    ada.context.set_offline(True)
    expect(ada.get_by_text(re.compile("Offline"))).to_be_visible()
    add_song(ada, "Scarlet Begonias")
    expect(ada.get_by_role("listitem").filter(has_text="Scarlet")).to_contain_text("Waits")
    ben.get_by_role("button", name="Actions for Deal").click()
    ben.get_by_role("button", name="Move up").click()
    expect(ben.get_by_text("All saved")).to_be_visible()
    assert artist.titles(show_id) == ["Bertha", "Deal", "Sugaree"]
    ada.context.set_offline(False)
    expect(ada.get_by_text("All saved")).to_be_visible()
    merged = ["Bertha", "Deal", "Sugaree", "Scarlet Begonias"]
    for page in (ada, ben, guest):
        expect(page.locator(".setlist .row .title")).to_have_text(
            [re.compile(f"^{re.escape(title)}") for title in merged]
        )
    assert artist.titles(show_id) == merged

    # A round, from the panel to the projector.
    desk.keyboard.press("q")
    form = desk.get_by_role("dialog", name="New round")
    form.get_by_label("Question").fill("Encore?")
    form.get_by_label("Option 1", exact=True).fill("Ripple")
    form.get_by_label("Option 2", exact=True).fill("U.S. Blues")
    form.get_by_label("Who sees the count").select_option("always")
    form.get_by_role("button", name="Open now").click()
    card = desk.get_by_role("article", name="Encore?")
    expect(card.get_by_text("Open", exact=True)).to_be_visible()
    expect(screen.get_by_role("heading", name="Encore?")).to_be_visible()
    bars = screen.get_by_role("listitem")
    for number, (page, choice) in enumerate(
        ((ada, "Ripple"), (ben, "U.S. Blues"), (cleo, "Ripple"), (guest, "Ripple")), start=1
    ):
        page.get_by_role("button", name=re.compile(f"^{choice}")).click()
        expect(screen.get_by_text(re.compile(rf"^{number} ha(s|ve) voted$"))).to_be_visible()
    expect(bars.filter(has_text="Ripple")).to_contain_text("3")
    expect(bars.filter(has_text="U.S. Blues")).to_contain_text("1")
    press_twice(desk, "c", "Close now?")
    winner = screen.get_by_role("heading", name=re.compile("Ripple"))
    expect(winner).to_contain_text("wins")
    expect(guest.get_by_role("region", name="Encore?")).to_contain_text("Winner")

    # A fan is muted.
    cleo.get_by_role("button", name="Chat").click()
    cleo.get_by_label("Write a line").fill("I am very loud")
    cleo.get_by_role("button", name="Send").click()
    line = desk.get_by_role("log").locator(".line").filter(has_text="I am very loud")
    line.get_by_role("button", name=re.compile("^Moderate")).click()
    desk.get_by_role("menuitem", name="Mute for 5 minutes").click()
    expect(cleo.get_by_text(re.compile("muted"))).to_be_visible()

    # A lock refuses an edit that was made without a signal, and says so.
    ben.context.set_offline(True)
    expect(ben.get_by_text(re.compile("Offline"))).to_be_visible()
    add_song(ben, "Althea")
    desk.keyboard.press("l")
    expect(guest.get_by_text("Locked by the crew")).to_be_visible()
    ben.context.set_offline(False)
    expect(ben.get_by_text(re.compile("“Althea” was not added.*locked"))).to_be_visible()
    assert artist.titles(show_id) == merged
    desk.keyboard.press("l")
    expect(guest.get_by_text("Locked by the crew")).to_have_count(0)

    # The server is killed. What is said meanwhile arrives once; everybody resumes.
    house.kill()
    guest.get_by_role("button", name="Chat").click()
    guest.get_by_label("Write a line").fill("is it only me?")
    guest.get_by_role("button", name="Send").click()
    add_song(ada, "Althea")
    ada.get_by_role("button", name="Chat").click()
    house.start()
    for page in (desk, ada, guest):
        expect(page.get_by_role("log").get_by_text("is it only me?")).to_have_count(1)
    ada.get_by_role("button", name="Room", exact=True).click()
    expect(ada.get_by_text("All saved")).to_be_visible()
    whole = [*merged, "Althea"]
    for page in (ada, ben):
        expect(page.locator(".setlist .row .title")).to_have_count(len(whole))
    assert artist.titles(show_id) == whole
    result = artist.get(f"/api/shows/{show_id}/rounds")["items"][0]["result"]
    assert (result["options"], result["winners"]) == ({"o1": 3, "o2": 1}, ["o1"])
    expect(guest.get_by_text("5 here")).to_have_count(1)
    # Another device of Ben's, a node that has never seen the ballot: the choice is still his.
    again = arrive(browser, people, address, callers[1])
    outcome = again.get_by_role("region", name="Encore?")
    expect(outcome.locator(".option").filter(has_text="Ripple")).to_contain_text("Winner")
    expect(outcome.locator(".option").filter(has_text="U.S. Blues")).to_contain_text("Your choice")
