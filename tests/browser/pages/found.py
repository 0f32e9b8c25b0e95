"""The pages that the server makes: those for finding, what is found, and what is not there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.bands import BAND, Addresses
from tests.browser.walk import Scene, State


def _at(name: str) -> Callable[[Page, Addresses], object]:
    return lambda page, addresses: page.goto(addresses[name])


def _to(path: str) -> Callable[[Page, Addresses], object]:
    return lambda page, _addresses: page.goto(path)


def _suggest(page: Page, _addresses: Addresses) -> None:
    page.goto("/")
    field = page.get_by_role("combobox", name="Artist, venue, city, song or date")
    field.press_sequentially("wandrers")
    expect(page.get_by_role("option").filter(has_text=BAND)).to_be_visible()
    field.press("ArrowDown")


def _denied(page: Page, _addresses: Addresses) -> None:
    page.goto("/")
    page.get_by_role("button", name="Use my position").click()
    expect(page.get_by_text("Name a city instead")).to_be_visible()


def _table(page: Page, addresses: Addresses) -> None:
    page.goto(addresses["song"])
    page.get_by_text("As a table").first.click()


def _code(page: Page, addresses: Addresses) -> None:
    page.goto(addresses["private"])
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_label("Code of the show")).to_be_visible()


def _scriptless(page: Page, addresses: Addresses) -> None:
    """The app does not arrive. (A browser that runs no script at all would not run axe.)"""
    page.route("**/*.js", lambda route: route.abort())
    page.goto(addresses["show"])
    expect(page.get_by_role("heading", name="Setlist")).to_be_visible()


PAGES = (
    State("home", whole=True),
    State("home, suggesting", _suggest),
    State("home, position kept", _denied),
    State("search", _to("/search?q=wander"), whole=True),
    State("search, nothing asked", _to("/search")),
    State("search, nothing found", _to("/search?q=zyzzyva")),
    State("near", _to("/near?city=Ithaca"), whole=True),
    State("near, nothing", _to("/near?city=Reykjavik")),
    State("near, unknown city", _to("/near?city=Nowhere+at+all")),
    State("artist", _at("artist"), whole=True),
    State("venue", _at("venue"), whole=True),
    State("tour", _at("tour"), whole=True),
    State("song", _at("song"), whole=True),
    State("song, as a table", _table),
    State("past show", _at("night"), whole=True),
    State("show to come", _at("coming")),
    State("private show", _at("private")),
    State("private show, its code", _code),
    State("not found", _to("/nothing/here")),
    State("offline", _to("/offline")),
)
FOUND = Scene("Pages", lambda _addresses: "/", PAGES)
SPANISH = Scene(
    "Pages in Spanish",
    lambda _addresses: "/",
    (
        State("home", whole=True),
        State("artist", _at("artist")),
        State("song", _at("song")),
        State("past show", _at("night")),
        State("near, nothing", _to("/near?city=Reykjavik")),
    ),
    {"locale": "es-ES"},
)
SCRIPTLESS = Scene(
    "Pages without a script",
    lambda _addresses: "/",
    (State("room", _scriptless, whole=True), State("home", _to("/"), whole=True)),
    {"service_workers": "block"},
)

SCENES = (FOUND, SPANISH, SCRIPTLESS)
