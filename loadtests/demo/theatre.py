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
import msgspec
import structlog

from loadtests.demo import programme
from loadtests.demo.company import Company
from loadtests.demo.intermission import Intermission
from loadtests.demo.names import FANS
from loadtests.demo.newcomers import Newcomers
from loadtests.demo.night import Night, barton_hall, bill_of, songs_of
from loadtests.demo.phones import Phones
from loadtests.demo.programme import Programme
from loadtests.demo.screens import screens_of
from loadtests.demo.tasks import EXPECTED
from loadtests.wire import RoomClient
from loadtests.wire.messages import EventMessage

logger = structlog.get_logger(__name__)

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

    Attributes:
        opened: set once the show is open and ``demo.json`` says so.
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
        night = night or barton_hall()
        self.opened = asyncio.Event()
        self._file = file
        self._crew = crew
        self._company = Company(
            url,
            session,
            msgspec.structs.replace(bill_of(night), takes_sms=True),
            songs_of(night),
            FANS,
            rng,
            pace=pace,
            client=client,
        )
        self._house = self._company.house
        self._stage = self._company.stage
        newcomers = Newcomers(self._company.cast, self._company.phrases, self._company.guarded, rng)
        self._phones = Phones(self._house.api, self._company.guarded, rng)
        self._company.also_heard = self._heard_by(newcomers)
        self._company.also_seen = newcomers.state
        self._between = between or Intermission(newcomers, pace).between

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
            await self._publish()  # Otherwise once what an earlier start left on the list is gone.
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
            await self._company.go_home()

    # --- one night ------------------------------------------------------------------------

    async def _one_night(self) -> None:
        await self._have_show()
        await self._company.play(self._clear_up)

    async def _clear_up(self) -> None:
        if not self._house.untouched:
            await self._house.announce(AGAIN)
            await self._house.clear()
            await self._company.guarded.result(self._company.wishes.put_back(), "put_back")
        self._house.untouched = False
        await self._publish()

    async def _have_show(self) -> None:
        if self._stage.live and await self._house.rounds_left():
            return
        if self._stage.live:
            await self._company.guarded.result(self._house.retire_show(), "retire_show")
        await self._company.cast.leave()
        await self._house.make_show()
        self._stage.live = True
        self._stage.locked = False

    def _heard_by(self, newcomers: Newcomers) -> Callable[[EventMessage], None]:
        def hear(event: EventMessage) -> None:
            newcomers.heard(event)
            self._phones.heard(event)

        return hear

    async def _publish(self) -> None:
        show, before = self._house.show, programme.read(self._file)
        if self._file is not None:
            screens = await screens_of(self._house.api, self._house.show_id, before)
            told = Programme(
                url=self._house.api.base_url,
                show_url=self._house.show_url,
                crew_email=self._crew.email,
                crew_password=self._crew.password,
                join_code=str(show.get("join_code") or ""),
                show_id=self._house.show_id,
                past_show_id=before.past_show_id if before is not None else "",
                screen_url=screens.get("big_screen", ""),
                stage_url=screens.get("stage", ""),
            )
            programme.write(self._file, told)
        self._phones.come_to(show.get("join_code"))
        self.opened.set()
