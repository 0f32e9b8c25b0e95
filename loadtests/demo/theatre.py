"""Night after night: opens the house, plays the script, clears up, begins again.

What a newcomer wrote down is taken away only after the words that a night begins again. A show
that was made just now has nothing to clear up: whoever is in it already keeps their song.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import structlog

from loadtests.demo import programme, script
from loadtests.demo.cast import Cast
from loadtests.demo.house import House
from loadtests.demo.intermission import Intermission
from loadtests.demo.names import FANS
from loadtests.demo.newcomers import Newcomers
from loadtests.demo.night import Night, barton_hall, songs_of
from loadtests.demo.performance import Performance
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.programme import Programme
from loadtests.demo.stage import Stage
from loadtests.demo.tasks import EXPECTED, Guarded
from loadtests.demo.voting import Rounds, Voters
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.messages import EventMessage, StateMessage, Welcome

logger = structlog.get_logger(__name__)

FIRST_ONE_TIMEOUT_S = 60.0
TROUBLE_PAUSE_S = 5.0
AGAIN = "The night begins again: the list is empty, the band is tuning."


@dataclass(frozen=True, slots=True)
class Crew:
    """The crew account that drives the show."""

    email: str
    password: str = field(repr=False)


class Theatre:
    """The demo from its start to its end.

    Args:
        url: ``http://host:port``.
        crew: the account that drives the show.
        file: where ``demo.json`` is kept, or ``None``.
        night: what is played.
        pace: seconds that a second of the script takes; for tests.
        between: awaited before each night with the number of nights played; by default
            `Intermission`.
        client: how a fan connects.
    """

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        crew: Crew,
        file: Path | None,
        rng: random.Random,
        *,
        night: Night | None = None,
        pace: float = 1.0,
        between: Callable[[int], Awaitable[None]] | None = None,
        client: type[RoomClient] = RoomClient,
    ) -> None:
        self._night = night or barton_hall()
        self._pace = pace
        self._rng = rng
        self._file = file
        self._crew = crew
        self._guarded = Guarded()
        self._phrases = Phrasebook(rng)
        self._stage = Stage(songs_of(self._night))
        self._house = House(ApiClient(url, session), self._night, rng)
        self._cast = Cast(url, session, FANS, rng, self._welcomed, self._heard, self._state, client)
        self._rounds = Rounds(self._house, self._stage, self._guarded, rng)
        self._voters = Voters(self._cast, self._guarded, rng)
        self._newcomers = Newcomers(self._cast, self._phrases, self._guarded, rng)
        self._between = between or Intermission(self._newcomers, pace).between

    async def run(self) -> None:
        """Opens the house and plays night after night until cancelled.

        Raises:
            ApiProblem: the crew account or the show was refused.
            TimeoutError: the server did not come up.
        """
        before = programme.read(self._file)
        await self._house.sign_in(self._crew.email, self._crew.password)
        await self._house.find_show(before.show_id if before else None)
        if self._house.untouched:
            self._publish()  # Otherwise once what an earlier start left on the list is gone.
        nights = 0
        try:
            while True:
                await self._between(nights)
                try:
                    await self._one_night()
                except* EXPECTED as group:
                    logger.warning("demo_night_broken", error=str(group.exceptions[0]))
                    await asyncio.sleep(TROUBLE_PAUSE_S)
                nights += 1
        finally:
            await self._guarded.stop()
            await self._cast.leave()

    # --- one night ------------------------------------------------------------------------

    async def _one_night(self) -> None:
        await self._have_show()
        self._stage.begin()
        written = script.write(self._stage.songs, len(FANS), self._rng, self._phrases)
        arriving = asyncio.create_task(self._cast.arrive(self._house.show_id))
        rounds = None
        try:
            await self._clear_up()
            rounds = asyncio.create_task(self._rounds.run())
            await self._cast.first_one(FIRST_ONE_TIMEOUT_S)  # From then on something can be seen.
            logger.info("demo_night_begins", show_id=self._house.show_id, length_s=written.length_s)
            performance = Performance(
                self._cast, self._stage, self._house, self._guarded, self._pace
            )
            await performance.run(written)
        finally:
            for task in (arriving, rounds):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
            self._bring_everybody_back()

    async def _clear_up(self) -> None:
        if not self._house.untouched:
            await self._house.announce(AGAIN)
            await self._house.clear()
        self._house.untouched = False
        self._publish()

    async def _have_show(self) -> None:
        if self._stage.live and await self._house.rounds_left():
            return
        if self._stage.live:
            await self._guarded.result(self._house.retire_show(), "retire_show")
        await self._cast.leave()
        await self._house.make_show()
        self._stage.live = True
        self._stage.locked = False

    def _bring_everybody_back(self) -> None:
        for fan in self._cast.fans:
            if fan.room is not None:
                fan.room.go_online()

    # --- what is heard --------------------------------------------------------------------

    def _welcomed(self, welcome: Welcome) -> None:
        if not welcome.recovered:
            self._stage.locked = bool(welcome.state.get("setlist", {}).get("locked"))
            self._stage.live = welcome.state.get("show", {}).get("status") == "live"

    def _heard(self, event: EventMessage) -> None:
        match event.name:
            case "setlist_locked":
                self._stage.locked = True
            case "setlist_unlocked":
                self._stage.locked = False
            case "show_status_changed":
                self._stage.live = event.data.get("status") == "live"
        self._rounds.heard(event)
        self._voters.heard(event)
        self._newcomers.heard(event)

    def _state(self, state: StateMessage) -> None:
        self._newcomers.state(state)

    def _publish(self) -> None:
        show = self._house.show
        if self._file is None:
            return
        told = Programme(
            url=self._house.api.base_url,
            show_url=self._house.show_url,
            crew_email=self._crew.email,
            crew_password=self._crew.password,
            join_code=str(show.get("join_code") or ""),
            show_id=self._house.show_id,
        )
        programme.write(self._file, told)
