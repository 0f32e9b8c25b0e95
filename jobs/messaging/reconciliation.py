"""The daily comparison with the carrier's list: what was missed is mended, what differs is told.

Callbacks get lost: a node was away, an address changed, the carrier gave up. The carrier's list is
the last word on what it did; ours is the last word on what was wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import structlog

from rooms import limits
from rooms.messaging.carrier_statuses import heard
from rooms.messaging.ports import CarrierList, MessageStore
from rooms.messaging.reconciling import Comparing, Comparison, SentMessages
from rooms.messaging.senders import Sender
from rooms.ports import Clock

MIDNIGHT = timedelta(minutes=10)
"""Around midnight the carrier's day and ours may differ: what was sent then is not missed."""

log = structlog.get_logger(__name__)


class Reconciliation:
    """Compares days of senders."""

    def __init__(
        self,
        carrier: CarrierList,
        senders: Sequence[Sender],
        sent: SentMessages,
        messages: MessageStore,
        clock: Clock,
    ) -> None:
        self._carrier = carrier
        self._senders = senders
        self._sent = sent
        self._messages = messages
        self._clock = clock

    async def run(self) -> list[Comparison]:
        """Yesterday and today, of every sender. Done again it finds less to mend."""
        today = self._clock.now().astimezone(UTC).date()
        return [
            await self.compare(sender, day)
            for day in (today - timedelta(days=1), today)
            for sender in self._senders
        ]

    async def compare(self, sender: Sender, day: date) -> Comparison:
        """One day (UTC) of one sender."""
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        comparing = Comparing()
        complete = await self._read(sender, begin, comparing)
        if complete:
            await self._miss(sender, begin, comparing)
        found = Comparison(
            sender=sender.address,
            day=day,
            ran_at=self._clock.now(),
            listed=comparing.listed,
            matched=comparing.matched,
            mended=comparing.mended,
            absent=comparing.absent,
            foreign=comparing.foreign,
            complete=complete,
            differences=tuple(comparing.differences),
        )
        await self._sent.keep(found)
        differs = found.mended or found.absent or found.foreign or not complete
        tell = log.warning if differs else log.info
        tell(
            "messages_reconciled",
            channel=sender.channel,
            day=day.isoformat(),
            listed=found.listed,
            matched=found.matched,
            mended=found.mended,
            absent=found.absent,
            foreign=found.foreign,
            complete=complete,
        )
        return found

    async def _read(self, sender: Sender, begin: datetime, comparing: Comparing) -> bool:
        """Goes through the carrier's list; whether it came to its end."""
        try:
            async for page in self._carrier.sent_on(sender.address, begin):
                ours = await self._sent.states_of([one.carrier_id for one in page])
                for one in page:
                    if comparing.judge(one, ours.get(one.carrier_id)):
                        said = heard(one.carrier_id, one.status, one.error_code, None)
                        await self._messages.hear(said, self._clock.now())
                if comparing.listed >= limits.RECONCILED_MESSAGES_MAX:
                    return False
        except Exception as error:
            # Whatever the carrier's library may raise: the next run reads it again.
            log.warning("carrier_list_unreadable", error=type(error).__name__)
            return False
        return True

    async def _miss(self, sender: Sender, begin: datetime, comparing: Comparing) -> None:
        end = min(begin + timedelta(days=1), self._clock.now()) - MIDNIGHT
        async for portion in self._sent.sent_between(sender.address, begin + MIDNIGHT, end):
            for carrier_id in portion:
                if carrier_id not in comparing.seen:
                    comparing.miss(carrier_id)
