"""The live cockpit on a night under way, with something to do everywhere."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.cockpit import crew_member
from tests.browser.nights import NIGHT, Night
from tests.browser.site import Caller, Site
from tests.browser.walk import Scene, State


def desk_night(site: Site) -> Night:
    """A round open, one to reveal, lines to check, wishes waiting, somebody muted."""
    artist, ana = site.artist("jerry@example.com"), site.artist("ana@example.com")
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    show = artist.live_show(
        title="Grateful Dead at Barton Hall", venue=venue, artists=[{"name": "Grateful Dead"}]
    )
    show_id = show["id"]
    crew_member(artist, show_id, ana)
    artist.fill_setlist(show_id, NIGHT)
    artist.command(show_id, "set_word_filter", mode="hold", words=["kazoo"])
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú")]
    lines = (
        "Anybody else on the rail?", "That Dancing was twelve minutes long!!", "Less kazoo please",
        "setlist says Deal, I heard Deal too", "buy cheap tickets at example dot com",
    )  # fmt: skip
    for number, line in enumerate(lines):
        fans[number % len(fans)].command(show_id, "post_chat", text=line)
    chat = artist.get(f"/api/shows/{show_id}/poll")["state"]["chat"]
    report = {"chat_message_id": chat[-1]["chat_message_id"], "reason": "spam"}
    fans[1].command(show_id, "report_chat", **report)
    for fan, title in zip(fans, ("Ripple", "Althea", "Bertha"), strict=False):
        fan.command(show_id, "request_song", title=title)
    robin = chat[0]["participant_id"]
    ana.command(show_id, "mute_participant", participant_id=robin, duration_s=1800)
    _rounds(artist, ana, show_id, fans)
    artist.command(show_id, "set_now_playing", entry_id="song-16")
    ana.command(show_id, "announce", text="Ten minutes of grace on the parking lot.")
    return Night(artist, show)


def _rounds(artist: Caller, ana: Caller, show_id: str, fans: list[Caller]) -> None:
    hidden = artist.open_round(
        show_id, "Who sings it better?", "Bobby", "Jerry", visibility="manual"
    )
    opened = artist.open_round(
        show_id, "What should close the night?",
        "Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station",
        window={"duration_s": 600}, visibility="always", quorum=6,
    )  # fmt: skip
    for fan, first, second in zip(
        fans, ("o1", "o2", "o2", "o2"), ("o1", "o1", "o2", "o4"), strict=True
    ):
        for round_id, option in ((hidden, first), (opened, second)):
            ballot = {"command_id": f"v-{round_id[-12:]}", "picks": [{"option_id": option}]}
            fan.post(f"/api/rounds/{round_id}/vote", ballot)
    ana.post(f"/api/rounds/{hidden}/close")


def _live(page: Page, _night: Night) -> None:
    expect(page.locator(".cockpit .health .good")).to_be_visible()
    expect(page.get_by_role("article", name="What should close the night?")).to_be_visible()


def _pane(name: str) -> Any:
    def reach(page: Page, _night: Night) -> None:
        expect(page.locator(".cockpit .health .good")).to_be_visible()
        page.locator("nav.panes").get_by_role("button", name=name).click()

    return reach


def _closing(then: Any) -> Any:
    """Puts away the sheet or menu on top first."""

    def reach(page: Page, night: Night) -> None:
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        then(page, night)

    return reach


def _tab(name: str) -> Any:
    def reach(page: Page, _night: Night) -> None:
        page.get_by_role("tab", name=name).click()

    return reach


def _button(name: str) -> Any:
    def reach(page: Page, _night: Night) -> None:
        page.get_by_role("button", name=name, exact=True).first.click()

    return reach


def _new_round(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="New round").click()
    page.get_by_text("More rules").click()


def _faulty_round(page: Page, _night: Night) -> None:
    form = page.get_by_role("dialog")
    form.get_by_label("Question").fill("Which one closes?")
    form.get_by_label("How people vote").select_option("weighted")
    for number, title in enumerate(("Ripple", "Deal"), start=1):
        form.get_by_label(f"Option {number}", exact=True).fill(title)
    form.get_by_label("Jury", exact=True).fill("0")
    form.get_by_role("button", name="Open now").click()
    expect(form.get_by_text("Weigh at least two classes of voters")).to_be_visible()


def _round_menu(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="More about What should close the night?").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()


def _song_menu(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="Actions for Loser").click()
    expect(page.get_by_role("menuitem").first).to_be_visible()


def _edit(page: Page, night: Night) -> None:
    page.keyboard.press("Escape")
    _song_menu(page, night)
    page.get_by_role("menuitem", name="Edit").click()


def _move(page: Page, night: Night) -> None:
    page.get_by_role("button", name="Cancel").click()
    _song_menu(page, night)
    page.get_by_role("menuitem", name="Move to…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _close_show(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="More about the show").click()
    page.get_by_role("menuitem", name="Close the show").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _keys(page: Page, _night: Night) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def _health(page: Page, _night: Night) -> None:
    page.locator("button.health").click()


def _deeds(page: Page, _night: Night) -> None:
    page.locator(".hands .newest").click()


def _offline(page: Page, _night: Night) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.context.set_offline(True)
    expect(page.locator(".cockpit .health .good")).to_have_count(0)


SCENES = (
    Scene(
        "Cockpit",
        lambda night: f"/panel/shows/{night.show['id']}/live",
        (
            State("rounds", _live, whole=True),
            State("a round's menu", _round_menu),
            State("new round", _closing(_new_round)),
            State("a faulty round", _faulty_round),
            State("deeds", _closing(_deeds)),
            State("health", _closing(_health)),
            State("asked before closing", _closing(_close_show)),
            State("keys", _closing(_keys)),
        ),
    ),
    Scene(
        "Cockpit's setlist",
        lambda night: f"/panel/shows/{night.show['id']}/live",
        (
            State("list", _pane("Setlist")),
            State("a song's menu", _song_menu),
            State("a song is edited", _edit),
            State("a song moves", _move),
            State("add a song", _closing(_button("Add a song"))),
        ),
    ),
    Scene(
        "Cockpit's talk",
        lambda night: f"/panel/shows/{night.show['id']}/live",
        (
            State("wishes", _pane("Wishes")),
            State("chat", _pane("Chat")),
            State("check", _tab("Check")),
            State("people", _tab("People")),
            State("words", _tab("Words")),
            State("offline", _offline),
        ),
    ),
)
