"""A walk through pages and their states: each is looked at in every size and theme.

A `Scene` is a page and what can be seen on it, as a list of `State`; they stand in
`tests.browser.pages`, one file per part of the product. `walk` opens a scene once and changes
its states in place. It keeps a picture of every view under ``artefacts/`` for people to look at,
and judges what a machine can; the pages, states, sizes, themes and axe's findings are printed as
a table when the tests end (`tests.browser.walk_table`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from tests.browser.conftest import ARTEFACTS, OpenPage
from tests.browser.judging import SIZES, THEMES, Theme, axe_faults, layout_faults, settle

Record = Callable[[str, object], None]
"""pytest's ``record_property``: it takes the rows of the table from a worker to the printer."""

NARROW = (320, 640)
"""The narrowest window that WCAG asks to work without sideways scrolling (1.4.10)."""


@dataclass(frozen=True)
class State:
    """Something to be seen on a page, and the way there from the state before.

    The way is gone in a window of a phone's size; ``world`` is what the scene's test prepared.
    """

    name: str
    reach: Callable[[Page, Any], object] = field(default=lambda _page, _world: None)
    whole: bool = False
    """Whether the picture shows the page below the fold as well."""


@dataclass(frozen=True)
class Scene:
    """A page, opened once, and its states in the order in which they are reached."""

    name: str
    path: Callable[[Any], str]
    states: tuple[State, ...]
    options: dict[str, Any] = field(default_factory=dict)
    """For `open_page`: a language, a phone without JavaScript…"""


def walk(open_page: OpenPage, scene: Scene, world: Any, record: Record) -> None:
    """Looks at every state in every size and theme; fails with all faults at once."""
    ARTEFACTS.mkdir(exist_ok=True)
    page = open_page(scene.path(world), **scene.options)
    faults: list[str] = []
    for state in scene.states:
        _resize(page, SIZES["phone"])
        page.emulate_media(color_scheme="dark")
        try:
            state.reach(page, world)
        except (PlaywrightError, AssertionError) as error:
            page.screenshot(path=ARTEFACTS / f"{_slug(scene, state)}-not-reached.png")
            faults.append(f"{scene.name} · {state.name} is not reached: {error}")
            break
        violations = 0
        for size, extent in SIZES.items():
            _resize(page, extent)
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                where = f"{scene.name} · {state.name} · {size} · {theme}"
                found = _judge(page, theme, f"{_slug(scene, state)}-{size}-{theme}", state.whole)
                violations += len(found[0])
                faults += [f"{where}: {fault}" for fault in found[0] + found[1]]
        faults += _narrow(page, f"{scene.name} · {state.name}")
        row = [scene.name, state.name, " ".join(SIZES), " ".join(THEMES), violations]
        record("walked", row)
    assert not faults, "\n".join(["", *faults])


def _judge(page: Page, theme: Theme, picture: str, whole: bool) -> tuple[list[str], list[str]]:
    """What axe finds, and what the layout shows. A theme changes colours alone."""
    settle(page)
    page.screenshot(path=ARTEFACTS / f"{picture}.png", full_page=whole)
    first = theme == THEMES[0]
    return axe_faults(page, colours_only=not first), layout_faults(page) if first else []


def _narrow(page: Page, where: str) -> list[str]:
    """320 pixels, and the same from right to left."""
    _resize(page, NARROW)
    found = []
    for direction in ("ltr", "rtl"):
        page.evaluate("(way) => { document.documentElement.dir = way; }", direction)
        settle(page)
        found += [f"{where} · 320 px · {direction}: {fault}" for fault in layout_faults(page)]
    page.evaluate("document.documentElement.removeAttribute('dir')")
    return found


def _resize(page: Page, extent: tuple[int, int]) -> None:
    page.set_viewport_size({"width": extent[0], "height": extent[1]})


def _slug(scene: Scene, state: State) -> str:
    return f"{scene.name} {state.name}".lower().replace(" ", "-").replace("/", "-")
