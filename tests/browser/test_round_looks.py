"""Screenshots of rounds of every kind, wishes, the past and a replay, for people to look at.

As in `tests.browser.test_looks`: three sizes, both themes, and what a machine can judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.site import Caller, Site
from tests.browser.test_looks import NIGHT, SIZES, THEMES, log_in, look
from tests.browser.test_newcomer import enter

SONGS = ("Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station", "Ripple")
VIEWS = [(size, theme) for size in SIZES for theme in THEMES]


@dataclass
class Stage:
    """A night with everything in it, and one that is over."""

    artist: Caller
    show: dict[str, str]
    over: dict[str, str]


def _vote(fan: Caller, round_id: str, *picks: Any) -> None:
    chosen = [pick if isinstance(pick, dict) else {"option_id": pick} for pick in picks]
    fan.post(f"/api/rounds/{round_id}/vote", {"command_id": f"v-{round_id[-12:]}", "picks": chosen})


def _counted_rounds(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    ranked = artist.open_round(
        show_id, "Best opener of the tour", *SONGS,
        type="ranked", tally={"method": "irv"}, pick={"min": 1, "max": 5},
    )  # fmt: skip
    for fan, order in zip(fans, ("o1 o2", "o1 o3", "o2 o1", "o3 o2 o1", "o4 o3"), strict=True):
        _vote(fan, ranked, *order.split())
    artist.post(f"/api/rounds/{ranked}/close")
    tie = artist.open_round(show_id, "Who sings it?", "Bobby", "Jerry", tie=["seeded_random"])
    for fan, choice in zip(fans[:4], ("o1", "o2", "o1", "o2"), strict=True):
        _vote(fan, tie, choice)
    artist.post(f"/api/rounds/{tie}/close")


def _open_rounds(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    always = {"visibility": "always", "window": {"duration_s": 3000}}
    kinds: list[tuple[str, str, str, dict[str, Any]]] = [
        ("In which order for the encore?", "ranked", "borda", {"max": 3}),
        ("Which ones tonight?", "approval", "approval", {"max": 3}),
        ("Share out your points", "points", "sum", {"max": 5, "budget": 10}),
        ("Again tomorrow?", "updown", "net", {"max": 5}),
        ("Song of the summer", "bracket", "plurality", {"max": 2}),
    ]
    for title, kind, method, pick in kinds:
        config: dict[str, Any] = {"type": kind, "tally": {"method": method}, "pick": pick}
        round_id = artist.open_round(show_id, title, *SONGS, **config, **always)
        for number, fan in enumerate(fans):
            option = f"o{number % 4 + 1}"
            value = {"points": 7, "updown": 1 if number % 3 else -1}.get(kind)
            _vote(fan, round_id, {"option_id": option} | ({"value": value} if value else {}))


def _wishes(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    titles = (
        "Dark Star",
        "Box of Rain",
        "The Music Never Stopped",
        "China Cat Sunflower",
        "Lazy River Road",
    )
    ids = []
    for fan, title in zip(fans, titles, strict=True):
        answer = fan.command(show_id, "request_song", title=title)
        ids.append(answer["data"]["song_request_id"])
    for number, one in enumerate(ids):
        for fan in fans[number + 1 :]:
            fan.command(show_id, "upvote_song_request", song_request_id=one)
    artist.command(show_id, "mark_song_request", song_request_id=ids[1], status="accepted")
    artist.command(
        show_id,
        "mark_song_request",
        song_request_id=ids[4],
        status="declined",
        reason="No time left",
    )


def _ratings(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    for fan in fans:
        fan.command(show_id, "rate_entry", entry_id="song-0", value=1)
        fan.command(show_id, "rate_entry", entry_id="song-1", value=-1)
    fans[0].command(show_id, "rate_entry", entry_id="song-2", value=1)
    fans[1].command(show_id, "rate_entry", entry_id="song-2", value=-1)
    artist.command(show_id, "confirm_entry", entry_id="song-3")


@pytest.fixture(scope="module")
def stage(site: Site) -> Stage:
    artist = site.artist("stage@example.com")
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    facts: dict[str, Any] = {"venue": venue, "artists": [{"name": "Grateful Dead"}]}
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú", "Casey")]
    show = artist.live_show(title="Grateful Dead at Barton Hall", **facts)
    artist.fill_setlist(show["id"], NIGHT)
    _counted_rounds(artist, show["id"], fans)
    _open_rounds(artist, show["id"], fans)
    _wishes(artist, show["id"], fans)
    _ratings(artist, show["id"], fans)

    over = artist.live_show(title="Grateful Dead at the Fox", **facts)
    artist.fill_setlist(over["id"], NIGHT[:9])
    for number in (0, 3, 6):
        artist.command(over["id"], "set_now_playing", entry_id=f"song-{number}")
    _counted_rounds(artist, over["id"], fans)
    fans[0].command(over["id"], "post_chat", text="What a night")
    artist.post(f"/api/shows/{over['id']}/close")
    return Stage(artist, show, over)


def _opened(open_page: OpenPage, path: str, size: str, theme: str, **options: Any) -> Page:
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    return open_page(path, viewport=viewport, color_scheme=theme, **options)


@pytest.mark.parametrize(("size", "theme"), VIEWS)
def test_rounds_of_every_kind(stage: Stage, open_page: OpenPage, size: str, theme: str) -> None:
    page = _opened(open_page, f"/shows/{stage.show['slug']}", size, theme)
    enter(page)
    for title, labels in (
        ("In which order for the encore?", ("Ripple", "Morning Dew")),
        ("Which ones tonight?", ("Terrapin Station", "Ripple")),
        ("Share out your points", ("More points for Ripple", "More points for Ripple")),
        ("Again tomorrow?", ("Morning Dew: yes", "Ripple: no")),
        ("Song of the summer", ("Sugar Magnolia",)),
    ):
        one = page.get_by_role("region", name=title)
        one.scroll_into_view_if_needed()
        for label in labels:
            one.get_by_role("button", name=label).click()
        one.evaluate("element => element.scrollIntoView({block: 'center'})")
        look(page, f"round-{title.split()[0].lower()}-{size}-{theme}")
        if title.startswith("Which"):
            one.get_by_role("button", name="Cast my vote").click()
            expect(one.get_by_text("Your vote counts")).to_be_visible()
            look(page, f"round-cast-{size}-{theme}")
    page.locator("summary").filter(has_text="Earlier rounds").click()
    result = page.get_by_role("region", name="Best opener of the tour")
    result.get_by_text("How was this counted?").click()
    expect(result.get_by_role("table")).to_be_visible()
    result.evaluate("element => element.scrollIntoView({block: 'start'})")
    look(page, f"round-result-{size}-{theme}")
    page.get_by_role("button", name="Ranking of the night").click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    look(page, f"leaderboard-{size}-{theme}")


@pytest.mark.parametrize(("size", "theme"), VIEWS)
def test_wishes_thumbs_and_the_past(
    stage: Stage, open_page: OpenPage, size: str, theme: str
) -> None:
    page = _opened(open_page, f"/shows/{stage.show['slug']}", size, theme)
    enter(page)
    page.get_by_role("button", name="El Paso: that is right").click()
    page.locator(".setlist").evaluate("element => element.scrollIntoView({block: 'start'})")
    expect(page.get_by_text("Crew confirmed")).to_be_visible()
    look(page, f"thumbs-{size}-{theme}")
    page.get_by_role("button", name="History").first.click()
    expect(page.get_by_role("dialog").locator(".change").first).to_be_visible()
    look(page, f"history-{size}-{theme}")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name=re.compile("^Wishes")).click()
    expect(page.get_by_role("button", name="I want “Dark Star” too")).to_be_visible()
    look(page, f"wishes-{size}-{theme}")
    page.get_by_label("Wish for a song").fill("Darc Star")
    page.get_by_role("button", name="Wish", exact=True).click()
    expect(page.get_by_text("Did you mean one of these?")).to_be_visible()
    look(page, f"wishes-unclear-{size}-{theme}")


@pytest.mark.parametrize(("size", "theme"), VIEWS)
def test_a_replay(stage: Stage, open_page: OpenPage, size: str, theme: str) -> None:
    page = _opened(open_page, f"/shows/{stage.over['slug']}?replay", size, theme)
    page.get_by_role("button", name="Next moment").click()
    page.get_by_role("button", name="Next moment").click()
    expect(page.get_by_role("region", name="Now playing")).not_to_contain_text("Nothing yet")
    look(page, f"replay-{size}-{theme}")


@pytest.mark.parametrize("size", SIZES)
def test_the_crew_drives(stage: Stage, open_page: OpenPage, size: str) -> None:
    page = _opened(open_page, f"/shows/{stage.show['slug']}", size, "dark")
    log_in(page, stage.artist.email)
    page.get_by_role("button", name="Crew").click()
    expect(page.get_by_role("link", name="Open the control panel")).to_be_visible()
    look(page, f"crew-rounds-{size}")
    page.get_by_role("button", name=re.compile("^Wishes")).click()
    page.get_by_role("button", name="Decide about Dark Star").click()
    page.get_by_role("button", name="Decline").first.click()
    look(page, f"crew-wishes-{size}")
    page.get_by_role("button", name="Room", exact=True).click()
    page.get_by_role("button", name="History").first.click()
    page.get_by_role("button", name="Back to here").last.click()
    expect(page.get_by_role("button", name="Bring this list back")).to_be_visible()
    look(page, f"crew-rollback-{size}")


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_cut_off_on_small_phones_and_in_spanish(
    stage: Stage, open_page: OpenPage, width: int
) -> None:
    path = f"/shows/{stage.show['slug']}"
    page = open_page(path, viewport={"width": width, "height": 700}, locale="es-ES")
    page.get_by_role("button", name="Entrar en la sala").click()
    points = page.get_by_role("region", name="Share out your points")
    expect(points.get_by_text("Quedan 10 puntos")).to_be_visible()
    points.evaluate("element => element.scrollIntoView({block: 'start'})")
    look(page, f"round-points-{width}-es")
    duel = page.get_by_role("region", name="Song of the summer")
    duel.evaluate("element => element.scrollIntoView({block: 'start'})")
    look(page, f"round-bracket-{width}-es")
    page.get_by_role("button", name=re.compile("^Peticiones")).click()
    expect(page.get_by_text("Te quedan 5 pedidos.")).to_be_visible()
    look(page, f"wishes-{width}-es")
    page.get_by_role("button", name="Sala", exact=True).click()
    page.locator(".setlist").evaluate("element => element.scrollIntoView({block: 'start'})")
    look(page, f"thumbs-{width}-es")
    page.get_by_role("button", name="Historial").first.click()
    expect(page.get_by_role("dialog").locator(".change").first).to_be_visible()
    look(page, f"history-{width}-es")
