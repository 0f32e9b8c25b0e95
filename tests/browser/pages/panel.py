"""The control panel around the night itself: shows, one show's parts, invitations, signing in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.nights import NIGHT
from tests.browser.site import Caller, Site
from tests.browser.walk import Scene, State

VENUE = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}


@dataclass(frozen=True)
class House:
    """An artist's shows in every part of their life, and an invitation to one of them."""

    artist: Caller
    draft: dict[str, Any]
    live: dict[str, Any]
    over: dict[str, Any]
    invitation: str


def house(site: Site) -> House:
    """Makes it."""
    artist = site.artist("house@example.com")
    facts: dict[str, Any] = {"venue": VENUE, "artists": [{"name": "Grateful Dead"}]}
    draft = artist.post(
        "/api/shows",
        {"title": "A night at the Ryman, with friends", "starts_at": "2027-06-12T01:00:00Z"}
        | {"artists": [{"name": "Marigold Motel"}, {"name": "The Night Owls"}]},
    )
    live = artist.live_show(title="Grateful Dead at Barton Hall", access="hybrid", **facts)
    artist.fill_setlist(live["id"], NIGHT)
    over = artist.live_show(title="Grateful Dead at the Fox", **facts)
    _past_night(site, artist, over["id"])
    made = artist.post(
        f"/api/shows/{live['id']}/invitations",
        {"kind": "crew", "role": "moderator", "email": "mo@example.com"},
    )
    for kind, name in (("stage", "Tablet on the left amp"), ("big_screen", "Projector")):
        artist.post(f"/api/shows/{live['id']}/displays", {"kind": kind, "name": name})
    return House(artist, draft, live, over, made["token"])


def _past_night(site: Site, artist: Caller, show_id: str) -> None:
    artist.fill_setlist(show_id, NIGHT[:9])
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú")]
    round_id = artist.open_round(show_id, "Who sings it better?", "Bobby", "Jerry")
    for fan, option in zip(fans, ("o1", "o2", "o2", "o2"), strict=True):
        fan.command(show_id, "post_chat", text="What a night")
        picks = [{"option_id": option}]
        fan.post(f"/api/rounds/{round_id}/vote", {"command_id": f"v-{option}", "picks": picks})
    artist.post(f"/api/rounds/{round_id}/close")
    for number in (0, 3, 6):
        artist.command(show_id, "set_now_playing", entry_id=f"song-{number}")
    artist.post(f"/api/shows/{show_id}/close")


def _ready(page: Page, _house: House) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def _part(name: str) -> Any:
    def reach(page: Page, world: House) -> None:
        page.get_by_role("navigation", name=re.compile("^Parts of")).get_by_role(
            "link", name=name, exact=True
        ).click()
        expect(page.locator(".parts [aria-current=page]")).to_have_text(name)
        _ready(page, world)

    return reach


def _account(page: Page, _house: House) -> None:
    page.get_by_role("button", name="I need an account").click()
    page.get_by_role("button", name="Make an account").click()


def _no_match(page: Page, _house: House) -> None:
    page.get_by_label("Search by title").fill("Zyzzyva")
    expect(page.get_by_text("No show of yours matches “Zyzzyva”.")).to_be_visible()


def _row_menu(page: Page, _house: House) -> None:
    page.get_by_label("Search by title").fill("")
    page.get_by_role("button", name="More for Grateful Dead at Barton Hall").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()


def _offline(page: Page, _house: House) -> None:
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    expect(page.get_by_text("No connection. What you see may be old")).to_be_visible()


def _faulty(page: Page, _house: House) -> None:
    page.get_by_role("button", name="Make the draft").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()


def _ask(name: str) -> Any:
    def reach(page: Page, _house: House) -> None:
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()

    return reach


def _add_artist(page: Page, _house: House) -> None:
    page.get_by_role("button", name="Add an artist").click()
    page.get_by_label("Name").scroll_into_view_if_needed()


def _made_invitation(page: Page, _house: House) -> None:
    page.get_by_role("button", name="Make the invitation").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _made_display(page: Page, _house: House) -> None:
    page.get_by_label("Where it stands").fill("Balcony")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _back(then: Any) -> Any:
    """Puts away what is on top first."""

    def reach(page: Page, world: House) -> None:
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        then(page, world)

    return reach


def _result(page: Page, world: House) -> None:
    _ready(page, world)
    expect(page.get_by_role("img", name=re.compile("^What people did"))).to_be_visible()
    page.get_by_text("How it was counted").first.click()


STRANGER = (
    Scene("Sign in", lambda _: "/panel", (State("", _ready), State("new account", _account))),
    Scene(
        "Invitation",
        lambda house: f"/invitations/{house.invitation}",
        (State("not signed in", _ready, whole=True),),
    ),
    Scene("Invitation, unknown", lambda _: "/invitations/cut", (State("", _ready),)),
)
"""For whoever is not signed in."""

OWNER = (
    Scene(
        "Shows",
        lambda _: "/panel",
        (
            State("list", _ready, whole=True),
            State("nothing found", _no_match),
            State("a show's menu", _row_menu),
            State("offline", _offline),
        ),
    ),
    Scene(
        "New show",
        lambda _: "/panel/new",
        (State("empty", _ready, whole=True), State("faulty", _faulty)),
    ),
    Scene(
        "A show",
        lambda house: f"/panel/shows/{house.live['id']}",
        (
            State("overview", _ready, whole=True),
            State("asked before closing", _ask("Close the show")),
            State("details", _back(_part("Details")), whole=True),
            State("line-up", _part("Line-up")),
            State("add an artist", _add_artist),
            State("crew", _back(_part("Crew")), whole=True),
            State("an invitation is made", _made_invitation),
            State("code and poster", _back(_part("Code & poster")), whole=True),
            State("displays", _part("Displays"), whole=True),
            State("a display is made", _made_display),
        ),
    ),
    Scene(
        "Results",
        lambda house: f"/panel/shows/{house.over['id']}/after",
        (State("a night", _result, whole=True),),
    ),
    Scene("Nowhere", lambda _: "/panel/none/such", (State("", _ready),)),
)
"""For the artist."""

NEWCOMER = (Scene("Shows, none yet", lambda _: "/panel", (State("", _ready),)),)

SPANISH = (
    Scene(
        "A show in Spanish",
        lambda house: f"/panel/shows/{house.draft['id']}/details",
        (State("details", _ready, whole=True),),
        {"locale": "es-ES"},
    ),
    Scene(
        "Overview in Spanish",
        lambda house: f"/panel/shows/{house.draft['id']}",
        (State("draft", _ready, whole=True),),
        {"locale": "es-ES"},
    ),
)
