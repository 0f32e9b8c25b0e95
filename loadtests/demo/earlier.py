"""A night to look back at: played once at high speed, closed, and put into the archive.

It is a show of its own that nobody is let into before it is over, so what is broken off half way
(the demo is stopped, the machine dies) was never seen: it is cancelled, and the next start plays
it anew. ``demo.json`` remembers the show, so there is never a second one.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from loadtests.demo import programme
from loadtests.demo.company import Company
from loadtests.demo.names import FANS
from loadtests.demo.night import Bill, Night, barton_hall, songs_of
from loadtests.demo.theatre import Crew
from loadtests.wire import ApiProblem, RoomClient

logger = structlog.get_logger(__name__)

PACE = 0.25
"""A night of twelve minutes in three: soon there, and at ten times that still to be followed."""
BAND = "The Basement Tapers"
"""A band of today, so that the artist's own archive ends where it ended."""


class EarlierNight:
    """Plays the night, unless it was played before.

    Args:
        url: ``http://host:port``.
        file: ``demo.json``.
        now: when the show is said to begin.
    """

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        crew: Crew,
        file: Path,
        rng: random.Random,
        *,
        now: datetime | None = None,
        night: Night | None = None,
        pace: float = PACE,
        client: type[RoomClient] = RoomClient,
    ) -> None:
        night = night or barton_hall()
        bill = _bill(night, now or datetime.now(UTC))
        self._file = file
        self._crew = crew
        self._company = Company(
            url,
            session,
            bill,
            songs_of(night),
            FANS,
            rng,
            pace=pace,
            client=client,
            cover_of=night.artist,
        )

    async def run(self) -> None:
        """Returns once the night is in the archive.

        Raises:
            ApiProblem: the server refused.
        """
        house = self._company.house
        await house.sign_in(self._crew.email, self._crew.password)
        before = programme.read(self._file)
        show = await self._of_before(before.past_show_id) if before is not None else None
        status = "" if show is None else str(show["status"])
        if show is not None and status == "archived":
            return
        if show is not None and status == "closed":
            house.show = show
        else:
            if show is not None and status != "cancelled":
                await house.cancel_show(str(show["id"]))
            await self._play()
        await house.archive_show()
        logger.info("demo_earlier_night_archived", show_id=house.show_id)

    async def _of_before(self, show_id: str) -> dict[str, Any] | None:
        if not show_id:
            return None
        try:
            return await self._company.house.api.get(f"/api/shows/{show_id}")
        except ApiProblem as problem:
            logger.info("demo_show_not_found", code=problem.code)
            return None

    async def _play(self) -> None:
        house = self._company.house
        await house.draft_show()
        programme.note_past_show(self._file, house.show_id)  # Before anybody could see it.
        await house.open_show()
        self._company.cast.join_code = str(house.show["join_code"])
        try:
            await self._company.play(_nothing_to_clear)
            await house.command("seal_setlist", {})
        finally:
            await self._company.go_home()


def _bill(night: Night, now: datetime) -> Bill:
    year = night.date[2:4]
    return Bill(
        title=f"Cornell \u2019{year}, song by song",
        artist=BAND,
        starts_at=now.replace(microsecond=0).isoformat(),
        venue="The Back Room",
        city=night.city,
        country=night.country,
        access="private",
    )


async def _nothing_to_clear() -> None:
    """The list is new."""
