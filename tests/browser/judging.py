"""What a machine can judge of a page: WCAG by axe, and what axe does not see.

Each judgement is a list of faults in words; an empty one is a good page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from tests.browser.conftest import ARTEFACTS

SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
Theme = Literal["dark", "light"]
THEMES: tuple[Theme, ...] = ("dark", "light")

_HERE = Path(__file__)
AXE = _HERE.parents[2] / "clients/node_modules/axe-core/axe.min.js"
_LAYOUT = _HERE.with_name("judging.js").read_text(encoding="utf-8")
_RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
_AXE_RUN = """(runOnly) =>
  axe.run(document, {runOnly, resultTypes: ['violations'], iframes: false, preload: false})
  .then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.map(({html, failureSummary}) => `${id}: ${html.slice(0, 160)} ${failureSummary}`)))"""


def axe_faults(page: Page, *, colours_only: bool = False) -> list[str]:
    """Against WCAG 2.2 AA and axe's best practice.

    ``colours_only``: what a change of theme can break on a page that was judged already.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = "['color-contrast', 'link-in-text-block']" if colours_only else _RULES
    found: list[str] = page.evaluate(f"({_AXE_RUN})({rules})")
    return found


def layout_faults(page: Page) -> list[str]:
    """Sideways scrolling, small targets, cut words, and what lies on something else."""
    found: list[str] = page.evaluate(_LAYOUT)
    return found


def settle(page: Page) -> None:
    """Returns when fonts are there and the layout has followed the size of the window."""
    page.evaluate(
        "() => document.fonts.ready.then(() => new Promise((done) =>"
        " requestAnimationFrame(() => requestAnimationFrame(() => done(null)))))"
    )


def look(page: Page, name: str) -> None:
    """Keeps a picture of a page in the middle of a story, and judges it."""
    ARTEFACTS.mkdir(exist_ok=True)
    settle(page)
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    assert axe_faults(page) + layout_faults(page) == [], name
