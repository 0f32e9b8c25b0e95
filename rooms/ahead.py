"""Turns of votes that are decided while the turn before them is being committed.

A commit is waited for, and in a rush the next turn waits already: deciding it meanwhile takes the
wait out of the node's time. Nothing of it is told, kept or published before its own commit, which
comes after the other. What it was decided upon is what the room will be if the turn before is
kept; if that is lost, refused or unknown, or anything else has moved since, the decision is void
and the turn is decided again. The commands stay in the inbox until their turn comes.

Only votes: they write ballots and answers and move nothing that other decisions hang on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from rooms import commands as cmd
from rooms.answers import Answer
from rooms.decide.draft import BallotKey
from rooms.decide.turn import Decision
from rooms.ports import BallotRecord
from rooms.replica import BallotsView, Replica
from rooms.show import ShowFacts
from rooms.state import Memory

Waiting = tuple[cmd.Envelope, Callable[[Answer], None]]
"""A command and whoever waits for its answer."""

VOTES = frozenset({cmd.CastVote, cmd.WithdrawVote})
"""Commands about nobody but their author."""


class Ahead(Struct, frozen=True):
    """A turn that was decided ahead.

    Attributes:
        batch: its commands, with those who wait for the answers.
        decision: holds if the turn before was kept.
        before: the turn before.
        facts, memory: of the room at that moment.
    """

    batch: Sequence[Waiting]
    decision: Decision
    before: Decision
    facts: ShowFacts
    memory: Memory

    def holds(self, replica: Replica) -> bool:
        """Whether the room is now what it was taken to become."""
        state = replica.state
        return (
            state is self.before.state
            and state.head == self.decision.turn.expected
            and state.facts is self.facts
            and state.memory is self.memory
        )


class BallotsAfter:
    """Ballots as they will be after a turn that is not durable yet."""

    __slots__ = ("_before", "_cast")

    def __init__(self, before: BallotsView, decision: Decision) -> None:
        self._before = before
        self._cast: dict[BallotKey, BallotRecord] = {
            (record.round_id, record.participant_id): record for record in decision.turn.ballots
        }

    def get(self, key: BallotKey, /) -> BallotRecord | None:
        """See `rooms.decide.draft.BallotsBefore`."""
        return self._cast.get(key) or self._before.get(key)
