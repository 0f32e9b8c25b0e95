"""The simulated phones of the control panel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.site import Caller, Site
from tests.browser.walk import Scene, State


@dataclass(frozen=True)
class Table:
    """Somebody with a show under way that takes texts, and a round in it."""

    artist: Caller
    show: dict[str, Any]


def table(site: Site) -> Table:
    """Makes it."""
    artist = site.artist("walks@example.com")
    show = artist.live_show(
        title="Grateful Dead at Barton Hall, Cornell University", takes_sms=True
    )
    artist.open_round(
        show["id"],
        "Which song opens the encore?",
        "One More Saturday Night",
        "Johnny B. Goode",
        "Werewolves of London",
        window={"duration_s": 3000},
    )
    return Table(artist, show)


def _there(page: Page, _table: Table) -> None:
    expect(page.get_by_role("region", name="Alex")).to_be_visible()
    expect(page.get_by_text("Open now: Which song opens the encore?")).to_be_visible()


def _talking(page: Page, table: Table) -> None:
    alex = page.get_by_role("region", name="Alex")
    for text, answer in (
        (f"JOIN {table.show['join_code']}", "you're in"),
        ("jonny b good", "Did you mean"),
        ("2", "Got it"),
    ):
        alex.get_by_role("textbox").fill(text)
        alex.get_by_role("button", name="Send", exact=True).click()
        expect(alex.locator("li").last).to_contain_text(answer)
    expect(alex.locator("[data-tick=delivered]").last).to_be_attached()
    alex.get_by_role("textbox").fill("Can you play “Ripple” for my grandmother? " * 4)
    expect(alex.get_by_text(re.compile(r"\d texts"))).to_be_visible()


def _off(page: Page, _table: Table) -> None:
    page.get_by_role("button", name="Alex: more").click()
    page.get_by_role("menuitem", name="Switch off").click()
    expect(page.get_by_text("What is sent to it is not delivered.")).to_be_visible()


def _adding(page: Page, _table: Table) -> None:
    page.get_by_role("button", name="Add a phone").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _spanish(page: Page, _table: Table) -> None:
    expect(page.get_by_role("button", name="Añadir un teléfono")).to_be_visible()
    expect(page.locator(".device").first).to_be_visible()
    page.get_by_role("button", name="Añadir un teléfono").click()
    expect(page.get_by_role("dialog")).to_be_visible()


PHONES = Scene(
    "Phones to try",
    lambda _table: "/panel/try/phones",
    (
        State("on the table", _there, whole=True),
        State("talking", _talking),
        State("switched off", _off),
        State("adding one", _adding),
    ),
)

SPANISH = Scene(
    "Phones to try in Spanish",
    lambda _table: "/panel/try/phones",
    (State("adding one", _spanish),),
    {"locale": "es-ES"},
)

SCENES = (PHONES, SPANISH)
