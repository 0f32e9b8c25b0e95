"""The room, as somebody sees it who comes in during a busy night."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.nights import Night
from tests.browser.test_newcomer import enter
from tests.browser.walk import Scene, State


def _path(night: Night) -> str:
    return night.path


def part(page: Page, name: str) -> None:
    """Shows a part of the room: by its tab on a phone."""
    page.locator(f"[data-part={name}]").click()


def close(page: Page) -> None:
    """Closes the sheet on top."""
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _look_on(page: Page, _night: Night) -> None:
    expect(page.get_by_role("button", name="Join the room")).to_be_visible()


def _enter(page: Page, _night: Night) -> None:
    enter(page)
    expect(page.get_by_text("All saved")).to_be_visible()


def _vote(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="Sugar Magnolia").click()
    expect(page.get_by_text("You can change it until the round closes.")).to_be_visible()


def _song(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="Actions for Morning Dew").click()
    page.get_by_role("button", name="Remove").scroll_into_view_if_needed()


def _edit(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Note").scroll_into_view_if_needed()


def _move(page: Page, _night: Night) -> None:
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Move to…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _add(page: Page, _night: Night) -> None:
    close(page)
    page.get_by_role("button", name="Add a song").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _add_unknown(page: Page, _night: Night) -> None:
    page.get_by_label("Another song").fill("Zyzzyva in the rain")
    expect(page.get_by_text("No song like that is known.")).to_be_visible()


def _chat(page: Page, _night: Night) -> None:
    close(page)
    part(page, "chat")
    expect(page.get_by_label("Write a line")).to_be_visible()


def _chat_line(page: Page, _night: Night) -> None:
    page.get_by_role("button", name=re.compile("^More about")).last.click()
    expect(page.get_by_text("What is wrong with it?")).to_be_visible()


def _wishes(page: Page, _night: Night) -> None:
    part(page, "requests")
    expect(page.get_by_label("Wish for a song")).to_be_visible()


def _account(page: Page, _night: Night) -> None:
    part(page, "room")
    page.locator("header.top button").click()
    expect(page.get_by_role("dialog")).to_be_visible()


ROOM = Scene(
    "Room",
    _path,
    (
        State("looking on", _look_on),
        State("inside", _enter),
        State("voted", _vote),
        State("a song's actions", _song),
        State("a song is edited", _edit),
        State("a song moves", _move),
        State("add a song", _add),
        State("add an unknown song", _add_unknown),
        State("chat", _chat),
        State("a line is reported", _chat_line),
        State("wishes", _wishes),
        State("account sheet", _account),
    ),
)

SCENES = (ROOM,)
