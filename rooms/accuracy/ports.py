"""What weighing and settling ratings asks of a store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from rooms.accuracy.clusters import Rater
from rooms.accuracy.settlement import EntryVerdict, Rating, Seal, Settlement
from rooms.accuracy.timeline import Song, Timeline
from rooms.accuracy.weights import Reputation
from rooms.ports import Head, StanceRecord


class RatedShow(Struct, frozen=True):
    """A show's ratings and everything that settles them, as of one moment."""

    ratings: tuple[Rating, ...]
    timeline: Timeline
    seal: Seal | None
    verdicts: tuple[EntryVerdict, ...]
    settled: tuple[Settlement, ...]


class KnownRater(Struct, frozen=True):
    """One participant who rated, as the database knows it.

    Attributes:
        rater: its account, device, cluster and ratings; the weight is not filled in yet.
    """

    participant_id: str
    rater: Rater
    reputation: Reputation
    has_account: bool
    checked_in: bool


class RatedRoom(Struct, frozen=True):
    """The current ratings of a room and who gave them, at one head."""

    head: Head
    raters: tuple[KnownRater, ...]
    ratings: tuple[StanceRecord, ...]


class SettledRating(Struct, frozen=True):
    """One line of a person's history."""

    show_id: str
    show_title: str
    settlement: Settlement


Judge = Callable[[RatedShow], Awaitable[Sequence[Settlement]]]
"""Says what is settled."""

HistoryPlace = tuple[datetime, str, str]
"""(settled_at, show_id, entry_id): where a page of history ends."""


class Settlements(Protocol):
    """Keeps settled ratings and the reputations that follow from them."""

    async def settle(self, show_id: str, judge: Judge, as_of: datetime) -> int:
        """Reads what is to be settled in a show, makes what ``judge`` says its settlements, and
        computes the reputations of whom that concerns; how many accounts those are.

        One transaction, and one at a time: a run that looked earlier cannot write later.
        """
        ...

    async def outdated_shows(self, rule_version: int, limit: int) -> Sequence[str]:
        """Shows with settlements that an older rule made."""
        ...

    async def outdated_accounts(self, rule_version: int, limit: int) -> Sequence[str]:
        """Accounts whose reputation an older rule made."""
        ...

    async def recompute(self, account_ids: Sequence[str], as_of: datetime) -> None:
        """Computes reputations anew from what is settled."""
        ...


class Reputations(Protocol):
    """Tells people how reliable their ratings were."""

    async def of(self, account_id: str) -> Reputation:
        """An account's reputation; nothing settled: `rooms.accuracy.weights.UNKNOWN`."""
        ...

    async def history(
        self, account_id: str, after: HistoryPlace | None, limit: int
    ) -> Sequence[SettledRating]:
        """What was settled of an account's ratings, newest first."""
        ...


class Verdicts(Protocol):
    """Keeps what sources say of single entries."""

    async def song_in(self, show_id: str, entry_id: str) -> Song | None:
        """What stood in an entry last; ``None``: there never was such an entry."""
        ...

    async def put(self, show_id: str, verdict: EntryVerdict, source: str, command_id: str) -> bool:
        """Keeps a verdict once, with an effect `rooms.outbox.SETTLE_RATINGS` in the same
        transaction. False: this ``command_id`` was used for another one."""
        ...


class RaterClusters(Protocol):
    """Reads who rates in a room, and keeps which of them move together."""

    async def due(self, rule_version: int, limit: int) -> Sequence[str]:
        """Rooms whose ratings may bear weights of the past, the longest waiting first."""
        ...

    async def rated_room(self, show_id: str) -> RatedRoom:
        """The ratings of a room and who gave them, in one consistent read."""
        ...

    async def put(self, show_id: str, found: Mapping[str, str], at: datetime) -> None:
        """Keeps account → cluster."""
        ...

    async def refreshed(self, show_id: str, state_version: int, rule_version: int) -> None:
        """Remembers that a room's ratings bear the weights of now."""
        ...
