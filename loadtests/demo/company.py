"""Everybody who plays one show: the cast, the crew in the house, and what each of them does."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import structlog

from loadtests.demo import script
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.night import Bill, PlayedSong
from loadtests.demo.performance import Performance
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.questions import Questions
from loadtests.demo.ratings import Ratings
from loadtests.demo.stage import Stage
from loadtests.demo.tasks import Guarded
from loadtests.demo.voting import Rounds, Voters
from loadtests.demo.wishes import Wishes
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.messages import EventMessage, StateMessage, Welcome

logger = structlog.get_logger(__name__)

FIRST_ONE_TIMEOUT_S = 60.0


class Company:
    """Plays nights in one show after the other.

    Args:
        url: ``http://host:port``.
        bill: what a show is made from.
        songs: what is played, in order.
        names: one per fan.
        pace: seconds that a second of the script takes.
        client: how a fan connects.
        cover_of: whose songs these are, where those on stage play somebody else's.

    Attributes:
        also_heard, also_seen: told of every event and every state after the cast was.
    """

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        bill: Bill,
        songs: tuple[PlayedSong, ...],
        names: Sequence[str],
        rng: random.Random,
        *,
        pace: float = 1.0,
        client: type[RoomClient] = RoomClient,
        cover_of: str | None = None,
    ) -> None:
        self.guarded = Guarded()
        self.phrases = Phrasebook(rng)
        self.stage = Stage(songs)
        self.house = House(ApiClient(url, session), bill, rng)
        self.cast = Cast(url, session, names, rng, self._welcomed, self._heard, self._seen, client)
        self.wishes = Wishes(self.cast, self.stage, self.house, self.guarded, rng)
        self.also_heard: Callable[[EventMessage], None] = lambda _: None
        self.also_seen: Callable[[StateMessage], None] = lambda _: None
        self._rng = rng
        self._pace = pace
        self._cover_of = cover_of
        questions = Questions(self.stage, rng, pace)
        self._rounds = Rounds(self.house, questions, self.guarded, pace)
        self._voters = Voters(self.cast, self.guarded, rng)
        self._ratings = Ratings(self.cast, self.stage, self.house, rng)

    async def play(self, clear_up: Callable[[], Awaitable[None]]) -> None:
        """One night, from the cast's coming in to the last song's being saved.

        Args:
            clear_up: awaited before the first song, while the cast comes in.
        """
        self.stage.begin()
        written = script.write(self.stage.songs, len(self.cast.fans), self._rng, self.phrases)
        arriving = asyncio.create_task(self.cast.arrive(self.house.show_id))
        rounds = None
        try:
            await clear_up()
            rounds = asyncio.create_task(self._rounds.run())
            await self.cast.first_one(FIRST_ONE_TIMEOUT_S)  # From then on something can be seen.
            logger.info("demo_night_begins", show_id=self.house.show_id, length_s=written.length_s)
            await self._performance().run(written)
        finally:
            for task in (arriving, rounds):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
            self._bring_everybody_back()

    async def go_home(self) -> None:
        """Ends what is under way; everybody leaves."""
        await self.guarded.stop()
        await self.cast.leave()

    def _performance(self) -> Performance:
        return Performance(
            self.cast,
            self.stage,
            self.house,
            self.guarded,
            self.wishes,
            self._ratings,
            pace=self._pace,
            cover_of=self._cover_of,
        )

    def _bring_everybody_back(self) -> None:
        for fan in self.cast.fans:
            if fan.room is not None:
                fan.room.go_online()

    # --- what is heard --------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        if not welcome.recovered:
            self.stage.locked = bool(welcome.state.get("setlist", {}).get("locked"))
            self.stage.live = welcome.state.get("show", {}).get("status") == "live"
            self._voters.welcomed(welcome)

    def _heard(self, event: EventMessage) -> None:
        match event.name:
            case "setlist_locked":
                self.stage.locked = True
            case "setlist_unlocked":
                self.stage.locked = False
            case "show_status_changed":
                self.stage.live = event.data.get("status") == "live"
            case "now_playing_changed":
                self.stage.on_stage = event.data.get("entry_id")
        self._rounds.heard(event)
        self._voters.heard(event)
        self.wishes.heard(event)
        self.also_heard(event)

    def _seen(self, state: StateMessage) -> None:
        self.also_seen(state)
