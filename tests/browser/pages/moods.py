"""The room in its moods: empty, locked, silenced, without a signal, about to be installed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.nights import Night
from tests.browser.pages.room import close, part
from tests.browser.test_newcomer import add_song, enter
from tests.browser.walk import Scene, State


@dataclass(frozen=True)
class Moods:
    """A room with nothing in it, and one with a round."""

    empty: Night
    full: Night


def _look_on(page: Page, _moods: Moods) -> None:
    expect(page.get_by_text("No song yet.")).to_be_visible()


def _enter(page: Page, _moods: Moods) -> None:
    enter(page)
    expect(page.get_by_text("All saved")).to_be_visible()


def _wishes(page: Page, _moods: Moods) -> None:
    part(page, "requests")
    expect(page.get_by_label("Wish for a song")).to_be_visible()


def _chat(page: Page, _moods: Moods) -> None:
    part(page, "chat")
    expect(page.get_by_text("Nobody has said anything yet.")).to_be_visible()


def _install(page: Page, _moods: Moods) -> None:
    part(page, "room")
    page.evaluate(
        "() => dispatchEvent(Object.assign(new Event('beforeinstallprompt', {cancelable: true}),"
        " {prompt: async () => undefined, userChoice: Promise.resolve({outcome: 'dismissed'})}))"
    )
    add_song(page, "Bertha")
    expect(page.get_by_text("All saved")).to_be_visible()


def _locked(page: Page, moods: Moods) -> None:
    enter(page)
    moods.full.artist.command(moods.full.show["id"], "lock_setlist")
    expect(page.locator(".setlist .locked")).to_be_visible()
    page.locator(".setlist").evaluate("element => element.scrollIntoView({block: 'start'})")


def _muted(page: Page, moods: Moods) -> None:
    artist, show_id = moods.full.artist, moods.full.show["id"]
    artist.command(show_id, "unlock_setlist")
    part(page, "chat")
    page.get_by_label("Write a line").fill("Turn it up")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("log").get_by_text("Turn it up")).to_be_visible()
    expect(page.get_by_text("waiting")).to_have_count(0)
    line = artist.get(f"/api/shows/{show_id}/poll")["state"]["chat"][-1]
    silence = {"participant_id": line["participant_id"], "duration_s": 600}
    artist.command(show_id, "mute_participant", **silence)
    expect(page.get_by_text("You are muted.")).to_be_visible()


def _without_signal(page: Page, _moods: Moods) -> None:
    part(page, "room")
    page.context.set_offline(True)
    add_song(page, "Sugaree")
    page.get_by_role("button", name="Ripple").click()
    expect(page.get_by_role("button", name=re.compile("things? waits?\\. Show"))).to_be_visible()


def _outbox(page: Page, _moods: Moods) -> None:
    page.get_by_role("button", name=re.compile("things? waits?\\. Show")).click()
    expect(page.get_by_role("dialog", name="Waiting to be sent")).to_be_visible()


def _arrived(page: Page, _moods: Moods) -> None:
    close(page)
    page.context.set_offline(False)
    expect(page.get_by_text("All saved")).to_be_visible()


EMPTY = Scene(
    "Empty room",
    lambda moods: moods.empty.path,
    (
        State("looking on", _look_on),
        State("inside", _enter),
        State("wishes", _wishes),
        State("chat", _chat),
        State("first song", _install),
    ),
)
MOODS = Scene(
    "Room in its moods",
    lambda moods: moods.full.path,
    (
        State("locked", _locked),
        State("muted", _muted),
        State("without a signal", _without_signal),
        State("outbox", _outbox),
        State("all has arrived", _arrived),
    ),
)

SCENES = (EMPTY, MOODS)
