"""Rounds of every kind, wishes, the history, what the crew drives, and a night played again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.nights import Night
from tests.browser.pages.room import close, part
from tests.browser.people import log_in
from tests.browser.test_newcomer import enter
from tests.browser.walk import Scene, State


@dataclass(frozen=True)
class Nights:
    """One that is under way, and one that is over."""

    now: Night
    over: Night


def _ballot(title: str, *labels: str, cast: bool = False) -> Callable[[Page, Nights], None]:
    def fill_in(page: Page, _nights: Nights) -> None:
        one = page.get_by_role("region", name=title)
        for label in labels:
            one.get_by_role("button", name=label).click()
        if cast:
            one.get_by_role("button", name="Cast my vote").click()
            expect(one.get_by_text("Your vote counts")).to_be_visible()
        one.evaluate("element => element.scrollIntoView({block: 'start'})")

    return fill_in


def _enter(page: Page, _nights: Nights) -> None:
    enter(page)
    expect(page.get_by_text("All saved")).to_be_visible()


def _result(page: Page, _nights: Nights) -> None:
    page.locator("summary").filter(has_text="Earlier rounds").click()
    result = page.get_by_role("region", name="Best opener of the tour")
    result.get_by_text("How was this counted?").click()
    expect(result.get_by_role("table")).to_be_visible()
    result.evaluate("element => element.scrollIntoView({block: 'start'})")


def _ranking(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="Ranking of the night").click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def _thumbs(page: Page, _nights: Nights) -> None:
    close(page)
    page.get_by_role("button", name="El Paso: that is right").click()
    page.locator(".setlist").evaluate("element => element.scrollIntoView({block: 'start'})")
    expect(page.get_by_text("Crew confirmed")).to_be_visible()


def _history(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="History").first.click()
    expect(page.get_by_role("dialog").locator(".change").first).to_be_visible()


def _wishes(page: Page, _nights: Nights) -> None:
    close(page)
    part(page, "requests")
    expect(page.get_by_role("button", name="I want “Dark Star” too")).to_be_visible()


def _unclear(page: Page, _nights: Nights) -> None:
    page.get_by_label("Wish for a song").fill("Darc Star")
    page.get_by_role("button", name="Wish", exact=True).click()
    expect(page.get_by_text("Did you mean one of these?")).to_be_visible()


def _log_in(page: Page, nights: Nights) -> None:
    log_in(page, nights.now.artist.email)
    part(page, "crew")
    expect(page.get_by_role("link", name="Open the control panel")).to_be_visible()


def _decide(page: Page, _nights: Nights) -> None:
    part(page, "requests")
    page.get_by_role("button", name="Decide about Dark Star").click()
    page.get_by_role("button", name="Decline").first.click()


def _back(page: Page, _nights: Nights) -> None:
    part(page, "room")
    page.get_by_role("button", name="History").first.click()
    page.get_by_role("button", name="Back to here").last.click()
    expect(page.get_by_role("button", name="Bring this list back")).to_be_visible()


def _moments(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="Next moment").click()
    page.get_by_role("button", name="Next moment").click()
    expect(page.get_by_role("region", name="Now playing")).not_to_contain_text("Nothing yet")


def _closed(page: Page, _nights: Nights) -> None:
    expect(page.get_by_role("link", name="Play the night again")).to_be_visible()


def _spanish(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="Entrar en la sala").click()
    points = page.get_by_role("region", name="Share out your points")
    expect(points.get_by_text("Quedan 10 puntos")).to_be_visible()
    points.evaluate("element => element.scrollIntoView({block: 'start'})")


def _spanish_bracket(page: Page, _nights: Nights) -> None:
    duel = page.get_by_role("region", name="Song of the summer")
    duel.evaluate("element => element.scrollIntoView({block: 'start'})")


def _spanish_list(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="Acciones para Deal").click()
    page.locator(".setlist").evaluate("element => element.scrollIntoView({block: 'start'})")


def _spanish_add(page: Page, _nights: Nights) -> None:
    page.get_by_role("button", name="Añadir canción").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _spanish_history(page: Page, _nights: Nights) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Cerrar").click()
    page.get_by_role("button", name="Historial").first.click()
    expect(page.get_by_role("dialog").locator(".change").first).to_be_visible()


def _spanish_wishes(page: Page, _nights: Nights) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Cerrar").click()
    part(page, "requests")
    expect(page.get_by_text("Te quedan 5 peticiones.")).to_be_visible()


def _now(nights: Nights) -> str:
    return nights.now.path


ROUNDS = Scene(
    "Rounds",
    _now,
    (
        State("inside", _enter),
        State("ranked", _ballot("In which order for the encore?", "Ripple", "Morning Dew")),
        State("approval", _ballot("Which ones tonight?", "Terrapin Station", "Ripple")),
        State("approval cast", _ballot("Which ones tonight?", cast=True)),
        State("points", _ballot("Share out your points", *["More points for Ripple"] * 2)),
        State("thumbs", _ballot("Again tomorrow?", "Morning Dew: yes", "Ripple: no")),
        State("bracket", _ballot("Song of the summer", "Sugar Magnolia")),
        State("how it was counted", _result),
        State("ranking of the night", _ranking),
        State("thumbs on songs", _thumbs),
        State("history", _history),
        State("wishes", _wishes),
        State("an unclear wish", _unclear),
    ),
)
CREW = Scene(
    "Crew in the room",
    _now,
    (State("rounds", _log_in), State("declining a wish", _decide), State("going back", _back)),
)
SPANISH = Scene(
    "Room in Spanish",
    _now,
    (
        State("points", _spanish),
        State("bracket", _spanish_bracket),
        State("a song's actions", _spanish_list),
        State("add a song", _spanish_add),
        State("history", _spanish_history),
        State("wishes", _spanish_wishes),
    ),
    {"locale": "es-ES"},
)
REPLAY = Scene(
    "Replay", lambda nights: f"{nights.over.path}?replay", (State("under way", _moments),)
)
CLOSED = Scene("Closed room", lambda nights: nights.over.path, (State("looking on", _closed),))

SCENES = (ROUNDS, CREW, SPANISH, REPLAY, CLOSED)
