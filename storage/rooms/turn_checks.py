"""What every turn must be like, whichever log it is appended to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import pairwise

from rooms.ports import Turn, TurnRefused


def check(turn: Turn) -> None:
    """Judges a turn by itself.

    Raises:
        TurnRefused: its events do not follow ``expected``, their times decrease, or a voter, a
            stance, a command, a round or a client id comes twice.
    """
    first = turn.expected.seq + 1
    if any(event.seq != first + place for place, event in enumerate(turn.events)):
        raise TurnRefused("seq is not consecutive")
    if any(earlier.at > later.at for earlier, later in pairwise(turn.events)):
        raise TurnRefused("event times never decrease")
    _once("voter", [(record.round_id, record.participant_id) for record in turn.ballots])
    _once(
        "stance",
        ((record.participant_id, record.kind, record.subject) for record in turn.stances),
    )
    _once("command", [(record.participant_id, record.command_id) for record in turn.replies])
    _once("round", (record.round_id for record in turn.rounds))
    _once("client id", (client for event in turn.events for client in event.clients))


def _once(what: str, keys: Iterable[Hashable]) -> None:
    listed = tuple(keys)
    if len(set(listed)) != len(listed):
        raise TurnRefused(f"a {what} comes twice in one turn")
