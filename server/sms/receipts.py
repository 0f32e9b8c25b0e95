"""Which receipts are given: as many as the sender's number has turns for, on all nodes together.

Nobody waits for Redis with a text to be answered. A node counts what it answers, charges it some
times a second in the background, and learns from the answer how far ahead the number's turns lie,
the turns that others have taken included. In between it gives no more than a quarter of a second's
worth, so what it does not know yet makes the carrier's queue that much longer for each node, and
everything is charged in the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from rooms import limits
from rooms.messaging.ports import Throughput
from rooms.messaging.senders import Sender

log = structlog.get_logger(__name__)


class Receipts:
    """The pace of all senders, as this node knows it.

    Args:
        monotonic: seconds, for durations.
    """

    def __init__(
        self, senders: Sequence[Sender], throughput: Throughput, monotonic: Callable[[], float]
    ) -> None:
        self._paces = {
            sender.address: SenderPace(sender, throughput, monotonic) for sender in senders
        }

    def take(self, sender: str, message_sid: str) -> bool:
        """Whether a text may get a receipt. `gave` ends what is promised here."""
        pace = self._paces.get(sender)
        return pace is None or pace.take(message_sid)

    def gave(self, sender: str, message_sid: str, segments: int) -> None:
        """A text was answered, with a receipt or with anything else; 0 segments: with nothing."""
        pace = self._paces.get(sender)
        if pace is not None:
            pace.gave(message_sid, segments)


class SenderPace:
    """See the module; of one sender."""

    def __init__(
        self, sender: Sender, throughput: Throughput, monotonic: Callable[[], float]
    ) -> None:
        self._sender = sender
        self._throughput = throughput
        self._monotonic = monotonic
        self._free_at = 0.0
        self._promised: set[str] = set()
        self._receipts = 0  # promised or given, of which nothing was learnt yet
        self._owed = 0
        self._under_way = 0
        self._task: asyncio.Task[None] | None = None

    def take(self, message_sid: str) -> bool:
        """Whether there is a turn for one more receipt soon."""
        if self._receipts >= receipts_unlearnt(self._sender):
            return False
        unlearnt = len(self._promised) + self._owed + self._under_way
        ahead_s = max(self._free_at - self._monotonic(), 0.0)
        if ahead_s + unlearnt / self._sender.per_second > limits.SMS_RECEIPTS_AHEAD_S:
            return False
        self._promised.add(message_sid)
        self._receipts += 1
        return True

    def gave(self, message_sid: str, segments: int) -> None:
        """Will charge what went."""
        if message_sid in self._promised:
            self._promised.remove(message_sid)
            self._receipts -= segments == 0
        self._owed += segments
        if self._owed and self._task is None:
            self._task = asyncio.create_task(self._charge())

    async def _charge(self) -> None:
        try:
            while self._owed:
                self._under_way, self._owed = self._owed, 0
                receipts = self._receipts - len(self._promised)
                ahead_s = await self._throughput.charge(self._sender, self._under_way)
                self._free_at = self._monotonic() + ahead_s
                self._under_way = 0
                self._receipts -= receipts
                await asyncio.sleep(limits.SMS_RECEIPTS_LEARN_S)
        except Exception as error:
            self._receipts = len(self._promised)
            log.exception("receipts_not_charged", error=type(error).__name__)
        finally:
            self._under_way = 0
            self._task = None  # here and not later: what comes next begins anew


def receipts_unlearnt(sender: Sender) -> int:
    """Receipts that a node gives before it has heard what others have."""
    return max(
        round(sender.per_second * limits.SMS_RECEIPTS_UNLEARNT_S), limits.SMS_RECEIPTS_UNLEARNT_MIN
    )
