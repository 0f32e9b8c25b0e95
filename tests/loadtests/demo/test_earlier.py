"""The night to look back at: played once, seen only when it is over, never a second time."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from loadtests.demo import programme
from loadtests.demo.accounts import crew_account
from loadtests.demo.earlier import EarlierNight
from loadtests.demo.night import Night, barton_hall
from loadtests.demo.programme import Programme
from loadtests.demo.theatre import Crew
from loadtests.faults.processes import Command
from loadtests.wire import ApiClient
from loadtests.wire.api import open_session

PACE = 0.05
TIMEOUT_S = 120.0
LOOK_S = 0.05

Json = dict[str, Any]


def _short_night() -> Night:
    whole = barton_hall()
    first = msgspec.structs.replace(whole.sets[0], songs=whole.sets[0].songs[:5])
    return msgspec.structs.replace(whole, sets=(first, whole.sets[-1]))


NIGHT = _short_night()
AS_PLAYED = [(part.section, song.title) for part in NIGHT.sets for song in part.songs]


class Demo:
    """Starts of one demo on one machine."""

    def __init__(self, url: str, session: aiohttp.ClientSession, crew: Crew, file: Path) -> None:
        self._url, self._session, self._crew, self._file = url, session, crew, file
        self.nobody = ApiClient(url, session)
        written = Programme(url, f"{url}/shows/live", crew.email, crew.password, "CODE", "live")
        programme.write(file, written)

    async def start(self, seed: int) -> None:
        """One start, until the night is in the archive."""
        rng = random.Random(seed)
        await EarlierNight(
            self._url, self._session, self._crew, self._file, rng, night=NIGHT, pace=PACE
        ).run()

    def past_show_id(self) -> str:
        """What ``demo.json`` says."""
        told = programme.read(self._file)
        assert told is not None and told.show_id == "live"
        return told.past_show_id

    async def shows(self) -> list[Json]:
        """What is listed for everybody."""
        return list((await self.nobody.get("/api/shows"))["items"])


@pytest.fixture
async def demo(node: Command, tmp_path: Path) -> AsyncIterator[Demo]:
    async with open_session() as session, asyncio.timeout(TIMEOUT_S):
        crew = await crew_account(node.url, session, None)
        yield Demo(node.url, session, crew, tmp_path / "demo.json")


@pytest.mark.timeout(TIMEOUT_S + 60)
async def test_the_night_is_archived_for_everybody_and_played_once(demo: Demo) -> None:
    await demo.start(1)
    show_id = demo.past_show_id()
    await demo.start(2)
    assert demo.past_show_id() == show_id
    (show,) = await demo.shows()
    assert (show["id"], show["status"], show["access"]) == (show_id, "archived", "public")

    setlist = (await demo.nobody.get(f"/api/shows/{show_id}/setlist"))["entries"]
    assert [(entry["section"], entry["title"]) for entry in setlist] == AS_PLAYED
    assert {entry["artist"] for entry in setlist} == {NIGHT.artist}
    counts = (await demo.nobody.get(f"/api/shows/{show_id}/replay"))["header"]["counts"]
    assert {"chat_posted", "song_requested", "round_closed", "setlist_sealed"} <= set(counts)


@pytest.mark.timeout(TIMEOUT_S + 60)
async def test_a_night_that_was_broken_off_is_never_seen_and_played_anew(demo: Demo) -> None:
    breaking_off = asyncio.create_task(demo.start(3))
    while not demo.past_show_id():
        assert not breaking_off.done()
        await asyncio.sleep(LOOK_S)
    breaking_off.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await breaking_off
    broken_off = demo.past_show_id()
    assert await demo.shows() == []

    await demo.start(4)
    assert [show["id"] for show in await demo.shows()] == [demo.past_show_id()]
    assert demo.past_show_id() != broken_off
