"""What a room at rest costs, by each way: bytes on the wire, both directions, all of them.

A minute is told from a part of it. Polls wait a shorter time here than they ask for, so that a part
has some of them: a minute is what one costs, as often as it is asked. The whole minute::

    REST_S=60 pytest tests/browser/test_rest.py -s
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EXPECT_MS
from tests.browser.site import Site
from tests.browser.slow_line import Profile, SlowLine, running_line
from tests.browser.test_newcomer import enter

REST_S = float(os.environ.get("REST_S", "20"))
"""How long is measured, in seconds."""

NEAR = Profile(down=50e6, up=50e6, rtt_s=0.0)
BYTES_A_MINUTE_MAX = {"socket": 1024, "stream": 1024, "poll": 1024}
"""A poll is asked again every 57 s over HTTP/1.1 here, with a browser's headers and a session's
token each time: `docs/decisions/connection.md` has them byte by byte."""

POLL_LONG_WAIT_S = 57
SHORTENED_S = "03"
"""What a poll waits here: as many digits, so as many bytes."""

CHOOSE = """
  localStorage.setItem('setroom:way', JSON.stringify({way: '%s', at_ms: Date.now()}));
  const pause = window.setTimeout;
  // The look for a socket beside a slower way comes ever more rarely: it is no part of the rest.
  window.setTimeout = (work, after, ...rest) =>
    pause(work, after > 20000 && after < 40000 ? 600000 : after, ...rest);
"""


SHORTEN = """
  const ask = window.fetch;
  window.polls = [];
  window.fetch = (address, init) => {
    if (String(address).includes("/poll?")) window.polls.push(String(address));
    return ask(String(address).replace(/wait_s=\\d\\d$/, "wait_s=%s"), init);
  };
"""
"""Not by Playwright's routes: those switch the cache off, and say so in every request."""


def settle(page: Page, line: SlowLine) -> None:
    """Returns when nothing has come for two seconds."""
    ends = time.monotonic() + EXPECT_MS / 1000
    seen, since = -1, time.monotonic()
    while time.monotonic() - since < 2 and time.monotonic() < ends:
        if line.bytes_down != seen:
            seen, since = line.bytes_down, time.monotonic()
        page.wait_for_timeout(100)


def test_a_room_at_rest_costs_next_to_nothing(browser: Browser, site: Site) -> None:
    show = site.artist("rest@example.com").live_show()
    with ExitStack() as stack:
        rooms: dict[str, tuple[Page, SlowLine]] = {}
        for way in BYTES_A_MINUTE_MAX:
            line = stack.enter_context(running_line(site.url, NEAR))
            context = browser.new_context(
                base_url=line.url, locale="en-GB", service_workers="block"
            )
            stack.callback(context.close)
            context.set_default_timeout(EXPECT_MS)
            if way != "socket":
                context.add_init_script(CHOOSE % way)
            if way == "poll":
                context.add_init_script(SHORTEN % SHORTENED_S)
            page = context.new_page()
            page.goto(f"/shows/{show['slug']}")
            enter(page)
            if way != "socket":
                expect(page.locator(f".way[data-way={way}]")).to_be_visible()
            rooms[way] = (page, line)
        for page, line in rooms.values():
            settle(page, line)
        before = {way: (line.bytes_down, line.bytes_up) for way, (_, line) in rooms.items()}
        polling = rooms["poll"][0]
        polls_before = polling.evaluate("polls.length")
        page.wait_for_timeout(REST_S * 1000)
        costs: dict[str, float] = {}
        print()
        for way, (_, line) in rooms.items():
            parts = 60 / REST_S
            if way == "poll":
                asked = polling.evaluate("polls")[polls_before:]
                assert len(asked) >= 2 and all("at=" in url for url in asked)
                parts = 60 / POLL_LONG_WAIT_S / len(asked)
            down = (line.bytes_down - before[way][0]) * parts
            up = (line.bytes_up - before[way][1]) * parts
            costs[way] = down + up
            print(f"a room at rest by {way}: {down:.0f} bytes down, {up:.0f} up a minute")
        for way, most in BYTES_A_MINUTE_MAX.items():
            assert costs[way] <= most, way
