"""Must be shown: over a slow line that is cut every few seconds, forty actions each count once.

The short form runs with the suite. The long one is five minutes::

    CUTS_S=300 pytest tests/browser/test_cuts.py -s
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import EXPECT_MS
from tests.browser.site import Site
from tests.browser.slow_line import Profile, SlowLine, running_line
from tests.browser.test_newcomer import add_song, enter

CUTS_S = float(os.environ.get("CUTS_S", "30"))
"""For so long the fan acts and the line is cut, in seconds."""

POOR = Profile(down=60_000, up=30_000, rtt_s=0.15)
WHOLE_S = (2.0, 5.0)
GONE_S = (0.5, 2.5)
"""How long the line holds, and how long it is gone, in seconds."""

SONGS = [
    f"Song {name}" for name in ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Oak")
]
ADDED = [f"Added {number:02d}" for number in range(10)]
LINES = [f"line {number:02d}" for number in range(11)]
WISHES = ["Althea", "Box of Rain", "Candyman", "Dark Star", "Eyes of the World"]
ROUNDS = {"Opener": ("Apple", "Banana"), "Closer": ("Cherry", "Damson"), "Cover": ("Fig", "Grape")}

Action = Callable[[], None]


@contextmanager
def cutting(line: SlowLine, random: Random) -> Iterator[list[float]]:
    """Cuts the line now and then for as long as the block lasts; when it did, in seconds."""
    ended = threading.Event()
    cuts: list[float] = []

    def cut() -> None:
        while not ended.wait(random.uniform(*WHOLE_S)):
            cuts.append(time.monotonic())
            line.cut()
            ended.wait(random.uniform(*GONE_S))
            line.mend()

    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    try:
        yield cuts
    finally:
        ended.set()
        thread.join()
        line.mend()


def actions_of(page: Page, random: Random) -> list[Action]:
    """Forty things that a fan does, mixed; of two votes in a round the order is kept."""

    def tab(name: str) -> None:
        page.locator(f".tab[data-part={name}]").click()

    def say(text: str) -> None:
        tab("chat")
        page.get_by_label("Write a line").fill(text)
        page.get_by_role("button", name="Send").click()

    def wish(title: str) -> None:
        tab("requests")
        page.get_by_label("Wish for a song").fill(title)
        page.get_by_role("button", name="Wish", exact=True).click()
        # The form takes the next wish when this one is answered, or keeps its text.
        expect(page.get_by_label("Wish for a song")).to_have_value("", timeout=2 * EXPECT_MS)

    def add(title: str) -> None:
        tab("room")
        add_song(page, title)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    def thumb(title: str) -> None:
        tab("room")
        actions = page.get_by_role("button", name=f"Actions for {title}")
        actions.click()
        group = page.get_by_role("group", name=f"Actions for {title}")
        group.get_by_role("button", name=f"{title}: that is right").click()
        actions.click()

    def vote(label: str) -> None:
        tab("room")
        page.get_by_role("button", name=re.compile(f"^{label}")).click()

    def bound(act: Callable[[str], None], value: str) -> Action:
        return lambda: act(value)

    mixed = [bound(say, text) for text in LINES]
    mixed += [bound(wish, title) for title in WISHES]
    mixed += [bound(add, title) for title in ADDED]
    mixed += [bound(thumb, title) for title in SONGS]
    random.shuffle(mixed)
    for first, second in ROUNDS.values():
        at = random.randrange(len(mixed) - 1)
        mixed.insert(random.randrange(at + 1, len(mixed) + 1), bound(vote, second))
        mixed.insert(at, bound(vote, first))
    assert len(mixed) == 40
    return mixed


def state_of(artist: Any, show_id: str) -> Any:
    """The room as the server has it."""
    return artist.get(f"/api/shows/{show_id}/poll?wait_s=0")["state"]


def arrived(artist: Any, show_id: str) -> dict[str, Any]:
    """What came of it, counted."""
    state = state_of(artist, show_id)
    requests = [item for queue in state["song_requests"] for item in queue["requests"]]
    return {
        "lines": Counter(line["text"] for line in state["chat"]),
        "wishes": Counter(request["title"] for request in requests),
        "songs": Counter(artist.titles(show_id)),
        "thumbs": Counter(
            (one["entry_id"], one.get("up", 0), one.get("down", 0)) for one in state["confidence"]
        ),
        "votes": {
            one["config"]["title"]: {
                option["label"]: one["tally"]["options"].get(option["id"], 0)
                for option in one["config"]["options"]
            }
            for one in state["rounds"]
        },
    }


@pytest.mark.timeout(CUTS_S + 270)
def test_forty_actions_over_a_line_that_is_cut_count_once_each(
    browser: Browser, site: Site
) -> None:
    seed = int(os.environ.get("CUTS_SEED", "5"))
    random = Random(seed)
    artist = site.artist("cuts@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], [("set1", title) for title in SONGS])
    for title, labels in ROUNDS.items():
        artist.open_round(show["id"], title, *labels, window={"duration_s": 3600})
    expected = {
        "lines": Counter(LINES),
        "wishes": Counter(WISHES),
        "songs": Counter(SONGS + ADDED),
        "thumbs": Counter((f"song-{number}", 1, 0) for number in range(len(SONGS))),
        "votes": {title: {first: 0, second: 1} for title, (first, second) in ROUNDS.items()},
    }
    with running_line(site.url, POOR) as line:
        context = browser.new_context(
            base_url=line.url,
            viewport={"width": 390, "height": 844},
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(EXPECT_MS)
        page = context.new_page()
        page.goto(f"/shows/{show['slug']}")
        enter(page)
        # What is fetched when it is wanted: a part, and not a wish, may need a signal here.
        page.locator(".tab[data-part=requests]").click()
        expect(page.get_by_label("Wish for a song")).to_be_visible()
        actions = actions_of(page, random)
        began = time.monotonic()
        with cutting(line, random) as cuts:
            for number, act in enumerate(actions, start=1):
                act()
                rest_s = began + number * CUTS_S / len(actions) - time.monotonic()
                if rest_s > 0:
                    page.wait_for_timeout(rest_s * 1000)
        acted_s = time.monotonic() - began
        ends = time.monotonic() + 4 * EXPECT_MS / 1000
        while arrived(artist, show["id"]) != expected and time.monotonic() < ends:
            page.wait_for_timeout(250)
        drained_s = time.monotonic() - began - acted_s
        print(
            f"\n{len(actions)} actions in {acted_s:.0f} s, {len(cuts)} cuts, seed {seed}; "
            f"all there {drained_s:.1f} s after the last cut"
        )
        assert arrived(artist, show["id"]) == expected
        assert len(cuts) >= 3
        context.close()
