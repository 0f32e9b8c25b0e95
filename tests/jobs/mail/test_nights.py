"""What came of a show is read once for all who are told of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import cast

import pytest

from jobs.mail.nights import LoggedNights
from rooms import limits
from rooms.mail.facts import Night, ShowFacts
from rooms.ports import RoomLog, RoomRecord
from rooms.show import ShowStatus


class Log:
    """Rooms of which nothing was kept; counts who asks."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.fails = False
        self.answers = asyncio.Event()
        self.answers.set()

    def clock(self) -> float:
        return self.now

    async def load(self, show_id: str) -> RoomRecord | None:
        self.asked.append(show_id)
        await self.answers.wait()
        if self.fails:
            raise ConnectionError("the log is away")
        return None


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def nights(log: Log) -> LoggedNights:
    return LoggedNights(cast(RoomLog, log), log.clock)


def show(show_id: str, title: str = "Barton Hall") -> ShowFacts:
    return ShowFacts(
        show_id=show_id,
        slug="barton-hall",
        title=title,
        status=ShowStatus.CLOSED,
        starts_at=datetime(1977, 5, 8, 19, tzinfo=UTC),
        local=True,
        public=True,
    )


async def test_all_readers_of_a_show_share_one_reading(log: Log, nights: LoggedNights) -> None:
    log.answers.clear()
    asking = [asyncio.create_task(nights.night(show("a", f"{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()
    log.answers.set()
    told = await asyncio.gather(*asking, return_exceptions=True)

    assert log.asked == ["a"]
    assert isinstance(told[0], asyncio.CancelledError), "who gives up does not end it for others"
    assert [cast(Night, one).show.title for one in told[1:]] == [str(n) for n in range(1, 50)]


async def test_it_is_read_anew_after_a_moment(log: Log, nights: LoggedNights) -> None:
    for passed_s in (0.0, limits.MAIL_NIGHT_KEPT_S - 1, 1.0):
        log.now += passed_s
        await nights.night(show("a"))
    assert log.asked == ["a", "a"]


async def test_what_could_not_be_read_is_not_kept(log: Log, nights: LoggedNights) -> None:
    log.fails = True
    with pytest.raises(ConnectionError, match="away"):
        await nights.night(show("a"))
    log.fails = False
    await nights.night(show("a"))
    assert log.asked == ["a", "a"]


async def test_few_are_kept(log: Log, nights: LoggedNights) -> None:
    several = [str(n) for n in range(limits.MAIL_NIGHTS_KEPT_MAX + 1)]
    for show_id in several:
        await nights.night(show(show_id))
    await nights.night(show(several[-1]))
    await nights.night(show(several[0]))
    assert log.asked == [*several, several[0]]
