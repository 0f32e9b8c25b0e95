"""A short night played on a real node, ten times as fast, with a newcomer in the room."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from loadtests.demo import programme
from loadtests.demo.accounts import crew_account
from loadtests.demo.night import Night, barton_hall
from loadtests.demo.theatre import AGAIN, Theatre
from loadtests.faults import processes
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import open_session
from loadtests.wire.messages import EventMessage

PACE = 0.1
TIMEOUT_S = 90.0


@pytest.fixture
async def node(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Command]:
    command = processes.serve(
        database_url, redis_url, tmp_path / "node.log", name="demo", secret_key="k" * 40
    )
    try:
        await command.start()
        yield command
    finally:
        await command.stop()


def _short_night() -> Night:
    """The first six songs and the encore."""
    whole = barton_hall()
    first = msgspec.structs.replace(whole.sets[0], songs=whole.sets[0].songs[:6])
    return msgspec.structs.replace(whole, sets=(first, whole.sets[-1]))


async def test_the_list_ends_as_it_was_played_the_newcomers_song_stays_and_it_begins_again(
    node: Command, tmp_path: Path
) -> None:
    file, night = tmp_path / "demo.json", _short_night()
    async with open_session() as session:
        crew = await crew_account(node.url, session, None)
        theatre = Theatre(node.url, session, crew, file, random.Random(4), night=night, pace=PACE)
        playing = asyncio.create_task(theatre.run())
        try:
            await _visit(node, file, night)
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)


async def _visit(node: Command, file: Path, night: Night) -> None:
    async with asyncio.timeout(TIMEOUT_S), open_session() as session:
        while (told := programme.read(file)) is None:
            await asyncio.sleep(0.02)
        api = ApiClient(node.url, session)
        await api.guest("Newcomer")
        events: list[EventMessage] = []
        async with RoomClient(api, told.show_id, on_event=events.append) as room:
            await room.entered()
            me = room.participant_id
            edit = await room.edit(lambda setlist: setlist.add("Ripple", "soundcheck", me))
            await edit.saved()
            ack = await room.command("post_chat", {"text": "hello, I am new here"})

            wanted = [("soundcheck", "Ripple")]
            wanted += [(part.section, song.title) for part in night.sets for song in part.songs]

            def as_played() -> bool:
                return [(e.section, e.title) for e in room.setlist.entries()] == wanted

            await room.until(as_played, TIMEOUT_S)
            names = {event.name for event in events}
            assert {"chat_posted", "now_playing_changed", "round_opened"} <= names
            assert room.states[("reactions", "")].data["counts"]
            assert any(e.name == "chat_posted" and e.seq > ack.seq for e in events)

            def again() -> bool:
                return any(
                    e.name == "announcement_posted" and e.data["text"] == AGAIN for e in events
                )

            await room.until(again, TIMEOUT_S)
            await room.until(lambda: all(e.title != "Ripple" for e in room.setlist.entries()))
            assert room.place.violations == []
