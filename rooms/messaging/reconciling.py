"""Comparing what a carrier says it sent on a day with what is known here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from msgspec import Struct

from rooms import limits
from rooms.messaging.carrier_statuses import STATES
from rooms.messaging.ports import Listed
from rooms.messaging.states import RANKS, MessageState, is_final


class Difference(Struct, frozen=True, omit_defaults=True):
    """One message that the carrier and we do not agree on.

    Attributes:
        what: ``mended`` (it had moved on), ``contradicts`` (both have ended, differently),
            ``foreign`` (nobody here knows it), ``absent`` (the carrier does not list it).
        ours, theirs: states.
    """

    what: str
    carrier_id: str
    ours: str = ""
    theirs: str = ""


class Comparison(Struct, frozen=True, kw_only=True):
    """One day of one sender.

    Attributes:
        complete: the whole list was read.
        differences: the first `limits.RECONCILIATION_DIFFERENCES_MAX`.
    """

    sender: str
    day: date
    ran_at: datetime
    listed: int
    matched: int
    mended: int
    absent: int
    foreign: int
    complete: bool
    differences: tuple[Difference, ...]


class SentMessages(Protocol):
    """What is known here of messages that a carrier has."""

    async def states_of(self, carrier_ids: Sequence[str]) -> Mapping[str, MessageState]:
        """States of those that are known."""
        ...

    def sent_between(
        self, sender: str, begin: datetime, end: datetime
    ) -> AsyncIterator[Sequence[str]]:
        """The carrier's names of what was sent in a time, in portions."""
        ...

    async def keep(self, comparison: Comparison) -> None:
        """Keeps a comparison."""
        ...


class Comparing:
    """Adds a comparison up."""

    def __init__(self) -> None:
        self.listed = 0
        self.matched = 0
        self.mended = 0
        self.absent = 0
        self.foreign = 0
        self.differences: list[Difference] = []
        self.seen: set[str] = set()

    def judge(self, one: Listed, ours: MessageState | None) -> bool:
        """Counts one of the carrier's messages; whether ours is to be moved forward."""
        self.listed += 1
        self.seen.add(one.carrier_id)
        theirs = STATES.get(one.status.lower())
        if ours is None:
            self.foreign += 1
            self._note("foreign", one.carrier_id, theirs=one.status)
            return False
        self.matched += 1
        if theirs is None or theirs == ours:
            return False
        if not is_final(ours) and RANKS[theirs] > RANKS[ours]:
            self.mended += 1
            self._note("mended", one.carrier_id, ours.value, one.status)
            return True
        refused = {MessageState.FAILED, MessageState.SUPPRESSED}
        if is_final(ours) and is_final(theirs) and not {ours, theirs} <= refused:
            self._note("contradicts", one.carrier_id, ours.value, one.status)
        return False

    def miss(self, carrier_id: str) -> None:
        """The carrier does not list one of ours."""
        self.absent += 1
        self._note("absent", carrier_id)

    def _note(self, what: str, carrier_id: str, ours: str = "", theirs: str = "") -> None:
        if len(self.differences) < limits.RECONCILIATION_DIFFERENCES_MAX:
            self.differences.append(Difference(what, carrier_id, ours, theirs))
