"""Settles the ratings of a show, and computes anew what an older rule made.

Every run settles a show from what is known of it now and replaces what was settled before, so it
may be done twice, late, or out of order.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import structlog

from rooms.accuracy.ports import RatedShow, Settlements
from rooms.accuracy.rule import RULE_VERSION
from rooms.accuracy.settlement import Settlement, settle, standing_ratings
from rooms.outbox import Effect, EffectRefused
from rooms.ports import RoomLog

SHOWS_PER_RUN = 20
"""Shows settled anew at a time after the rule has changed; the next run goes on."""

ACCOUNTS_PER_RUN = 2_000
"""Reputations computed anew at a time: some seconds."""

log = structlog.get_logger(__name__)


class SettleRatings:
    """Delivers `rooms.outbox.SETTLE_RATINGS`."""

    def __init__(self, room_log: RoomLog, settlements: Settlements) -> None:
        self._log = room_log
        self._settlements = settlements

    async def __call__(self, effect: Effect) -> None:
        """Settles the effect's show.

        Raises:
            EffectRefused: it names none.
        """
        show_id = effect.payload.get("show_id")
        if not isinstance(show_id, str):
            raise EffectRefused("the effect names no show")
        await settle_show(show_id, self._settlements, await self._log.database_time())


async def settle_show(show_id: str, settlements: Settlements, now: datetime) -> int:
    """Settles what can be told of a show's ratings; how many accounts it concerned."""
    ratings = 0

    async def judge(rated: RatedShow) -> list[Settlement]:
        nonlocal ratings
        # Hundreds of thousands of ratings hold the interpreter: not in the event loop's thread.
        settled = await asyncio.to_thread(settled_of, rated)
        ratings = len(settled)
        return settled

    accounts = await settlements.settle(show_id, judge, now)
    log.debug("ratings_settled", show_id=show_id, ratings=ratings, accounts=accounts)
    return accounts


async def follow_the_rule(settlements: Settlements, now: datetime) -> int:
    """Computes anew, a little at a time, what another version of the rule made; how much."""
    shows = await settlements.outdated_shows(RULE_VERSION, SHOWS_PER_RUN)
    for show_id in shows:
        await settle_show(show_id, settlements, now)
    accounts = await settlements.outdated_accounts(RULE_VERSION, ACCOUNTS_PER_RUN)
    if accounts:
        await settlements.recompute(accounts, now)
        log.info("reputations_recomputed", accounts=len(accounts), rule_version=RULE_VERSION)
    return len(shows) + len(accounts)


def settled_of(rated: RatedShow) -> list[Settlement]:
    """What of a show's ratings is settled."""
    ratings = standing_ratings(rated.ratings, rated.settled)
    return settle(ratings, rated.timeline, rated.seal, rated.verdicts)
