"""A short night played on a real node, ten times as fast, with a newcomer in the room.

The fans hear of each other about a second late, which is longer than between two songs: whatever
depended on their being quick would go wrong here at once, and not on a loaded machine alone. The
breaks last until the newcomer has seen what there is to be seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

import msgspec
import pytest

from loadtests.demo import programme
from loadtests.demo.accounts import crew_account
from loadtests.demo.night import Night, barton_hall
from loadtests.demo.theatre import AGAIN, Theatre
from loadtests.demo.wishes import queue_of
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import open_session
from loadtests.wire.messages import EventMessage
from tests.loadtests.demo.late import LateRoomClient

PACE = 0.1
TIMEOUT_S = 200.0
"""For all of it; it takes 20 s where there is nothing else to do."""
WISH = "Something Entirely New"
SETTLED_TIMEOUT_S = 60.0
"""How long the list may take to come right once the night is over."""


def _short_night() -> Night:
    """The first six songs and the encore."""
    whole = barton_hall()
    first = msgspec.structs.replace(whole.sets[0], songs=whole.sets[0].songs[:6])
    return msgspec.structs.replace(whole, sets=(first, whole.sets[-1]))


NIGHT = _short_night()
AS_PLAYED = [
    ("soundcheck", "Ripple"),
    *((part.section, song.title) for part in NIGHT.sets for song in part.songs),
]


class Breaks:
    """Breaks that end when the test says so."""

    def __init__(self) -> None:
        self._begun = [asyncio.Event() for _ in range(2)]
        self._over = [asyncio.Event() for _ in range(2)]

    async def between(self, nights: int) -> None:
        """What the theatre awaits after so many nights."""
        self._begun[nights].set()
        await self._over[nights].wait()

    async def begun(self, nights: int) -> None:
        """Waits for the break after so many nights."""
        await self._begun[nights].wait()

    def over(self, nights: int) -> None:
        """Ends it."""
        self._over[nights].set()


@pytest.mark.timeout(TIMEOUT_S + 60)
async def test_the_list_ends_as_it_was_played_the_newcomers_song_stays_and_it_begins_again(
    node: Command, tmp_path: Path
) -> None:
    breaks = Breaks()
    async with open_session() as session, asyncio.timeout(TIMEOUT_S):
        crew = await crew_account(node.url, session, None)
        theatre = Theatre(
            node.url,
            session,
            crew,
            tmp_path / "demo.json",
            random.Random(5),
            night=NIGHT,
            pace=PACE,
            between=breaks.between,
            client=LateRoomClient,
        )
        async with asyncio.TaskGroup() as tasks:
            playing = tasks.create_task(theatre.run())
            await _visit(node, tmp_path / "demo.json", breaks)
            playing.cancel()


async def _visit(node: Command, file: Path, breaks: Breaks) -> None:
    await breaks.begun(0)
    told = programme.read(file)
    assert told is not None
    async with open_session() as session:
        api = ApiClient(node.url, session)
        await api.guest("Newcomer")
        events: list[EventMessage] = []
        async with RoomClient(api, told.show_id, on_event=events.append) as room:
            await room.entered(TIMEOUT_S)
            me = room.participant_id
            edit = await room.edit(lambda setlist: setlist.add("Ripple", "soundcheck", me))
            await edit.saved(TIMEOUT_S)
            breaks.over(0)
            await _the_night(room, events)
            await breaks.begun(1)
            with contextlib.suppress(TimeoutError):  # The comparison says what is wrong.
                await room.until(lambda: _list(room) == AS_PLAYED, SETTLED_TIMEOUT_S)
            assert _list(room) == AS_PLAYED
            assert room.states[("reactions", "")].data["counts"]

            breaks.over(1)
            await room.until(lambda: _heard(events, "announcement_posted", text=AGAIN), TIMEOUT_S)
            await room.until(lambda: ("soundcheck", "Ripple") not in _list(room), TIMEOUT_S)
            await room.until(lambda: _statuses(room) == {"waiting"}, TIMEOUT_S)
            assert room.place.violations == []


async def _the_night(room: RoomClient, events: list[EventMessage]) -> None:
    """What a newcomer who is there from the first song hears."""
    await room.until(lambda: _heard(events, "round_opened"), TIMEOUT_S)
    await room.until(lambda: _heard(events, "now_playing_changed"), TIMEOUT_S)
    ack = await room.command("post_chat", {"text": "hello, I am new here"}, timeout_s=TIMEOUT_S)
    await room.until(lambda: _heard(events, "chat_posted", after=ack.seq), TIMEOUT_S)
    await room.command("request_song", {"title": WISH}, timeout_s=TIMEOUT_S)
    await room.until(lambda: _support(room) > 1, TIMEOUT_S)
    await room.until(lambda: any(name == "confidence" for name, _ in room.states), TIMEOUT_S)


def _support(room: RoomClient) -> int:
    """How many support the newcomer's wish."""
    return max((one["upvotes"] for one in queue_of(room) if one["title"] == WISH), default=0)


def _statuses(room: RoomClient) -> set[str]:
    return {one["status"] for one in queue_of(room)}


def _list(room: RoomClient) -> list[tuple[str, str]]:
    return [(entry.section, entry.title) for entry in room.setlist.entries()]


def _heard(events: list[EventMessage], name: str, *, after: int = 0, text: str = "") -> bool:
    return any(
        event.name == name and event.seq > after and text in str(event.data.get("text", ""))
        for event in events
    )
