"""Screenshots of every page and state, in three sizes and both themes, for people to look at.

They are kept under ``artefacts/`` (CI keeps them too). What a machine can judge is asserted:
nothing scrolls sideways, controls are large enough for a thumb, and axe finds nothing against
WCAG 2.2 AA.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ARTEFACTS, OpenPage
from tests.browser.site import PASSWORD, Caller, Site
from tests.browser.test_newcomer import enter

SIZES = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1440, 900)}
THEMES = ("dark", "light")
NIGHT = [
    *(("set1", title) for title in (
        "New Minglewood Blues", "Loser", "El Paso", "They Love Each Other", "Jack Straw", "Deal",
        "Lazy Lightning", "Supplication", "Brown-Eyed Women", "Mama Tried", "Row Jimmy",
        "Dancing in the Street",
    )),
    *(("set2", title) for title in (
        "Scarlet Begonias", "Fire on the Mountain", "Estimated Prophet", "St. Stephen",
        "Not Fade Away", "Morning Dew",
    )),
    ("encore1", "One More Saturday Night"),
]  # fmt: skip

AXE = Path(__file__).parents[2] / "clients/node_modules/axe-core/axe.min.js"
AXE_RUN = """;axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})
  .then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.map(({html, failureSummary}) => `${id}: ${html.slice(0, 160)} ${failureSummary}`)))"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll('button, select, input:not([type=checkbox])')]
  .filter((element) => element.checkVisibility())
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < 43.5 || box.height < 43.5))
  .map(([element, box]) => `${element.className} ${element.textContent.trim()} ${box.width}×${box.height}`)
"""  # noqa: E501


@dataclass
class Scene:
    """A night under way."""

    artist: Caller
    show: dict[str, str]


@pytest.fixture(scope="module")
def scene(site: Site) -> Scene:
    artist = site.artist()
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    show = artist.live_show(
        title="Grateful Dead at Barton Hall", venue=venue, artists=[{"name": "Grateful Dead"}]
    )
    show_id = show["id"]
    artist.fill_setlist(show_id, NIGHT)
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú")]
    lines = (
        "Anybody else on the rail?", "That Dancing was twelve minutes long!!",
        "Phil is so loud tonight, love it", "setlist says Deal, I heard Deal too",
        "St. Stephen!!!! I knew it", "What are they going to close with? My money is on Dew",
    )  # fmt: skip
    for number, line in enumerate(lines):
        fans[number % len(fans)].command(show_id, "post_chat", text=line)
    artist.command(show_id, "post_chat", text="Doors to the side stairs are open again.")
    for kind, count in (("love", 5), ("fire", 3), ("clap", 2)):
        for number in range(count):
            fans[number % len(fans)].command(show_id, "react", kind=kind)
    first = artist.open_round(show_id, "Who sings it better?", "Bobby", "Jerry")
    for fan, choice in zip(fans, ("o1", "o2", "o2", "o2"), strict=True):
        pick = {"command_id": f"a-{choice}", "picks": [{"option_id": choice}]}
        fan.post(f"/api/rounds/{first}/vote", pick)
    artist.post(f"/api/rounds/{first}/close")
    second = artist.open_round(
        show_id, "What should close the night?",
        "Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station",
        window={"duration_s": 300}, visibility="always",
    )  # fmt: skip
    for fan, choice in zip(fans, ("o1", "o1", "o2", "o4"), strict=True):
        pick = {"command_id": f"b-{choice}", "picks": [{"option_id": choice}]}
        fan.post(f"/api/rounds/{second}/vote", pick)
    artist.command(show_id, "set_now_playing", entry_id="song-16")
    artist.command(
        show_id, "announce", text="Ten minutes of grace on the parking lot. Drive safely."
    )
    return Scene(artist, show)


def look(page: Page, name: str) -> None:
    """Keeps a picture, and judges what a machine can."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=ARTEFACTS / f"{name}.png")
    assert page.evaluate(SIDEWAYS) <= 0, f"{name} scrolls sideways"
    assert page.evaluate(SMALL_TARGETS) == [], f"{name} has targets under 44 pixels"
    assert page.evaluate(AXE.read_text(encoding="utf-8") + AXE_RUN) == [], name


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_room(scene: Scene, open_page: OpenPage, size: str, theme: str) -> None:
    width, height = SIZES[size]
    options = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
    page = open_page(f"/shows/{scene.show['slug']}", **options)
    look(page, f"room-{size}-{theme}-before")
    enter(page)
    page.get_by_role("button", name="Sugar Magnolia").click()
    choice = page.get_by_role("button", name="Sugar Magnolia Your choice")
    expect(choice.and_(page.locator("[aria-pressed=true]"))).to_be_visible()
    expect(page.get_by_text("You can change it until the round closes.")).to_be_visible()
    look(page, f"room-{size}-{theme}")
    if size != "phone":
        return
    page.get_by_role("button", name="Actions for Morning Dew").click()
    page.get_by_role("button", name="Remove").scroll_into_view_if_needed()
    look(page, f"room-{size}-{theme}-setlist")
    page.get_by_role("button", name="Add a song").click()
    look(page, f"room-{size}-{theme}-add")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Chat").click()
    look(page, f"room-{size}-{theme}-chat")


@pytest.mark.parametrize("size", SIZES)
def test_the_crew(scene: Scene, open_page: OpenPage, size: str) -> None:
    width, height = SIZES[size]
    path = f"/shows/{scene.show['slug']}"
    page = open_page(path, viewport={"width": width, "height": height}, color_scheme="dark")
    log_in(page, scene.artist.email)
    page.get_by_role("button", name="Crew").click()
    expect(page.get_by_role("link", name="Open the control panel")).to_be_visible()
    look(page, f"crew-{size}")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_the_front_page(scene: Scene, open_page: OpenPage, size: str, theme: str) -> None:
    width, height = SIZES[size]
    options = {"viewport": {"width": width, "height": height}, "color_scheme": theme}
    look(open_page("/", **options), f"home-{size}-{theme}")


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_cut_off_on_small_phones_and_in_spanish(
    scene: Scene, open_page: OpenPage, width: int
) -> None:
    page = open_page(
        f"/shows/{scene.show['slug']}", viewport={"width": width, "height": 640}, locale="es-ES"
    )
    page.get_by_role("button", name="Entrar en la sala").click()
    expect(page.get_by_role("button", name="Añadir canción")).to_be_visible()
    page.get_by_role("button", name="Acciones para Morning Dew").click()
    look(page, f"room-{width}-es")
    page.get_by_role("button", name="Añadir canción").click()
    look(page, f"room-{width}-es-add")


def log_in(page: Page, email: str) -> None:
    """With an account."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
