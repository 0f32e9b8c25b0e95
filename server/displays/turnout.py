"""How many have voted in rounds whose count is a secret until the end.

How many took part says nothing of how they voted; a hall that sees the number rise takes part.
Where a result is never told this is not told either.
"""

from __future__ import annotations

from msgspec import Struct

from rooms.displays.ports import DisplayRecord
from rooms.node import Node
from rooms.rounds.windows import TAKES_VOTES
from rooms.vote_config import Visibility, VoteType


class TurnoutView(Struct, frozen=True):
    """``GET /api/displays/{id}/turnout``: voters by the open round's id, at most two seconds
    old."""

    voters: dict[str, int]


class Turnout:
    """Counts who has voted in the rooms of this node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def of(self, display: DisplayRecord) -> TurnoutView:
        """The turnout of the display's show, round by round."""
        room = await self._node.enter(display.show_id)
        try:
            replica = room.replica
            state = replica.state
            return TurnoutView(
                voters={
                    round_id: replica.running.count(
                        round_id, record.config, state.tallies.get(round_id, {})
                    ).voters
                    for round_id, record in state.rounds.items()
                    if record.status in TAKES_VOTES
                    and record.config.visibility is not Visibility.NEVER
                    and record.config.type is not VoteType.QUEUE
                }
            )
        finally:
            self._node.leave(room)
