"""What crew sees of how a round's votes came about, and how it holds what it suspects."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from rooms import limits
from rooms.commands import HoldVotes
from rooms.ports import NewId
from rooms.rounds.scrutiny import Suspicion, VoterKindCount, suspicions
from server.gates import Gate
from server.problems import not_allowed, not_found
from server.room_calls import RoomCalls
from server.security.identity import Identity
from storage.shows.rounds import RoundIndex
from storage.shows.scrutiny import BURST_S, Scrutinies

AT_ONCE, WAITING_MAX = 2, 16
"""Looks at ballots on a node: one reads a whole round's, some 50 ms of ten thousand."""

HOLDS_MAX = 30
"""Commands of one call, of `limits.HELD_VOTES_SHOWN` ballots each: fewer than somebody may give at
once. Whoever is told of as many asks again."""


class ScrutinyView(Struct, frozen=True):
    """``GET /api/rounds/{id}/scrutiny``. ``burst``: the most newcomers who voted within the same
    ``burst_s`` seconds; ``suspected``: options that they prefer beyond chance."""

    round_id: str
    voters: int
    held: int
    kinds: list[VoterKindCount]
    burst: int
    burst_s: int
    suspected: list[Suspicion]


class HoldNewcomersBody(Struct, frozen=True):
    """``POST /api/rounds/{id}/held/newcomers``: all of them, or those who picked an option."""

    option_id: Annotated[str, Meta(max_length=64)] | None = None


class HeldNewcomersView(Struct, frozen=True):
    """How many ballots wait now that counted before."""

    round_id: str
    held: int


class Scrutiny:
    """For the crew of a show."""

    def __init__(
        self, calls: RoomCalls, index: RoundIndex, ballots: Scrutinies, new_id: NewId
    ) -> None:
        self._calls = calls
        self._index = index
        self._ballots = ballots
        self._new_id = new_id
        self._gate = Gate(AT_ONCE, WAITING_MAX)

    async def of(self, round_id: str, identity: Identity) -> ScrutinyView:
        """How the votes of a round came about.

        Raises:
            ApiError: ``unknown_round``; ``not_allowed``: it is for crew; ``busy``.
        """
        show_id = await self._show_of(round_id)
        async with self._calls.look(show_id, identity) as call:
            if not call.is_crew:
                raise not_allowed("Votes are reviewed by the show's crew.")
        async with self._gate.turn():
            counts = await self._ballots.counts(round_id)
            burst = await self._ballots.newcomers_burst(round_id)
        return ScrutinyView(
            round_id=round_id,
            voters=sum(count.voters for count in counts),
            held=sum(count.held for count in counts),
            kinds=counts,
            burst=burst,
            burst_s=BURST_S,
            suspected=suspicions(counts),
        )

    async def hold_newcomers(
        self, round_id: str, identity: Identity, option_id: str | None
    ) -> HeldNewcomersView:
        """Holds the newcomers' ballots that count so far, while the round takes votes.

        Raises:
            ApiError: ``unknown_round``, ``not_allowed``, ``round_not_open``, ``busy``.
        """
        show_id = await self._show_of(round_id)
        held = 0
        async with self._calls.enter(show_id, identity) as call, self._gate.turn():
            for _ in range(HOLDS_MAX):
                found = await self._ballots.newcomers(round_id, option_id, limits.HELD_VOTES_SHOWN)
                command = HoldVotes(round_id=round_id, participant_ids=tuple(found))
                ack = await call.give(self._new_id(), command)
                held += len(ack.data["held"])
                if len(found) < limits.HELD_VOTES_SHOWN:
                    break
        return HeldNewcomersView(round_id=round_id, held=held)

    async def _show_of(self, round_id: str) -> str:
        show_id = await self._index.show_of(round_id)
        if show_id is None:
            raise not_found("round")
        return show_id
